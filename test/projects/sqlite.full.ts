// The whole way with a real program: SQLite and a program of ours are built for both targets, linked with each target's
// C library, and run; and the number of SQLite's functions that are byte-identical to native clang's.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { functions } from '../support/compare.js';
import { available, nativeClang, run, scratch, TRIPLES } from '../support/native.js';
import { art, REPOSITORY } from '../support/project.js';

const PACKAGE = join(REPOSITORY, 'test/inputs/node_modules/better-sqlite3');
const SQLITE = join(PACKAGE, 'deps/sqlite3');
/** The project is the nearest folder with a package.json; names in an object are relative to it. */
const SOURCE = 'deps/sqlite3/sqlite3.c';
const DEFINES = ['-DSQLITE_THREADSAFE=0', '-DSQLITE_OMIT_LOAD_EXTENSION'];
const [X86, ARM] = TRIPLES;
const MINUTES = 60_000;

const EXPECTED = `name=Jupiter moons=95
name=Mars moons=2
name=Earth moons=1
n=4 mass=318.962 last=MERCURY
fibonacci=12586269025
light=Mars+Mercury
`;

const folder = scratch();

/** Builds into a folder of this name, and returns the folder of the objects. */
function build(name: string, ...args: string[]): string {
  const out = join(folder, name);
  expect(art(['build', '--quiet', '--emit', 'object', '--out', out, ...args])).toMatchObject({ status: 0 });
  run('tar', ['-xzf', join(out, 'artifact.tar.gz'), '-C', out]);
  return join(out, 'objects');
}

const library = join(SQLITE, 'sqlite3.c');
let built: string;
let program: string;
beforeAll(() => {
  built = build('library', '-O2', ...DEFINES, library);
  program = build('program', '-O2', ...DEFINES, 'fixtures/sqlite-query', `-I${SQLITE}`);
}, 15 * MINUTES);

describe('SQLite, built by art', () => {
  /** Links, and returns the program. */
  function link(linker: string, triple: string, ...flags: string[]): string {
    const linked = join(folder, `query-${triple}`);
    const objects = [join(built, triple, `${SOURCE}.o`), join(program, triple, 'main.c.o')];
    run(linker, [...objects, ...flags, '-lm', '-o', linked]);
    return linked;
  }

  it.skipIf(!available('gcc'))('answers queries on x86_64', () => {
    const query = link('gcc', X86);
    expect(run(query, [])).toBe(EXPECTED);
    // With a database in a file, which uses os_unix.c and the C library's stat, fcntl and mmap.
    expect(run(query, [join(folder, 'x86_64.db')])).toBe(EXPECTED);
  });

  it.skipIf(!available('aarch64-linux-gnu-gcc', 'qemu-aarch64-static'))('answers queries on aarch64', () => {
    const query = link('aarch64-linux-gnu-gcc', ARM, '-static');
    expect(run('qemu-aarch64-static', [query])).toBe(EXPECTED);
    expect(run('qemu-aarch64-static', [query, join(folder, 'aarch64.db')])).toBe(EXPECTED);
  });
});

describe.skipIf(!available('clang-22'))('sqlite3.c against native clang', () => {
  const native = nativeClang();

  function compare(triple: string, flags: readonly string[], objects: string): void {
    const ours = functions(readFileSync(join(objects, triple, `${SOURCE}.o`)));
    const theirs = functions(native(SOURCE, triple, flags, PACKAGE));
    const names = [...new Set([...ours.keys(), ...theirs.keys()])];
    const different = names.filter((name) => ours.get(name) !== theirs.get(name));
    console.log(
      `sqlite3.c ${triple} ${flags[0]}: ${names.length - different.length} of ${names.length} functions identical`,
    );
    expect(different).toEqual([]);
  }

  it.each(TRIPLES)('%s -O2', (triple) => compare(triple, ['-O2', ...DEFINES], built), 10 * MINUTES);

  const others =
    process.env.ART_FULL === '1'
      ? TRIPLES.flatMap((t) => [
          [t, '-O0'],
          [t, '-Os'],
        ])
      : [[ARM, '-O0']];
  it.each(others)(
    '%s %s',
    (triple = '', level = '') =>
      compare(triple, [level], build(`${triple}${level}`, level, '--target', triple, library)),
    10 * MINUTES,
  );
});
