import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, REPOSITORY } from '../support/project.js';

const UNITS = 80;
/** Peak memory grows with V8's optimising and with the kept headers, but only until this many units are done. */
const SETTLED = 35;
/** Allowed growth in MiB; keeping what the other 45 units read or write would take 360 or 450. */
const MARGIN = 150;

test.each([
  [
    'that each become an entry of 8 MiB',
    (i: number) => ({
      [`u${i}.c`]: `char big_${i}[8 << 20] = {${i % 128}};\nint f_${i}(int x) { return x + big_${i}[x]; }\n`,
    }),
  ],
  [
    'that each have a header of 10 MiB',
    (i: number) => ({ [`u${i}.c`]: `#include "h${i}.h"\nint u_${i};\n`, [`h${i}.h`]: `/*${' '.repeat(10 << 20)}*/\n` }),
  ],
])('the peak of a build does not grow with the number of units %s', (_, files) => {
  const cwd = project(
    Object.assign({ 'package.json': '{"name":"many"}' }, ...Array.from({ length: UNITS }, (_, i) => files(i))),
  );
  const script = join(REPOSITORY, 'test/support/peak-memory.mjs');
  const output = execFileSync(process.execPath, [script, cwd, join(cwd, 'out'), String(SETTLED)], { encoding: 'utf8' });
  const { entries } = JSON.parse(readFileSync(join(cwd, 'out/artifact.json'), 'utf8'));
  expect(entries).toHaveLength(UNITS);
  const [few, all] = JSON.parse(output);
  console.log(`peak memory: ${few} MiB after ${SETTLED} units, ${all} MiB after ${UNITS}`);
  expect(all).toBeLessThan(few + MARGIN);
});
