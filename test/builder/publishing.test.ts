// An artifact is replaced in one step together with its signature, no matter when the process dies.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { ownName } from '../../src/platform/node/owner.js';
import { art, REPOSITORY, startArt } from '../support/project.js';
import {
  expectPlaced,
  findWhole,
  killedAt,
  killing,
  makeSamples,
  operationsOf,
  outputDirectory,
  publishing,
  reading,
  running,
  type Sample,
  type Samples,
} from '../support/publishing.js';
import { unprivileged } from '../support/unprivileged.js';

const MAIN = join(REPOSITORY, 'dist/cli/main.js');

test.each(['signed', 'plain'] as const)(
  'a %s build that is killed while it publishes leaves the old artifact whole, or the new one',
  async (kind) => {
    await killing(kind, 24); // test:full: 1,000
  },
);

test('so does the command, with its signature', async () => {
  const samples = makeSamples(1);
  const { s0, p0 } = samples.all as { s0: Sample; p0: Sample };
  writeFileSync(join(samples.cwd, 'a.s'), '.globl s0\ns0: ret\n.fill 0, 1, 0\n');
  const build = [MAIN, 'build', 'a.s', '--target', 'x86_64', '--emit', 'object', '--sign', 'k.key', '--out', 'out'];
  const out = outputDirectory(samples.cwd, 'out');
  const total = operationsOf(build, samples.cwd);
  expectPlaced(out, s0, ['readme.txt']);
  const found = new Set<Sample>();
  for (const part of [0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9]) {
    await running(publishing(out, 0, [p0]));
    expect(killedAt(Math.ceil(total * part), build, samples.cwd).survived).toBe(false);
    found.add(await findWhole(out, samples));
  }
  expect(found).toEqual(new Set([s0, p0]));
  expect(killedAt(10_000, build, samples.cwd).survived).toBe(true);
  expectPlaced(out, s0, ['readme.txt']);
});

test('eight that publish and four that read never see a mixture, or nothing', async () => {
  const samples = makeSamples(2);
  const out = join(samples.cwd, 'out');
  const all = Object.values(samples.all);
  await running(publishing(out, 0, all.slice(0, 1)));
  const seconds = 6;
  const [published, seen] = await Promise.all([
    Promise.all(Array.from({ length: 8 }, (_, i) => running(publishing(out, seconds, [...all.slice(i % 4), ...all])))),
    Promise.all(Array.from({ length: 4 }, () => reading(out, seconds, samples))),
  ]);
  for (const { wrong, looks } of seen) expect([wrong, looks > 0]).toEqual([[], true]);
  expect(published.every((text) => Number(text) > 0)).toBe(true);
  expectPlaced(out, await findWhole(out, samples));
});

test('eight commands into one folder, signed and plain, all end well, and one of them is there whole', async () => {
  const samples = makeSamples(4);
  const status = Object.values(samples.all).map(({ signed, source }, i) => {
    const cwd = join(samples.cwd, String(i));
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'package.json'), '{"name":"p","version":"1.0.0"}');
    writeFileSync(join(cwd, 'a.s'), source);
    const args = ['build', 'a.s', '--target', 'x86_64', '--emit', 'object', '--out', '../out'];
    const child = startArt([...args, ...(signed ? ['--sign', '../k.key'] : [])], { cwd });
    return new Promise((resolve) => child.on('exit', resolve));
  });
  expect(await Promise.all(status)).toEqual(Array(8).fill(0));
  const out = join(samples.cwd, 'out');
  expectPlaced(out, await findWhole(out, samples));
});

/** A directory in which a process was killed right after the new artifact had become visible. */
function interrupted(out: string, before: Sample, next: Sample, { cwd }: Samples): void {
  for (let at = operationsOf(publishing(out, 0, [before]), cwd); at > 0; at--) {
    killedAt(at, publishing(out, 0, [next]), cwd);
    const [id = ''] = existsSync(join(out, '.art-publishing')) ? readdirSync(join(out, '.art-publishing')) : [];
    if (id && readdirSync(join(out, '.art-publishing', id, 'place')).length === readdirSync(next.path).length) return;
    operationsOf(publishing(out, 0, [before]), cwd);
  }
  throw new Error('it was never interrupted there');
}

test('what was interrupted is read by every command, also where nothing may be written', (context) => {
  const under = unprivileged(context);
  const samples = makeSamples(2);
  const { s0, s1 } = samples.all as { s0: Sample; s1: Sample };
  const { cwd } = samples;
  const out = join(cwd, 'out');
  interrupted(out, s0, s1, samples);
  const placed = readdirSync(out).sort();
  chmodSync(out, 0o555);
  for (const [i, source] of ['out', 'out/artifact.json'].entries()) {
    expect(art(['verify', source, '--key', 'k.pub'], { cwd, under })).toMatchObject({ status: 0, stderr: '' });
    expect(art(['diff', source, 's1'], { cwd, under }).status).toBe(0);
    expect(art(['inspect', source], { cwd, under }).stdout).toBe(
      art(['inspect', 's1'], { cwd }).stdout.replaceAll('s1', source),
    );
    expect(art(['extract', source, '--key', 'k.pub', '--out', `x${i}`, '--quiet'], { cwd, under }).status).toBe(0);
    expect(art(['convert', source, '--to', 'archive', '--out', `c${i}`], { cwd, under }).status).toBe(0);
    expectPlaced(join(cwd, `c${i}`), s1);
  }
  expect(readdirSync(out).sort()).toEqual(placed);
  chmodSync(out, 0o755);
});

test('the first artifact of a folder that was interrupted is there, and art sign finishes it', async () => {
  const samples = makeSamples(1);
  const { s0, p0 } = samples.all as { s0: Sample; p0: Sample };
  const out = join(samples.cwd, 'out');
  // There is no artifact until the process has moved it into place.
  const total = operationsOf(publishing(join(samples.cwd, 'other'), 0, [p0]), samples.cwd);
  for (let at = 1; !existsSync(join(out, '.art-publishing')) && at <= total; at++)
    killedAt(at, publishing(out, 0, [p0]), samples.cwd);
  expect(existsSync(join(out, 'artifact.json'))).toBe(false);
  expect(await findWhole(out, samples)).toBe(p0);
  expect(art(['sign', 'out', '--key', 'k.key'], { cwd: samples.cwd })).toMatchObject({ status: 0, stderr: '' });
  expect(readdirSync(out).sort()).toEqual(readdirSync(s0.path).sort());
  expect(art(['verify', 'out', '--key', 'k.pub'], { cwd: samples.cwd }).status).toBe(0);
});

test('one that stood still while another finished its work and went on moves nothing any more', async () => {
  const samples = makeSamples(2);
  const { s0, s1, p0 } = samples.all as { s0: Sample; s1: Sample; p0: Sample };
  const out = join(samples.cwd, 'out');
  const total = operationsOf(publishing(out, 0, [s0]), samples.cwd);
  let met = 0;
  for (let at = total - 8; at > total - 20; at -= 2) {
    const still = spawn(
      process.execPath,
      ['--import', join(REPOSITORY, 'test/support/kill-at.mjs'), ...publishing(out, 0, [s1])],
      { stdio: 'ignore', env: { ...process.env, KILL_AT: String(at), SIGNAL: 'SIGSTOP' } },
    );
    onTestFinished(() => void still.kill('SIGKILL'));
    const status = new Promise((resolve) => still.on('exit', resolve));
    while (!isStopped(still.pid as number)) await sleep(50);
    met += Number(existsSync(join(out, '.art-publishing')));
    await running(publishing(out, 0, [p0]));
    expect(readdirSync(out).filter((name) => name.startsWith('artifact'))).toEqual(readdirSync(p0.path));
    still.kill('SIGCONT');
    expect(await status).toBe(0);
    expect([s1, p0]).toContain(await findWhole(out, samples));
    expectPlaced(out, await findWhole(out, samples));
  }
  expect(met).toBeGreaterThan(2);
});

const isStopped = (pid: number) => /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));

test('art sign leaves the signature alone where a build has replaced what it looked at', async () => {
  const samples = makeSamples(2);
  const { s0, s1 } = samples.all as { s0: Sample; s1: Sample };
  const { cwd } = samples;
  const out = join(cwd, 'out');
  await running(publishing(out, 0, [s0]));
  const sign = [MAIN, 'sign', 'out', '--key', 'k.key'];
  const total = operationsOf(sign, cwd);
  const child = spawn(process.execPath, ['--import', join(REPOSITORY, 'test/support/kill-at.mjs'), ...sign], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, KILL_AT: '1', SIGNAL: 'SIGSTOP' },
  });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  const status = new Promise((resolve) => child.on('close', resolve));
  while (!isStopped(child.pid as number)) await sleep(50);
  await running(publishing(out, 0, [s1]));
  child.kill('SIGCONT');
  expect(await status).toBe(1);
  expect(said).toBe("art: error: 'out' was replaced while it was signed: sign it again\n");
  expectPlaced(out, s1);
  // A killed command leaves a complete signature, the old one or the new one.
  for (let at = 1; at <= total; at++) {
    killedAt(at, sign, cwd);
    expect(await findWhole(out, samples)).toBe(s1);
  }
  expect(art(['sign', 'out', '--key', 'k.key'], { cwd }).status).toBe(0);
  expectPlaced(out, s1);
});

/** The lock names of a process that has ended, and of one on another machine. */
const gone = () =>
  spawnSync(
    process.execPath,
    [
      ...['--input-type=module', '-e'],
      `import { ownName } from '${join(REPOSITORY, 'dist/platform/node/owner.js')}'; process.stdout.write(ownName());`,
    ],
    { encoding: 'utf8' },
  ).stdout;

test('a dead owner costs no wait, nor one whose process id another process has by now', async () => {
  const samples = makeSamples(1);
  const { s0 } = samples.all as { s0: Sample };
  const again = ownName().replace(/^(.{12}-\d+-)\d+/, '$11');
  expect(again).not.toBe(ownName());
  for (const owner of [gone(), again]) {
    const out = join(samples.cwd, 'out');
    mkdirSync(join(out, '.art-publishing', owner), { recursive: true });
    const started = performance.now();
    await running(publishing(out, 0, [s0]));
    // For a process that may still be alive, the command would wait ten seconds.
    expect(performance.now() - started).toBeLessThan(9_000);
    expectPlaced(out, s0);
  }
});

test('a lock of another machine is waited for, and counts no more once nothing happens', async () => {
  const samples = makeSamples(1);
  const { s0 } = samples.all as { s0: Sample };
  const out = join(samples.cwd, 'out');
  mkdirSync(join(out, '.art-publishing/0123456789ab-1-1-01234567'), { recursive: true });
  const started = performance.now();
  await running(publishing(out, 0, [s0]));
  expect(performance.now() - started).toBeGreaterThan(9_000);
  expectPlaced(out, s0);
});
