import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, REPOSITORY } from '../support/project.js';

/** Peak memory, in MiB, of a build of so many units that each become an entry of 4 MiB. */
function peak(units: number): number {
  const unit = (i: number) => `char big_${i}[4 << 20] = {${i % 128}};\nint f_${i}(int x) { return x + big_${i}[x]; }\n`;
  const files = Object.fromEntries(Array.from({ length: units }, (_, i) => [`u${i}.c`, unit(i)]));
  const cwd = project({ 'package.json': '{"name":"many"}', ...files });
  const script = join(REPOSITORY, 'test/support/peak-memory.mjs');
  const output = execFileSync(process.execPath, [script, cwd, join(cwd, 'out')], { encoding: 'utf8' });
  const { entries } = JSON.parse(readFileSync(join(cwd, 'out/artifact.json'), 'utf8'));
  expect(entries).toHaveLength(units);
  return Number(output);
}

test('the peak of a build does not grow with the number of units', () => {
  const few = peak(10);
  const many = peak(80);
  console.log(`peak memory: ${few} MiB for 10 units, ${many} MiB for 80`);
  // Holding on to the objects would take 280 MiB more. How far V8 has tiered up, and when it collects, moves the peak of
  // one and the same build by up to 100 MiB.
  expect(many).toBeLessThan(few + 150);
});
