// The sources of Node's headers: a download, which is checked against the published digest, and the package
// node-api-headers.
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
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

/** A mirror of nodejs.org with these files, and the list of requests that it got. */
async function mirror(files: Record<string, string | Buffer>): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const body = files[url.replace(`/dist/v${VERSION}/`, '')];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/dist/`, asked };
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
