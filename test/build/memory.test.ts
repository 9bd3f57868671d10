import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, REPOSITORY } from '../support/project.js';

/** Peak memory, in MiB, of a build of so many units that each become an entry of 1 MiB. */
function peak(units: number): number {
  const unit = (i: number) => `char big_${i}[1 << 20] = {${i % 128}};\nint f_${i}(int x) { return x + big_${i}[x]; }\n`;
  const files = Object.fromEntries(Array.from({ length: units }, (_, i) => [`u${i}.c`, unit(i)]));
  const cwd = project({ 'package.json': '{"name":"many"}', ...files });
  const script = join(REPOSITORY, 'test/support/peak-memory.mjs');
  const output = execFileSync(process.execPath, [script, cwd, join(cwd, 'out')], { encoding: 'utf8' });
  const { entries } = JSON.parse(readFileSync(join(cwd, 'out/artifact.json'), 'utf8'));
  expect(entries).toHaveLength(2 * units);
  return Number(output);
}

test('the peak of a build does not grow with the number of units', () => {
  const few = peak(20);
  const many = peak(120);
  console.log(`peak memory: ${few} MiB for 20 units, ${many} MiB for 120`);
  // Holding on to the objects alone would take 100 MiB more, and to every instance far more.
  expect(many).toBeLessThan(few + 70);
});
