// A unit is not affected by earlier units: an instance that was used gives the same results as a new one.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takeInstance } from '../../src/toolchain/instances.js';
import { DEFAULT_MAX_MEMORY } from '../../src/toolchain/limits.js';
import { loadProgram, openCompiler } from '../support/compiler.js';
import { scratch } from '../support/native.js';
import { REPOSITORY } from '../support/project.js';

const CODEGEN = join(REPOSITORY, 'fixtures/codegen');
const TRIPLES = ['x86_64-unknown-linux-musl', 'aarch64-unknown-linux-musl'];
const BAD = {
  'bad.c': 'int main(void) { return missing; }\n#error "on purpose"\n',
  // Nested too deeply for the program's stack.
  'deep.c': `int x = ${'('.repeat(200_000)}1${')'.repeat(200_000)};\n`,
};
const UNITS = readdirSync(CODEGEN).filter((name) => /\.(c|cpp|ll)$/.test(name));
const JOBS = [...UNITS, ...Object.keys(BAD)].flatMap((name, i) => [
  { name, triple: TRIPLES[i % 2] as string, flags: name.endsWith('.ll') ? [] : [i % 3 === 0 ? '-O0' : '-O2', '-w'] },
]);

describe('an instance that is kept', { timeout: 600_000 }, () => {
  const program = loadProgram();
  const fresh = openCompiler(CODEGEN);
  const kept = openCompiler(CODEGEN, { program });
  const folder = scratch();
  for (const [name, text] of Object.entries(BAD)) writeFileSync(join(folder, name), text);
  const badFresh = openCompiler(folder);
  const badKept = openCompiler(folder, { program });

  const compile = (keeps: boolean, { name, triple, flags }: (typeof JOBS)[number]) => {
    const isBad = Object.hasOwn(BAD, name);
    const compiler = keeps ? (isBad ? badKept : kept) : isBad ? badFresh : fresh;
    const { outputs, failure, diagnostics } = compiler.compile(name, triple, flags, ['object', 'bitcode', 'ir']);
    const bytes = Object.entries(outputs ?? {}).map(([kind, output]) => [kind, Buffer.from(output).toString('base64')]);
    return { name, bytes, failure, diagnostics };
  };

  test('gives the same bytes and messages, whatever came before', () => {
    const expected = new Map(JOBS.map((job) => [job.name, compile(false, job)]));
    expect(expected.get('bad.c')?.diagnostics).toContain('on purpose');
    expect(expected.get('deep.c')?.failure).toBeDefined();
    for (const order of [JOBS, JOBS.toReversed()])
      for (const job of order) expect(compile(true, job)).toEqual(expected.get(job.name));
  });

  test('has the memory of one that has not run', () => {
    for (const job of JOBS.slice(0, 4)) compile(true, job);
    const again = takeInstance(program, {}, DEFAULT_MAX_MEMORY);
    const other = takeInstance(loadProgram(), {}, DEFAULT_MAX_MEMORY);
    const seen = Buffer.from(again.memory.buffer);
    const whole = Buffer.from(other.memory.buffer);
    // Its memory has grown, so it was used.
    expect(seen.length).toBeGreaterThan(whole.length);
    expect(seen.subarray(0, whole.length).equals(whole)).toBe(true);
    expect(seen.subarray(whole.length).every((byte) => byte === 0)).toBe(true);
    expect(again.used()).toBeLessThanOrEqual(whole.length);
  });
});
