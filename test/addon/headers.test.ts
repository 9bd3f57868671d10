// The sources of Node's headers: a download, which is checked against the published digest, and the package
// node-api-headers.
import { execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { addon, helloPackage, inNode, pathOfNode } from '../support/addon.js';
import { run } from '../support/native.js';
import { type CliResult, project, REPOSITORY, sha256 } from '../support/project.js';

const INCLUDE = join(dirname(process.execPath), '../include/node');
/** A version that no machine has installed, so its headers cannot be found. */
const VERSION = '23.0.0';
const NAME = `node-v${VERSION}-headers.tar.gz`;

/** An archive of Node's headers in the form of nodejs.org, for another version. */
function archive(member = 'node_api.h'): Buffer {
  const root = project({});
  const folder = join(root, `node-v${VERSION}/include/node`);
  mkdirSync(folder, { recursive: true });
  for (const name of ['js_native_api.h', 'js_native_api_types.h', 'node_api.h', 'node_api_types.h', 'common.gypi'])
    cpSync(join(INCLUDE, name), join(folder, name));
  cpSync(join(INCLUDE, 'config.gypi'), join(folder, 'config.gypi'));
  const version = readFileSync(join(INCLUDE, 'node_version.h'), 'utf8');
  const [major] = VERSION.split('.');
  writeFileSync(
    join(folder, 'node_version.h'),
    version.replace(/(NODE_MAJOR_VERSION) \d+/, `$1 ${major}`).replace(/(NODE_(MINOR|PATCH)_VERSION) \d+/g, '$1 0'),
  );
  const rename = `--transform=s,node_api.h$,${member},`;
  run('tar', ['-czPf', join(root, NAME), rename, '-C', root, `node-v${VERSION}`]);
  return readFileSync(join(root, NAME));
}

/** A server of this test. @returns its URL */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A mirror of nodejs.org with these files, and the list of requests that it got. */
async function mirror(files: Record<string, string | Buffer>): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const url = await serve(({ url = '' }, response) => {
    asked.push(url);
    const body = files[url.replace(`/dist/v${VERSION}/`, '')];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  return { url: `${url}/dist/`, asked };
}

/** As `addon`, but asynchronous, so that a server in this process can answer. */
const command = (words: string[], root: string): Promise<CliResult> =>
  new Promise((resolve) => {
    const env = { ...process.env, PATH: pathOfNode(), XDG_CACHE_HOME: join(root, 'cache'), npm_config_nodedir: '' };
    const args = [join(REPOSITORY, 'dist/cli/main.js'), ...words];
    const child = execFile(process.execPath, args, { cwd: root, env }, (_, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
  });

const download = (root: string, url: string) => command(['addon', '--node-version', VERSION, '--download', url], root);

test('headers are downloaded where that is said, and kept where node-gyp keeps them', async () => {
  const root = project(helloPackage());
  const bytes = archive();
  const { url, asked } = await mirror({ [NAME]: bytes, 'SHASUMS256.txt': `${sha256(bytes)}  ${NAME}\n` });
  const step = (name: string) => command(['node-gyp', name, `--target=${VERSION}`, `--dist-url=${url}`], root);
  expect((await step('configure')).stderr).toMatch(/gyp info ok\n$/);
  expect(asked).toEqual([`/dist/v${VERSION}/SHASUMS256.txt`, `/dist/v${VERSION}/${NAME}`]);
  expect(existsSync(join(root, 'cache/node-gyp', VERSION, 'include/node/node_api.h'))).toBe(true);
  // Headers that are stored already are not requested again.
  expect((await step('build')).stderr).toMatch(/gyp info ok\n$/);
  expect(asked).toHaveLength(2);
  expect(inNode('addon.add(2, 3)', join(root, 'build/Release/hello.node'))).toBe(5);
});

test.each([
  [
    'another digest',
    `${sha256('other')}  ${NAME}\n`,
    /has the sha256 [0-9a-f]{64}, and the published one is [0-9a-f]{64}: nothing was unpacked/,
  ],
  [
    'no digest',
    `${sha256('')}  other.tar.gz\n`,
    /SHASUMS256\.txt' has no digest of node-v23\.0\.0-headers\.tar\.gz: nothing was unpacked/,
  ],
])('headers with %s are refused', async (_, list, message) => {
  const root = project(helloPackage());
  const { url } = await mirror({ [NAME]: archive(), 'SHASUMS256.txt': list });
  const { status, stderr } = await download(root, url);
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^art: error: .*\n$/);
  expect(status).toBe(1);
  expect(existsSync(join(root, 'cache'))).toBe(false);
});

test('an archive that leads out of its folder is refused', async () => {
  const root = project(helloPackage());
  const bytes = archive('../../../../../evil.h');
  const { url } = await mirror({ [NAME]: bytes, 'SHASUMS256.txt': `${sha256(bytes)}  ${NAME}\n` });
  const { status, stderr } = await download(root, url);
  expect(stderr).toMatch(/is no archive of headers: '.*evil\.h' leads out of its folder/);
  expect(status).toBe(1);
  expect(existsSync(join(root, 'cache'))).toBe(false);
});

test('a version that the mirror does not have, and no network, are each one line', async () => {
  const root = project(helloPackage());
  const { url } = await mirror({});
  const missing = await download(root, url);
  expect(missing.stderr).toMatch(
    /^art: error: cannot download 'http:.*SHASUMS256\.txt' \(404 Not Found\): name a mirror .*\n$/,
  );
  const offline = await download(root, 'http://127.0.0.1:1');
  expect(offline.stderr).toMatch(
    /^art: error: cannot download 'http:\/\/127\.0\.0\.1:1\/v23\.0\.0\/SHASUMS256\.txt' \(.*\): name a mirror .*\n$/,
  );
  expect([missing.status, offline.status]).toEqual([1, 1]);
});

test('a server that falls silent is given up after 30 s, with its URL, here and where artifacts are read', async () => {
  const root = project({ ...helloPackage(), 'a.c': 'int a;\n' });
  expect((await command(['build', 'a.c', '--target', 'x86_64', '--quiet'], root)).status).toBe(0);
  const files = ['artifact.json', 'artifact.tar.gz'].map((name) => readFileSync(join(root, 'artifact', name)));
  const list = `${sha256('')}  ${NAME}\n`;
  // It never answers below /silent; below /half it sends half of the last file that is asked for.
  const url = await serve(({ url = '' }, response) => {
    if (url.startsWith('/silent')) return;
    if (url.endsWith('SHASUMS256.txt')) return void response.end(list);
    if (url.endsWith('artifact.json')) return void response.end(files[0]);
    if (url.endsWith('.sigstore.json')) return void response.writeHead(404).end();
    const whole = url.endsWith(NAME) ? Buffer.alloc(1000) : (files[1] as Buffer);
    response.writeHead(200, { 'content-length': whole.length }).write(whole.subarray(0, whole.length / 2));
  });
  const started = performance.now();
  const [silent, half, noArtifact, halfArtifact] = await Promise.all([
    download(root, `${url}/silent`),
    download(root, `${url}/half`),
    command(['inspect', `${url}/silent/`], root),
    command(['verify', `${url}/half/`], root),
  ]);
  const seconds = (performance.now() - started) / 1000;
  const why = 'the server has sent nothing for 30 s';
  const at = (file: string) => `cannot download '${url}/${file}' (${why}): name a mirror with --download`;
  expect(silent).toMatchObject({ status: 1, stderr: expect.stringContaining(at(`silent/v${VERSION}/SHASUMS256.txt`)) });
  expect(half).toMatchObject({ status: 1, stderr: expect.stringContaining(at(`half/v${VERSION}/${NAME}`)) });
  const artifact = (file: string) => expect.stringContaining(`cannot fetch '${url}/${file}' (${why})`);
  expect(noArtifact).toMatchObject({ status: 1, stderr: artifact('silent/artifact.json') });
  expect(halfArtifact).toMatchObject({ status: 1, stderr: artifact('half/artifact.tar.gz') });
  for (const { stderr } of [silent, half, noArtifact, halfArtifact]) expect(stderr).toMatch(/^art: error: .*\n$/);
  expect(seconds).toBeGreaterThan(29);
  expect(existsSync(join(root, 'cache'))).toBe(false);
});

test('a server that sends more than headers have is left, and does not fill the memory', async () => {
  const root = project(helloPackage());
  let sent = 0;
  const piece = Buffer.alloc(1 << 20);
  const url = await serve(({ url = '' }, response) => {
    if (url.endsWith('SHASUMS256.txt')) return void response.end(`${sha256('')}  ${NAME}\n`);
    const more = () => {
      while (!response.destroyed) {
        sent += piece.length;
        if (!response.write(piece)) return void response.once('drain', more);
      }
    };
    more();
  });
  const { status, stderr } = await download(root, url);
  expect(stderr).toBe(
    `art: error: cannot download '${url}/v${VERSION}/${NAME}' (it has more than the 100 MiB allowed): name a mirror with --download <url>, or a folder that has Node's headers with --nodedir\n`,
  );
  expect(status).toBe(1);
  expect(sent).toBeLessThan(200 << 20);
});

test('a small archive that unpacks to more than headers have is refused', async () => {
  const root = project(helloPackage());
  const bomb = gzipSync(Buffer.alloc(260 << 20), { level: 1 });
  const { url } = await mirror({ [NAME]: bomb, 'SHASUMS256.txt': `${sha256(bomb)}  ${NAME}\n` });
  const { status, stderr } = await download(root, url);
  expect(stderr).toMatch(
    /^art: error: '.*headers\.tar\.gz' is no archive of headers: it unpacks to more than the 256 MiB allowed; nothing was unpacked: name a mirror .*\n$/,
  );
  expect(status).toBe(1);
  expect(existsSync(join(root, 'cache'))).toBe(false);
});

test('a signal ends a download', async () => {
  const root = project(helloPackage());
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => (asked = resolve));
  const url = await serve(() => asked());
  const child = spawn(
    process.execPath,
    [join(REPOSITORY, 'dist/cli/main.js'), 'addon', '--node-version', VERSION, '--download', url],
    { cwd: root, env: { ...process.env, XDG_CACHE_HOME: join(root, 'cache'), npm_config_nodedir: '' } },
  );
  const ended = new Promise((resolve) => child.on('exit', resolve));
  await isAsked;
  child.kill('SIGTERM');
  expect(await ended).toBe(143);
  expect(existsSync(join(root, 'cache'))).toBe(false);
});

test('an add-on that uses N-API only needs no more than the package node-api-headers', () => {
  const root = project(helloPackage());
  const headers = join(root, 'node_modules/node-api-headers');
  mkdirSync(join(headers, 'include'), { recursive: true });
  writeFileSync(join(headers, 'package.json'), '{"name":"node-api-headers","version":"1.0.0"}');
  for (const name of ['js_native_api.h', 'js_native_api_types.h', 'node_api.h', 'node_api_types.h'])
    cpSync(join(INCLUDE, name), join(headers, 'include', name));
  const { status, stderr } = addon(['--node-version', VERSION, '--quiet', root], {
    env: { XDG_CACHE_HOME: root, npm_config_nodedir: '' },
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(inNode('addon.add(2, 3)', join(root, 'build/Release/hello.node'))).toBe(5);
});
