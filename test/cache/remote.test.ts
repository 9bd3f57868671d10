// A team's cache on a real server: Debian's nginx with WebDAV.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { build } from 'art-aot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { available, scratch } from '../support/native.js';
import { art, digests, project } from '../support/project.js';

const FILES = {
  'package.json': '{"name":"p","version":"1.0.0"}',
  'src/a.c': '#include "h.h"\nint a(int x) { return x + H; }\n',
  'src/h.h': '#define H 2\n',
  'src/b.ll': 'define i32 @b() {\n  ret i32 1\n}\n',
};
const TOKEN = 'a-secret-token';
const ALL = { hits: 2, misses: 0 };
const NONE = { hits: 0, misses: 2 };

const listening = (server: Server) =>
  new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server that keeps nothing. @param statusOf what it answers */
async function answering(statusOf: (request: IncomingMessage) => number) {
  const server = createHttpServer((request, response) => {
    response.statusCode = statusOf(request);
    request.resume().on('end', () => response.end());
  });
  return { server, url: `http://127.0.0.1:${await listening(server)}` };
}

/** The options of a build with a server and an empty cache folder. */
const withServer = (remoteCache: { url: string; timeout?: number }, files: Record<string, string> = FILES) => ({
  cwd: project(files),
  targets: ['x86_64'],
  cache: join(project({}), 'cache'),
  remoteCache,
});

/** A team member, with a clone and a cache folder of their own. */
function member(url: string, env: Record<string, string> = {}) {
  const root = project({});
  const clone = join(root, 'a folder', 'p');
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(join(clone, name, '..'), { recursive: true });
    writeFileSync(join(clone, name), text);
  }
  const own = { ART_NO_CACHE: '', ART_CACHE_DIR: join(root, 'cache'), HOME: root, ...env };
  const build = (...args: string[]) => {
    const words = ['build', 'src', '--target', 'x86_64', '--json', '--remote-cache', url, ...args];
    const { status, stdout, stderr } = art(words, { cwd: clone, env: own });
    expect(`${stdout}${stderr}`).not.toContain(TOKEN);
    const { cache, warnings } = JSON.parse(stdout);
    return { status, cache, warnings: warnings as string[] };
  };
  return { root, clone, build, digests: () => digests(join(clone, 'artifact')) };
}

/** The build warns once and continues. */
const warned = (words: string | RegExp) => ({ status: 0, cache: NONE, warnings: [expect.stringMatching(words)] });

describe.skipIf(!available('nginx'))('nginx with WebDAV', () => {
  const place = scratch();
  const data = join(place, 'data');
  const env = { ART_REMOTE_CACHE_TOKEN: TOKEN };
  let url: string;
  let server: ChildProcess;
  let expected: ReturnType<typeof digests>;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}/team`;
    mkdirSync(data);
    const basic = Buffer.from(`me:${TOKEN}`).toString('base64');
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((n) => `${n}_temp_path ${place}/${n};`);
    writeFileSync(
      join(place, 'nginx.conf'),
      `${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; pid ${place}/pid; error_log ${place}/log;
       events {}
       http { access_log off; ${folders.join(' ')}
         map $http_authorization $known { default 0; "Bearer ${TOKEN}" 1; "Basic ${basic}" 1; }
         server { listen 127.0.0.1:${port}; root ${data}; client_max_body_size 0;
           if ($known = 0) { return 401; }
           location / { dav_methods PUT; create_full_put_path on; } } }`,
    );
    server = spawn('nginx', ['-c', join(place, 'nginx.conf'), '-e', join(place, 'log')], { stdio: 'ignore' });
    for (;;) {
      const answers = await fetch(url).then(
        ({ status }) => status === 401,
        () => false,
      );
      if (answers) break;
      await setTimeout(50);
    }
  });
  afterAll(() => void server.kill());

  const filesIn = (kind: string) => {
    const folder = join(data, 'team', kind);
    return readdirSync(folder).map((name) => join(folder, name));
  };

  test('what one member built, another finds in another folder, and then has on his own machine', () => {
    const first = member(url, env);
    expect(first.build()).toEqual({ status: 0, cache: NONE, warnings: [] });
    expected = first.digests();
    const second = member(url, env);
    expect(second.build('--remote-cache-read-only')).toEqual({ status: 0, cache: ALL, warnings: [] });
    expect(second.digests()).toEqual(expected);
    const down = member(url, env);
    cpSync(join(second.root, 'cache'), join(down.root, 'cache'), { recursive: true });
    expect(down.build('--remote-cache', 'http://127.0.0.1:1')).toEqual({ status: 0, cache: ALL, warnings: [] });
  });

  test('~/.netrc gives access; without it, a line says what would', () => {
    const other = member(url);
    expect(other.build()).toEqual(warned('it answered 401: set ART_REMOTE_CACHE_TOKEN'));
    const known = member(url);
    writeFileSync(join(known.root, '.netrc'), `machine 127.0.0.1\n  login me\n  password ${TOKEN}\n`);
    expect(known.build()).toEqual({ status: 0, cache: ALL, warnings: [] });
  });

  test('one who only takes puts nothing there', () => {
    const before = filesIn('ac').length;
    const third = member(url, env);
    writeFileSync(join(third.clone, 'src/h.h'), '#define H 3\n');
    expect(third.build('--remote-cache-read-only').cache).toEqual({ hits: 1, misses: 1 });
    expect(filesIn('ac').length).toBe(before);
  });

  test('results are believed only where a trusted key signed them', () => {
    const keys = scratch();
    for (const name of ['team', 'other'])
      art(['keygen', '--out', join(keys, name), '--no-passphrase', '--type', 'ed25519'], {});
    const at = `${url}/signed`;
    const key = (name: string) => ['--remote-cache-key', join(keys, name)];
    const maker = member(at, env);
    expect(maker.build(...key('team.key'))).toEqual({ status: 0, cache: NONE, warnings: [] });
    expect(member(at, env).build(...key('team.pub'))).toEqual({ status: 0, cache: ALL, warnings: [] });
    expect(member(at, env).build(...key('other.pub'))).toEqual(warned('no trusted key signed'));
    // Replaces one signed result by another.
    const results = readdirSync(join(data, 'team/signed/ac')).map((name) => join(data, 'team/signed/ac', name));
    const bytes = results.map((path) => readFileSync(path));
    for (const [i, path] of results.entries()) writeFileSync(path, bytes[(i + 1) % bytes.length] as Buffer);
    expect(member(at, env).build(...key('team.pub'))).toEqual(warned('no trusted key signed'));
  });

  test.skipIf(!available('ccache', 'cc'))(
    "one server keeps art's results and, with its layout for Bazel, ccache's",
    () => {
      const at = `${url}/both`;
      const compile = () => {
        const cwd = project({ 'a.c': 'int a;\n' });
        const own = { CCACHE_DIR: join(cwd, 'cache'), CCACHE_NODIRECT: '1' };
        const storage = `${at}|layout=bazel|bearer-token=${TOKEN}|connect-timeout=9000`;
        const options = { cwd, env: { ...process.env, ...own, CCACHE_REMOTE_STORAGE: storage } };
        execFileSync('ccache', ['cc', '-c', 'a.c'], options);
        return execFileSync('ccache', ['--print-stats'], options).toString();
      };
      expect(compile()).toMatch(/^remote_storage_hit\t0$/m);
      expect(member(at, env).build().cache).toEqual(NONE);
      expect(compile()).toMatch(/^remote_storage_hit\t[1-9]/m);
      expect(member(at, env).build().cache).toEqual(ALL);
      const names = readdirSync(join(data, 'team/both/ac'));
      expect(names.filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual([]);
    },
  );

  test('bytes that are not those asked for are not taken', () => {
    for (const path of filesIn('cas')) writeFileSync(path, 'something else');
    const victim = member(url, env);
    expect(victim.build()).toEqual(warned('it returned wrong bytes'));
    expect(victim.digests()).toEqual(expected);
  });
});

describe('servers that are of no use', () => {
  const silent = createServer(() => {});
  afterAll(() => void silent.close());

  test('one that does not answer, and one that is not there', async () => {
    const url = `http://localhost:${await listening(silent)}`;
    expect(member(url, { ART_REMOTE_CACHE_TIMEOUT: '0.3' }).build()).toEqual(warned('it took more than 0.3 s'));
    expect(member(`http://127.0.0.1:${await freePort()}`).build()).toEqual(warned('ECONNREFUSED'));
  });

  test('one that keeps results of Bazel only, as bazel-remote does, says which flag it wants', async () => {
    const { server, url } = await answering(({ method, url }) =>
      method === 'GET' ? 404 : url?.includes('/ac/') ? 400 : 200,
    );
    const warnings: string[] = [];
    await build({
      ...withServer({ url }),
      inputs: ['src/b.ll'],
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    });
    expect(warnings).toEqual([
      expect.stringContaining('answered 400: bazel-remote wants --disable_http_ac_validation'),
    ]);
    server.close();
  });

  test('the first unit is compiled before all have been asked for', async () => {
    const sources = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`src/${i}.cpp`, `int f${i};\n`]));
    const asked = new Set<string>();
    const { server, url } = await answering(({ method, url }) => {
      if (method !== 'GET') return 200;
      asked.add(url as string);
      return 404;
    });
    let before: number | undefined;
    await build({
      ...withServer({ url }, sources),
      inputs: ['src'],
      onEvent: ({ type }) => {
        if (type === 'started') before ??= asked.size;
      },
    });
    expect(before).toBeLessThan(30);
    expect(asked.size).toBe(30);
    server.close();
  });

  test('a build that is cancelled does not wait for a server that never answers', async () => {
    const cancel = new AbortController();
    const warnings: string[] = [];
    const server = createHttpServer(() => cancel.abort());
    const url = `http://127.0.0.1:${await listening(server)}`;
    const built = build({
      ...withServer({ url, timeout: 600 }),
      inputs: ['src/b.ll'],
      signal: cancel.signal,
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    });
    await expect(built).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(warnings).toEqual([]);
    server.close();
    server.closeAllConnections();
  });

  test.each([
    ['http://cache.example/x', 'use https://, or --remote-cache-insecure'],
    ['https://me:pass-word@cache.example/', "on 'cache.example' names a user"],
    ['ftp://cache.example/', 'expected https://'],
    ['cache', 'expected https://'],
  ])('%s is refused', (url, why) => {
    const { status, stderr } = art(['build', 'x.c', '--remote-cache', url], { env: { ART_NO_CACHE: '' } });
    expect([status, stderr]).toEqual([2, expect.stringContaining(why)]);
    expect(stderr).not.toContain('pass-word');
  });
});
