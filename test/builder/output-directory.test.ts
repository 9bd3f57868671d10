import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stageInDirectory } from '../../src/platform/node/staging.js';
import { art, digests, project } from '../support/project.js';
import { unprivileged } from '../support/unprivileged.js';

const SOURCES = { 'package.json': '{"name":"p","version":"1.0.0"}', 'a.c': 'int a;\n' };
const ARTIFACT = ['artifact.json', 'artifact.tar.gz'];

test('a directory is made where it is missing, however deep', () => {
  const cwd = project(SOURCES);
  expect(art(['build', 'a.c', '--out', 'deep/er/out', '--target', 'x86_64'], { cwd }).status).toBe(0);
  expect(readdirSync(join(cwd, 'deep/er/out')).sort()).toEqual(ARTIFACT);
});

test('without --out it is ./artifact', () => {
  const cwd = project(SOURCES);
  expect(art(['build', 'a.c', '--target', 'x86_64'], { cwd }).status).toBe(0);
  expect(readdirSync(join(cwd, 'artifact')).sort()).toEqual(ARTIFACT);
});

test('--out that is a file, or below one, is an error that names it, and the file stays', () => {
  const cwd = project({ ...SOURCES, out: 'precious' });
  for (const out of ['out', 'out/below', 'out/further/below']) {
    const { status, stderr } = art(['build', 'a.c', '--out', out], { cwd });
    expect(status).toBe(1);
    expect(stderr).toContain(
      `art: error: cannot write to the output directory '${join(cwd, out)}': a file is in the way: expected a directory`,
    );
  }
  expect(readFileSync(join(cwd, 'out'), 'utf8')).toBe('precious');
});

test('what else lies in the output directory is left alone', () => {
  const cwd = project({ ...SOURCES, 'out/readme.txt': 'mine', 'out/.art-build-notes': 'mine too' });
  expect(art(['build', 'a.c', '--out', 'out', '--target', 'x86_64'], { cwd }).status).toBe(0);
  expect(readdirSync(join(cwd, 'out')).sort()).toEqual(['.art-build-notes', ...ARTIFACT, 'readme.txt']);
});

test('where artifact.json is a directory, the build fails and says so', () => {
  const cwd = project({ ...SOURCES, 'out/artifact.json/keep': 'me' });
  const { status, stderr } = art(['build', 'a.c', '--out', 'out', '--target', 'x86_64'], { cwd });
  expect(status).toBe(1);
  expect(stderr).toMatch(/art: error: cannot write to the output directory '.*out'/);
  expect(readdirSync(join(cwd, 'out'))).toEqual(['artifact.json']);
});

test('--manifest-only takes an older archive away: the two files belong together', () => {
  const cwd = project(SOURCES);
  expect(art(['build', 'a.c', '--out', 'out', '--target', 'x86_64'], { cwd }).status).toBe(0);
  const { status, stdout } = art(['build', 'a.c', '--out', 'out', '--manifest-only'], { cwd });
  expect(status).toBe(0);
  expect(stdout).toContain('out/artifact.json  (no archive was made)');
  expect(readdirSync(join(cwd, 'out'))).toEqual(['artifact.json']);
});

test('an artifact is replaced by the next', () => {
  const cwd = project(SOURCES);
  const build = () => art(['build', 'a.c', '--out', 'out', '--target', 'x86_64'], { cwd }).status;
  expect(build()).toBe(0);
  const before = digests(join(cwd, 'out'));
  writeFileSync(join(cwd, 'a.c'), 'int changed;\n');
  expect(build()).toBe(0);
  expect(digests(join(cwd, 'out')).archive).not.toBe(before.archive);
});

test('a directory that may not be written is an error that names it', (context) => {
  const under = unprivileged(context);
  const cwd = project(SOURCES);
  mkdirSync(join(cwd, 'out'));
  chmodSync(join(cwd, 'out'), 0o555);
  for (const out of ['out', 'out/below']) {
    const { status, stderr } = art(['build', 'a.c', '--out', out], { cwd, under });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      new RegExp(
        `art: error: cannot write to the output directory '.*/${out}': EACCES.*choose another place with --out`,
      ),
    );
  }
});

test('builds into one directory at the same time never mix an archive with the manifest of another', async () => {
  const out = join(project({}), 'out');
  const publish = async (name: string) => {
    const staging = await stageInDirectory(out);
    await staging.append(Buffer.from(name));
    await staging.readBack();
    const [manifest = '', archive] = ARTIFACT;
    await staging.publish({ archive, files: new Map([[manifest, Buffer.from(name)]]), removed: [] });
    await staging.discard();
  };
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 6 }, (_, i) => publish(`${round}.${i}`)));
    expect(readdirSync(out).sort()).toEqual(ARTIFACT);
    const [manifest, archive] = ARTIFACT.map((name) => readFileSync(join(out, name), 'utf8'));
    expect(archive).toBe(manifest);
  }
});

test('what another machine has in work is left alone, unless it has given no sign of life for an hour', () => {
  const theirs = `.art-build-0123456789ab-${2 ** 22 + 1}-1-01234567`;
  const cwd = project({ ...SOURCES, [`out/${theirs}/artifact.tar.gz`]: '' });
  expect(art(['build', 'a.c', '--out', 'out', '--target', 'x86_64'], { cwd }).status).toBe(0);
  expect(readdirSync(join(cwd, 'out')).sort()).toEqual([theirs, ...ARTIFACT]);
  const old = new Date(Date.now() - 3_700_000);
  utimesSync(join(cwd, 'out', theirs), old, old);
  expect(art(['build', 'a.c', '--out', 'out', '--target', 'x86_64'], { cwd }).status).toBe(0);
  expect(readdirSync(join(cwd, 'out')).sort()).toEqual(ARTIFACT);
});

test('a build that fails leaves no directory behind that it made, and keeps one that was there', () => {
  const cwd = project({ ...SOURCES, 'a.c': 'int a\n', 'there/.keep': '' });
  for (const out of ['out', 'new/deep/er', 'there/below'])
    expect(art(['build', 'a.c', '--out', out, '--target', 'x86_64'], { cwd }).status).toBe(1);
  expect(readdirSync(cwd).sort()).toEqual(['a.c', 'package.json', 'there']);
  expect(readdirSync(join(cwd, 'there'))).toEqual(['.keep']);
});

test('an archive that is given back to be checked, and that nobody reads, fails nobody', async () => {
  const out = join(project({}), 'out');
  const staging = await stageInDirectory(out);
  await staging.append(Buffer.from('bytes'));
  await staging.readBack();
  // Removed early, so that a stream which opens its file only in the next turn would not find it.
  rmSync(out, { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await staging.discard();
});

/** Mounts a small file system. @returns false if this user may not mount one */
function smallDisk(at: string, kib: number): boolean {
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kib}k`, 'tmpfs', at]).status !== 0) return false;
  onTestFinished(() => void spawnSync('umount', [at]));
  return true;
}

test('a full disk is an error that says so, the old artifact stays, and nothing is left behind', (context) => {
  // Numbers that do not compress, so that the archive outgrows the disk.
  let x = 1;
  const numbers = Array.from({ length: 30_000 }, () => (x = (Math.imul(x, 1664525) + 1013904223) | 0));
  const cwd = project({ ...SOURCES, 'big.c': `const int big[] = {${numbers.join(',')}};\n`, 'disk/.keep': '' });
  const disk = join(cwd, 'disk');
  if (!smallDisk(disk, 64)) context.skip('a small tmpfs cannot be mounted here');

  const build = (input: string) => art(['build', input, '--out', 'disk', '--target', 'x86_64'], { cwd });
  expect(build('a.c').status).toBe(0);
  const before = digests(disk);
  const { status, stderr } = build('big.c');
  expect(status).toBe(1);
  expect(stderr).toContain(
    `art: error: cannot write to the output directory '${disk}': the disk is full: free some space or choose another place with --out`,
  );
  expect(stderr).not.toContain('internal error');
  expect(readdirSync(disk).sort()).toEqual(ARTIFACT);
  expect(digests(disk)).toEqual(before);

  expect(spawnSync('mount', ['-o', 'remount,size=4m', disk]).status).toBe(0);
  expect(build('big.c').status).toBe(0);
  expect(existsSync(join(disk, 'artifact.json'))).toBe(true);
});

test('a file in the way of --out is found before anything is looked for', () => {
  const cwd = project({ out: 'precious' });
  const { status, stderr } = art(['build', 'no-such.c', '--out', 'out/below'], { cwd });
  expect(status).toBe(1);
  expect(stderr).toContain(`cannot write to the output directory '${join(cwd, 'out/below')}': a file is in the way`);
});
