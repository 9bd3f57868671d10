// A large real source: how many of its functions are byte-identical with native clang's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { functions } from '../support/compare.js';
import { available, nativeClang, TRIPLES } from '../support/native.js';
import { art, project, REPOSITORY, unpack } from '../support/project.js';

const SQLITE = join(REPOSITORY, 'test/inputs/node_modules/better-sqlite3/deps/sqlite3');
const [X86, ARM] = TRIPLES;
const MINUTES = 60_000;

const CASES =
  process.env.ART_FULL === '1'
    ? TRIPLES.flatMap((triple) => ['-O0', '-O2', '-Os'].map((level) => [triple, level] as const))
    : ([
        [X86, '-O2'],
        [ARM, '-O0'],
      ] as const);

describe.skipIf(!available('clang-22'))('sqlite3.c against native clang', () => {
  const native = nativeClang();

  it.each(CASES)(
    '%s %s',
    (triple, level) => {
      const out = project({});
      const args = ['build', 'sqlite3.c', '--quiet', '--emit', 'object', '--target', triple, '--out', out, level];
      expect(art(args, { cwd: SQLITE })).toMatchObject({ status: 0 });
      // The project is the nearest folder with a package.json; names in the object are relative to it.
      const inside = 'deps/sqlite3/sqlite3.c';
      const ours = functions(readFileSync(join(unpack(out), `objects/${triple}/${inside}.o`)));
      const theirs = functions(native(inside, triple, [level], join(SQLITE, '../..')));
      const names = [...new Set([...ours.keys(), ...theirs.keys()])];
      const different = names.filter((name) => ours.get(name) !== theirs.get(name));
      const same = names.length - different.length;
      console.log(`sqlite3.c ${triple} ${level}: ${same} of ${names.length} functions identical`);
      expect(different).toEqual([]);
    },
    10 * MINUTES,
  );
});
