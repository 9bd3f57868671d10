// As publishing.test.ts, but with many more runs.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { REPOSITORY } from '../support/project.js';
import {
  expectPlaced,
  findWhole,
  killing,
  makeSamples,
  outputDirectory,
  publishing,
  reading,
  running,
  type Sample,
} from '../support/publishing.js';

const HOUR = 3_600_000;

test.each(['signed', 'plain'] as const)(
  '1,000 %s builds that are killed while they publish',
  { timeout: HOUR },
  (kind) => killing(kind, 1000),
);

/** System calls that change a file system, or write it to the disk. */
const SYSTEM_CALLS =
  'mkdir,mkdirat,open,openat,write,pwrite64,fsync,close,rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir';

test.for(['s0', 'p0'])(
  '%s is published by a process that is killed at each of its system calls',
  { timeout: HOUR },
  async (name, context) => {
    const trace = (options: string[], args: string[], cwd: string) =>
      spawnSync('strace', ['-f', '-qq', '-o', join(cwd, 'trace'), ...options, process.execPath, ...args], {
        cwd,
        encoding: 'utf8',
        // One thread does all file operations, so that the order of calls is fixed.
        env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
      });
    const samples = makeSamples(2);
    const { cwd } = samples;
    const out = outputDirectory(cwd, 'out');
    const next = samples.all[name] as Sample;
    const others = [samples.all.s1, samples.all.p1] as Sample[];
    await running(publishing(out, 0, [others[0] as Sample]));
    if (trace([`-e`, `trace=${SYSTEM_CALLS}`], publishing(out, 0, [next]), cwd).error)
      context.skip('strace is missing');
    // For each kind of call that concerns the directory: how often it occurs, and in which thread.
    const lines = readFileSync(join(cwd, 'trace'), 'utf8').split('\n');
    const thread = lines.find((line) => line.includes('/.art-build-'))?.split(/\s/, 1)[0];
    const counts = new Map<string, number>();
    let first: Map<string, number> | undefined;
    for (const line of lines) {
      if (line.includes('/.art-build-')) first ??= new Map(counts);
      const call = line.startsWith(`${thread} `) && /^\d+\s+(\w+)\(/.exec(line)?.[1];
      if (call) counts.set(call, (counts.get(call) ?? 0) + 1);
    }
    let killed = 0;
    const found = new Set<boolean>();
    for (const [call, count] of counts)
      for (let n = (first?.get(call) ?? 0) + 1; n <= count; n++) {
        const before = others[killed % 2] as Sample;
        await running(publishing(out, 0, [before]));
        expectPlaced(out, before, ['readme.txt']);
        const options = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${n}`];
        if (trace(options, publishing(out, 0, [next]), cwd).signal !== 'SIGKILL') continue; // of another thread
        killed++;
        const now = await findWhole(out, samples);
        expect([before, next]).toContain(now);
        found.add(now === next);
      }
    expect(killed).toBeGreaterThan(30);
    expect([...found].sort()).toEqual([false, true]);
  },
);

test('eight builds and four readers, for a minute', { timeout: HOUR }, async () => {
  const samples = makeSamples(4);
  const { cwd } = samples;
  const out = outputDirectory(cwd, 'out');
  const seconds = 60;
  await running(publishing(out, 0, [samples.all.s0 as Sample]));
  let built = 0;
  const end = performance.now() + seconds * 1000;
  const building = async ({ signed, source }: Sample, i: number) => {
    const own = join(cwd, String(i));
    mkdirSync(own);
    writeFileSync(join(own, 'package.json'), '{"name":"p","version":"1.0.0"}');
    writeFileSync(join(own, 'a.s'), source);
    const args = ['build', join(own, 'a.s'), '--target', 'x86_64', '--emit', 'object', '--out', out, '--quiet'];
    while (performance.now() < end) {
      await running(
        [join(REPOSITORY, 'dist/cli/main.js'), ...args, ...(signed ? ['--sign', join(cwd, 'k.key')] : [])],
        own,
      );
      built++;
    }
  };
  const [seen] = await Promise.all([
    Promise.all(Array.from({ length: 4 }, () => reading(out, seconds, samples))),
    ...Object.values(samples.all).map(building),
  ]);
  for (const { wrong, looks } of seen) expect([wrong, looks > 0]).toEqual([[], true]);
  expect(built).toBeGreaterThanOrEqual(8);
  expectPlaced(out, await findWhole(out, samples), ['readme.txt']);
});
