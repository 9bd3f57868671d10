// What killed commands leave: nothing, or files that the next command removes.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ownName } from '../../src/platform/node/owner.js';
import { art, project, REPOSITORY, startArt } from '../support/project.js';

const MAIN = join(REPOSITORY, 'dist/cli/main.js');
const KILL_AT = join(REPOSITORY, 'test/support/kill-at.mjs');

/** A project with an artifact, and commands that write; for each, the folder that contains incomplete files. */
function commands(): { cwd: string; all: Readonly<Record<string, { args: string[]; folder: string }>> } {
  const cwd = project({ 'package.json': '{"name":"p","version":"1.0.0"}', 'a.c': 'int main(void) { return 0; }\n' });
  const made = [
    art(['keygen', '--out', 'k', '--no-passphrase'], { cwd }),
    art(['build', 'a.c', '--out', 'made', '--target', 'x86_64'], { cwd }),
    art(['convert', 'made', '--to', 'dir', '--out', 'dir'], { cwd }),
  ];
  expect(made.map(({ status }) => status)).toEqual([0, 0, 0]);
  for (const folder of ['built', 'converted', 'linked', 'compiled', 'unpacked']) mkdirSync(join(cwd, folder));
  const all = {
    build: { args: ['build', 'a.c', '--target', 'x86_64', '--sign', 'k.key', '--out', 'built'], folder: 'built' },
    extract: { args: ['extract', 'made', '--out', 'unpacked'], folder: 'unpacked' },
    convert: { args: ['convert', 'made', '--to', 'json', '--out', 'converted/a.json'], folder: 'converted' },
    sign: { args: ['sign', 'dir', '--key', 'k.key'], folder: 'dir' },
    link: { args: ['link', 'made', '-o', 'linked/a'], folder: 'linked' },
    cc: { args: ['cc', '-c', 'a.c', '-o', 'compiled/a.o'], folder: 'compiled' },
  };
  return { cwd, all };
}

const ALONE = { ART_NO_DAEMON: '1' };
const KINDS = ['build', 'convert', 'extract', 'sign', 'write'];
const unfinished = (folder: string) => readdirSync(folder).filter((name) => name.startsWith('.art-'));

test('every command takes away what killed ones left in its folder, and nothing else', () => {
  const { cwd, all } = commands();
  const { stdout: gone } = spawnSync(
    process.execPath,
    [
      ...['--input-type=module', '-e'],
      `import { ownName } from '${join(REPOSITORY, 'dist/platform/node/owner.js')}'; process.stdout.write(ownName());`,
    ],
    { encoding: 'utf8' },
  );
  for (const { args, folder } of Object.values(all)) {
    const at = join(cwd, folder);
    for (const kind of KINDS) {
      mkdirSync(join(at, `.art-${kind}-${gone}`, 'below'), { recursive: true });
      writeFileSync(join(at, `.art-${kind}-${ownName()}`), '');
    }
    // The lock of a process that has ended before it moved its file.
    mkdirSync(join(at, '.art-publishing', gone), { recursive: true });
    writeFileSync(join(at, '.art-publishing', gone, 'artifact.sigstore.json'), 'no signature');
    writeFileSync(join(at, '.art-notes'), 'mine');
    const running = unfinished(at).filter((name) => !name.endsWith(gone) && name !== '.art-publishing');
    // In an artifact of layout dir, only the last of these files is not allowed.
    if (folder === 'dir') spawnSync('rm', [join(at, '.art-notes')]);
    expect(art(args, { cwd, env: ALONE })).toMatchObject({ status: 0 });
    expect(unfinished(at).sort()).toEqual(running.filter((name) => folder !== 'dir' || name !== '.art-notes').sort());
  }
  // An artifact of layout dir is valid although other processes write in its folder, but other files are errors.
  expect(art(['verify', 'dir', '--key', 'k.pub'], { cwd }).status).toBe(0);
  writeFileSync(join(cwd, 'dir/.art-notes'), '');
  expect(art(['verify', 'dir'], { cwd })).toMatchObject({
    status: 1,
    stderr: "art: error: dir: '.art-notes' is not in the manifest\n",
  });
});

test.each(['build', 'extract', 'convert', 'sign', 'link'])('art %s that is killed, or ended by a signal', (name) => {
  const { cwd, all } = commands();
  const { args, folder } = all[name] as { args: string[]; folder: string };
  const run = (env: Record<string, string>) =>
    spawnSync(process.execPath, ['--import', KILL_AT, MAIN, ...args], { cwd, env: { ...process.env, ...env } });
  const at = join(cwd, folder);
  expect(run({ KILL_AT: '0', COUNT: join(cwd, 'count') }).status).toBe(0);
  const half = String(Math.ceil(Number(readFileSync(join(cwd, 'count'), 'utf8')) / 2));
  const before = readdirSync(at).sort();
  spawnSync('rm', ['-rf', at]);
  if (folder === 'dir') expect(art(['convert', 'made', '--to', 'dir', '--out', 'dir'], { cwd }).status).toBe(0);
  else mkdirSync(at);

  expect(run({ KILL_AT: half }).signal).toBe('SIGKILL');
  expect(unfinished(at).length).toBeGreaterThan(0);
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    const ended = run({ KILL_AT: half, SIGNAL: signal });
    // A build that has begun to publish may end successfully.
    expect(name === 'build' ? [0, status] : [status]).toContain(ended.status);
    expect(unfinished(at)).toEqual([]);
  }
  expect(run({ KILL_AT: '0' }).status).toBe(0);
  expect(readdirSync(at).sort()).toEqual(before);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends commands that wait for a server, with status %i', async (signal, status) => {
  const { cwd, all } = commands();
  const server = createServer((request, response) => {
    if (request.url?.endsWith('.sigstore.json')) response.writeHead(404).end();
    else if (request.url?.endsWith('.json')) response.end(readFileSync(join(cwd, 'made/artifact.json')));
    else response.write('\x1f\x8b'); // the rest never arrives
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/artifact.json`;
  for (const name of ['extract', 'convert']) {
    const { args, folder } = all[name] as { args: string[]; folder: string };
    const asked = new Promise((resolve) => server.on('request', ({ url }) => url?.endsWith('.gz') && resolve(url)));
    const child = startArt([name, url, ...args.slice(2)], { cwd });
    const exit = new Promise((resolve) => child.on('exit', resolve));
    await Promise.race([asked, exit]);
    child.kill(signal);
    expect(await exit).toBe(status);
    expect(readdirSync(join(cwd, folder))).toEqual([]);
  }
});
