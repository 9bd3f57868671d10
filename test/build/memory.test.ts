import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, REPOSITORY } from '../support/project.js';

/** Peak memory, in MiB, of a build of so many units. */
function peak(units: number, files: (i: number) => Record<string, string>): number {
  const all = Object.assign({}, ...Array.from({ length: units }, (_, i) => files(i)));
  const cwd = project({ 'package.json': '{"name":"many"}', ...all });
  const script = join(REPOSITORY, 'test/support/peak-memory.mjs');
  const output = execFileSync(process.execPath, [script, cwd, join(cwd, 'out')], { encoding: 'utf8' });
  const { entries } = JSON.parse(readFileSync(join(cwd, 'out/artifact.json'), 'utf8'));
  expect(entries).toHaveLength(units);
  return Number(output);
}

// Holding on to what 70 units have read or made would take 280 MiB more, or 700 MiB. How far V8 has tiered up, and when it
// collects, moves the peak of one and the same build by up to 100 MiB; both are only reached after some units, as is what is kept of headers.
const MARGIN = 150;

test.each([
  [
    'that each become an entry of 4 MiB',
    30,
    (i: number) => ({
      [`u${i}.c`]: `char big_${i}[4 << 20] = {${i % 128}};\nint f_${i}(int x) { return x + big_${i}[x]; }\n`,
    }),
  ],
  [
    'that each have a header of 10 MiB',
    30,
    (i: number) => ({ [`u${i}.c`]: `#include "h${i}.h"\nint u_${i};\n`, [`h${i}.h`]: `/*${' '.repeat(10 << 20)}*/\n` }),
  ],
])('the peak of a build does not grow with the number of units %s', (_, start, files) => {
  const few = peak(start, files);
  const many = peak(start + 70, files);
  console.log(`peak memory: ${few} MiB for ${start} units, ${many} MiB for ${start + 70}`);
  expect(many).toBeLessThan(few + MARGIN);
});
