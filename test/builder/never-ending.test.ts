import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BuildFailedError, build } from 'art-aot';
import { expect, test } from 'vitest';
import { art, digests, project, startArt } from '../support/project.js';
import { ENDLESS } from '../support/same.js';

const SOUND = 'int answer(void) { return 42; }\n';
const PACKAGE = { 'package.json': '{"name":"p","version":"1.0.0"}' };
/** Ends these commands even if the test runner is killed. */
const END = ['--timeout', '120'];

test('a unit that takes too long fails, the others are reported, and the process ends', () => {
  const cwd = project({ ...PACKAGE, 'endless.cpp': ENDLESS, 'broken.c': 'int b(void) { return }', 'sound.c': SOUND });
  const started = Date.now();
  const result = art(['build', '.', '--out', 'out', '--target', 'x86_64', '--timeout', '6', '--jobs', '1'], { cwd });
  expect(Date.now() - started).toBeLessThan(25_000);
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(/^art: error: endless\.cpp for x86_64\S+ was not done after 6 s: raise --timeout/m);
  expect(result.stderr).toMatch(/^broken\.c:1:\d+: error: expected expression/m);
  expect(result.stderr).toMatch(/sound\.c \(x86_64\)$/m);
  expect(result.stderr).toMatch(/2 units did not compile: broken\.c, endless\.cpp$/m);
});

test('a unit that takes too long is reported with the program that was at work and what it said last', async () => {
  const cwd = project({ ...PACKAGE, 'src/endless.cpp': `#warning not yet\n#warning still at it\n${ENDLESS}` });
  const options = { cwd, inputs: ['./src'], out: 'out', targets: ['x86_64'], timeout: 6 };
  const error = await build(options).catch((e) => e);
  expect(error).toBeInstanceOf(BuildFailedError);
  const [failure] = (error as BuildFailedError).failures;
  expect(failure).toMatchObject({ kind: 'timed-out', program: 'clang' });
  expect(failure?.message).toMatch(
    /^\.\/src\/endless\.cpp for x86_64\S+ was not done after 6 s: .*; clang was at work and last said:\n/,
  );
  expect(failure?.message).toMatch(/^\.\/src\/endless\.cpp:2:2: warning: still at it/m);
});

test('the library says which unit timed out, and the next build in the same process works', async () => {
  const cwd = project({ ...PACKAGE, 'endless.cpp': ENDLESS });
  const options = { cwd, out: 'out', targets: ['x86_64'] };
  const error = await build({ ...options, inputs: ['endless.cpp'], timeout: 2 }).catch((e) => e);
  expect(error).toBeInstanceOf(BuildFailedError);
  expect((error as BuildFailedError).failures).toMatchObject([{ unit: 'endless.cpp', kind: 'timed-out' }]);
  const sound = project({ ...PACKAGE, 'sound.c': SOUND });
  await expect(build({ ...options, cwd: sound, inputs: ['.'] })).resolves.toMatchObject({ units: 1 });
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends a build at once, with status %i, and leaves nothing behind', async (signal, status) => {
  const cwd = project({ ...PACKAGE, 'endless.cpp': ENDLESS });
  const child = startArt(['build', '.', '--out', 'out', ...END], { cwd });
  const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
  await staging(join(cwd, 'out'));
  await sleep(1000);
  child.kill(signal);
  const started = Date.now();
  expect(await exit).toBe(status);
  expect(Date.now() - started).toBeLessThan(10_000);
  expect(existsSync(join(cwd, 'out'))).toBe(false);
});

test('after SIGKILL in mid-build the old artifact is whole, and the next build clears up', async () => {
  const cwd = project({ ...PACKAGE, 'sound.c': SOUND, 'later/endless.cpp': ENDLESS });
  const out = join(cwd, 'out');
  expect(art(['build', 'sound.c', '--out', 'out'], { cwd }).status).toBe(0);
  const before = digests(out);

  const child = startArt(['build', '.', '--out', 'out', '--jobs', '2', ...END], { cwd });
  const exit = new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)));
  const leftover = await staging(out);
  // Kills it while it works, when its folder contains an incomplete archive.
  await sleep(2500);
  child.kill('SIGKILL');
  expect(await exit).toBe('SIGKILL');
  expect(readdirSync(out)).toContain(leftover);
  expect(digests(out)).toEqual(before);

  expect(art(['build', 'sound.c', '--out', 'out'], { cwd }).status).toBe(0);
  expect(readdirSync(out).sort()).toEqual(['artifact.json', 'artifact.tar.gz']);
  expect(digests(out)).toEqual(before);
});

test('a build does not clear up after one that still runs', async () => {
  const cwd = project({ ...PACKAGE, 'sound.c': SOUND, 'later/endless.cpp': ENDLESS });
  const out = join(cwd, 'out');
  startArt(['build', 'later', '--out', 'out', '--target', 'x86_64', ...END], { cwd });
  const running = await staging(out);
  expect(art(['build', 'sound.c', '--out', 'out'], { cwd }).status).toBe(0);
  expect(readdirSync(out).sort()).toEqual([running, 'artifact.json', 'artifact.tar.gz'].sort());
  expect(JSON.parse(readFileSync(join(out, 'artifact.json'), 'utf8')).entries).toHaveLength(4);
});

/** Waits until a build has begun to write, and returns the name of its folder. */
async function staging(out: string): Promise<string> {
  for (let i = 0; i < 600; i++) {
    const folder = existsSync(out) ? readdirSync(out).find((name) => name.startsWith('.art-build-')) : undefined;
    if (folder) return folder;
    await sleep(50);
  }
  throw new Error('the build did not begin to write');
}
