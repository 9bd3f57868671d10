// art's objects are the same as those of native clang, for every fixture and every optimisation level.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { differences } from '../support/compare.js';
import { available, nativeClang, TRIPLES } from '../support/native.js';
import { art, project, REPOSITORY, unpack } from '../support/project.js';

const FIXTURES = join(REPOSITORY, 'fixtures/codegen');

describe.skipIf(!available('clang-22'))('objects of the fixtures against native clang', () => {
  const native = nativeClang();
  const sources = readdirSync(FIXTURES).filter((name) => /\.(c|cpp|ll)$/.test(name));

  it.each(['-O0', '-O1', '-O2', '-O3', '-Os', '-Oz'])('%s: every section is the same', (level) => {
    const out = project({});
    const built = art(['build', FIXTURES, '--out', out, '--emit', 'object', '--quiet', level]);
    expect(built).toMatchObject({ status: 0, stderr: '' });
    const objects = join(unpack(out), 'objects');
    const found: Record<string, string[]> = {};
    for (const triple of TRIPLES)
      for (const source of sources) {
        const ours = readFileSync(join(objects, triple, `${source}.o`));
        const different = differences(ours, native(source, triple, [level], FIXTURES));
        if (different.length > 0) found[`${source} ${triple}`] = different;
      }
    expect(found).toEqual({});
  });
});
