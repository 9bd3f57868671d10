// `art addon --prebuild`: one machine builds for all platforms.
import { once } from 'node:events';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { addon, helloPackage, inNode } from '../support/addon.js';
import { run } from '../support/native.js';
import { art, project, startArt } from '../support/project.js';

test('prebuilds have the names that node-gyp-build looks for, and are an artifact that is signed', () => {
  const root = project(helloPackage());
  const keys = join(project({}), 'release');
  expect(art(['keygen', '--out', keys, '--no-passphrase']).status).toBe(0);
  const { status, stdout, stderr } = addon(['--prebuild', '--sign', `${keys}.key`, root]);
  expect(stderr).not.toContain('error');
  expect(stderr).not.toContain('programs of musl only'); // which was asked for
  expect(status).toBe(0);
  expect(stdout).toContain('prebuilds/linux-arm64/@me+hello.musl.node');
  const found = readdirSync(join(root, 'prebuilds'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.node'),
  );
  expect(found.sort()).toEqual([
    'linux-arm64/@me+hello.glibc.node',
    'linux-arm64/@me+hello.musl.node',
    'linux-x64/@me+hello.glibc.node',
    'linux-x64/@me+hello.musl.node',
    'win32-x64/@me+hello.node',
  ]);
  const artifact = join(root, 'artifact');
  expect(
    art(['verify', artifact, '--key', `${keys}.pub`, '--require-signature', '--package', '@me/hello-1.2.0']).status,
  ).toBe(0);
  const { entries, provenance } = JSON.parse(readFileSync(join(artifact, 'artifact.json'), 'utf8'));
  expect(entries.map(({ path }: { path: string }) => path)).toEqual(found.map((name) => `prebuilds/${name}`));
  expect(provenance.sources.map(({ path }: { path: string }) => path)).toContain('src/hello.c');
  expect(JSON.stringify(provenance)).not.toContain(root);
  expect(
    inNode(
      'addon.add(2, 3)',
      join(root, 'prebuilds', process.arch === 'arm64' ? 'linux-arm64' : 'linux-x64', '@me+hello.glibc.node'),
    ),
  ).toBe(5);

  const rebuilt = art(['rebuild', artifact, '--sources', root]);
  expect(rebuilt.stdout + rebuilt.stderr).toContain(
    "it has add-ons for Node, which 'art addon --prebuild' builds as binding.gyp says",
  );
  expect(rebuilt.status).toBe(1);

  // In another folder, and for one platform only, the bytes are the same.
  const other = project(helloPackage());
  const build = () => {
    const words = ['--prebuild', '--platform', 'linux-arm64-glibc', '--cache-dir', 'cache', '--quiet', '.'];
    expect(addon(words, { cwd: other, env: { ART_NO_CACHE: '' } }).status).toBe(0);
    return readFileSync(join(other, 'artifact/artifact.json'), 'utf8');
  };
  const fresh = build();
  expect(build(), 'from the cache').toBe(fresh);
  const name = 'prebuilds/linux-arm64/@me+hello.glibc.node';
  expect(readFileSync(join(other, name)).equals(readFileSync(join(root, name)))).toBe(true);
});

test('commands that build in one package wait for each other, and for none that was killed', async () => {
  const root = project(helloPackage());
  const claim = join(root, 'build/.art-claim');
  const isThere = () => lstatSync(claim, { throwIfNoEntry: false }) !== undefined;
  const killed = startArt(['addon', '--prebuild', root]);
  while (!isThere() && killed.exitCode === null) await sleep(10);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(isThere()).toBe(true);

  const build = (platform: string) => startArt(['addon', '--prebuild', '--platform', platform, root]);
  const both = [build('linux-x64-glibc'), build('linux-x64-musl')];
  expect(await Promise.all(both.map(async (child) => (await once(child, 'exit'))[0]))).toEqual([0, 0]);
  expect(readdirSync(join(root, 'prebuilds/linux-x64')).sort()).toEqual([
    '@me+hello.glibc.node',
    '@me+hello.musl.node',
  ]);
  expect(existsSync(join(root, 'build'))).toBe(false);
});

test('a prebuild that is there and is for another machine than its folder says is named', () => {
  const root = project(helloPackage());
  expect(addon(['--prebuild', '--platform', 'linux-x64-glibc', '--quiet', root]).status).toBe(0);
  run('mkdir', ['-p', join(root, 'prebuilds/linux-arm64')]);
  run('mv', [join(root, 'prebuilds/linux-x64/@me+hello.glibc.node'), join(root, 'prebuilds/linux-arm64/old.node')]);
  const { status, stderr } = addon(['--prebuild', '--platform', 'linux-x64-glibc', '--quiet', root]);
  expect(stderr).toBe(
    "art: error: 'prebuilds/linux-arm64/old.node' is ELF for x86_64, and its folder is for linux-arm64: Node refuses to load it there; remove it, or make it anew\n",
  );
  expect(status).toBe(1);
});
