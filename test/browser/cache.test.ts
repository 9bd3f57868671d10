// The cache of a page: later builds, sessions and visits use the results of earlier ones.
import { execFile } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { describeSite, type Tab } from '../support/browser.js';
import { scratch } from '../support/native.js';
import { project, REPOSITORY } from '../support/project.js';

const FILES = {
  'package.json': '{"name":"p","version":"1.0.0"}',
  'src/a.c': '#include "h.h"\nint a(int x) { return x + H; }\n',
  'src/h.h': '#define H 2\n',
  'src/b.c': '#warning seen\nint main(void) { return 0; }\n',
};
const OPTIONS = { inputs: ['src'], targets: ['x86_64'], flags: ['-O1', '-Ifirst'], link: 'p' };
/** Two units, and the program linked from them. */
const ALL = { cached: 2, ran: 0 };
const NONE = { cached: 0, ran: 2 };

/** What a page reports about a build. */
interface Built {
  units: { cached: number; ran: number };
  warnings: string[];
  /** Digests of the archive and of what clang said. */
  made: string;
  fetched: string[];
}

/** Builds in a tab. */
function build(tab: Tab, given: object = {}): Promise<Built> {
  return tab.run(
    async ({ art, given }) => {
      const units = { cached: 0, ran: 0 };
      const warnings: string[] = [];
      let said = '';
      const { artifact } = await art.build({
        ...(given as { files: Record<string, string> }),
        onEvent(event) {
          if (event.type === 'finished') units[event.cached ? 'cached' : 'ran']++;
          if (event.type === 'warning') warnings.push(event.message);
          if (event.type === 'diagnostics') said += event.text;
        },
      });
      const made = `${await art.test.hash(artifact.archive)} ${artifact.manifest} ${said}`;
      const fetched = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
      return { units, warnings, made, fetched };
    },
    { ...OPTIONS, files: FILES, cache: true, ...given },
  );
}

/** A server with Bazel's cache protocol that allows requests from pages. */
async function cacheServer(): Promise<{ url: string; puts: () => number }> {
  const kept = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    response.setHeader('access-control-allow-origin', '*').setHeader('access-control-allow-methods', 'GET, PUT');
    const path = request.url as string;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'PUT') kept.set(path, Buffer.concat(chunks));
    response.statusCode = request.method === 'GET' && !kept.has(path) ? 404 : 200;
    response.end(request.method === 'GET' ? kept.get(path) : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/team`, puts: () => kept.size };
}

/** art as npm installs it: art in a checkout keeps its results apart from those of other builds of art. */
function installed(): string {
  const root = scratch();
  for (const name of ['dist', 'package.json']) cpSync(join(REPOSITORY, name), join(root, name), { recursive: true });
  for (const name of ['wasm', 'node_modules']) symlinkSync(join(REPOSITORY, name), join(root, name));
  return join(root, 'dist/cli/main.js');
}

describeSite('the cache of a page', (site) => {
  let plain: Built;

  beforeAll(async () => {
    plain = await build(site.tab, { cache: false });
  });

  test('the next build, and the next visit, take all from it and fetch no compiler', async () => {
    expect(plain.units).toEqual(NONE);
    expect(await build(site.tab)).toMatchObject({ units: NONE, made: plain.made, warnings: [] });
    expect(await build(site.tab)).toMatchObject({ units: ALL, made: plain.made, warnings: [] });
    const visit = await site.browser.open('/');
    const { fetched, ...built } = await build(visit);
    expect(built).toEqual({ units: ALL, made: plain.made, warnings: [] });
    expect(fetched.filter((path) => /wasm|sysroot/.test(path))).toEqual([]);
    await visit.page.close();
  });

  test('a header that changed, and one that is found first from now on, are seen', async () => {
    const files = { ...FILES, 'src/h.h': '#define H 3\n' };
    expect((await build(site.tab, { files })).units).toEqual({ cached: 1, ran: 1 });
    const includes = { ...FILES, 'first/other.h': '', 'src/a.c': FILES['src/a.c'].replace('"h.h"', '<h.h>') };
    const flags = ['-O1', '-Ifirst', '-Isrc'];
    await build(site.tab, { files: includes, flags });
    expect((await build(site.tab, { files: includes, flags })).units).toEqual(ALL);
    const shadowed = { ...includes, 'first/h.h': '#define H 4\n' };
    expect((await build(site.tab, { files: shadowed, flags })).units).toEqual({ cached: 1, ran: 1 });
  });

  test('what is damaged is a miss', async () => {
    await site.tab.run(async () => {
      const store = await caches.open('art-results');
      for (const request of await store.keys()) {
        const { headers } = (await store.match(request)) as Response;
        await store.put(request, new Response('something else', { headers }));
      }
    });
    expect(await build(site.tab)).toMatchObject({ units: NONE, made: plain.made, warnings: [] });
    expect(await build(site.tab)).toMatchObject({ units: ALL, made: plain.made });
  });

  test('two tabs may use it at once', async () => {
    const other = await site.browser.open('/');
    const both = await Promise.all([build(site.tab, { cache: 'both' }), build(other, { cache: 'both' })]);
    for (const { made, warnings } of both) expect([made, warnings]).toEqual([plain.made, []]);
    expect((await build(site.tab, { cache: 'both' })).units).toEqual(ALL);
    await other.page.close();
  });

  test('it holds what it may; what was not used the longest goes first', async () => {
    const size = 20_000;
    const source = (name: string) => ({ [`${name}.c`]: `char ${name}[3000] = "${name}";\n` });
    const small = { inputs: ['.'], link: undefined, emit: ['object'], cache: 'small', cacheSize: size };
    const one = (name: string) => build(site.tab, { ...small, files: source(name) });
    for (const name of ['a', 'b', 'c', 'd', 'e']) expect((await one(name)).units.ran).toBe(1);
    const total = () =>
      site.tab.run(async () => {
        const requests = await (await caches.open('small')).keys();
        return requests.reduce((sum, { headers }) => sum + Number(headers.get('art-size')), 0);
      });
    await expect.poll(total, { timeout: 20_000 }).toBeLessThanOrEqual(size);
    expect((await one('e')).units).toEqual({ cached: 1, ran: 0 });
    expect((await one('a')).units).toEqual({ cached: 0, ran: 1 });
  });

  test('where the browser refuses it, or has no room, a line says so, and the build goes on', async () => {
    const full = await site.browser.open('/');
    await full.page.evaluate(
      "Cache.prototype.put = () => Promise.reject(new DOMException('no room', 'QuotaExceededError'))",
    );
    const warned = (why: string) => ({ units: NONE, made: plain.made, warnings: [expect.stringContaining(why)] });
    expect(await build(full, { cache: 'full' })).toMatchObject(warned('not kept for the next build (no room)'));
    await full.page.evaluate("caches.open = () => Promise.reject(new DOMException('refused', 'SecurityError'))");
    expect(await build(full, { cache: 'full' })).toMatchObject(warned('not kept for the next build (refused)'));
    // A session gives the warning once.
    const said = await full.run(async ({ art }) => {
      const warnings: string[] = [];
      const onEvent = (event: { type: string; message?: string }) =>
        event.type === 'warning' && warnings.push(event.message ?? '');
      const session = await art.open({ assets: '/art/', cache: true, onEvent });
      const made = [await session.compile({ 'a.c': 'int a;' }), await session.compile({ 'a.c': 'int b;' })];
      await session.close();
      return [made.every(({ ok }) => ok), warnings.length];
    });
    expect(said).toEqual([true, 1]);
    await full.page.close();
  });

  test('a session takes from it what it compiled or ran before, in another visit as well', async () => {
    const visit = async () => {
      const tab = await site.browser.open('/');
      const found = await tab.run(async ({ art }) => {
        const session = await art.open({ assets: '/art/', cache: 'session' });
        const { assembly, text } = await session.compile({ 'a.c': '#warning seen\nint a(void) { return 7; }' });
        const { ended } = await session.run({ 'main.c': 'int main(void) { return 5; }' });
        const fetched = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
        const entries = async () => (await (await caches.open('session')).keys()).length;
        // Results of compile are written in the background; this waits until no more appear.
        for (let last = -1; last !== (await entries()); ) {
          last = await entries();
          await new Promise((resolve) => setTimeout(resolve, 300));
        }
        return { assembly, text, status: ended?.status, fetched: fetched.includes('/art/llvm.wasm') };
      });
      await tab.page.close();
      return found;
    };
    const first = await visit();
    expect(first).toMatchObject({ status: 5, fetched: true, text: expect.stringContaining('seen') });
    expect(await visit()).toEqual({ ...first, fetched: false });
  });

  test('its keys are those of Node: by a server, a page takes what Node made', async () => {
    const { url, puts } = await cacheServer();
    const root = project(FILES);
    const words = ['build', 'src', '--target', 'x86_64', '--link', 'p', '--remote-cache', url, '--', '-O1', '-Ifirst'];
    const env = { ...process.env, ART_NO_CACHE: '', ART_CACHE_DIR: join(root, 'cache') };
    await promisify(execFile)(process.execPath, [installed(), ...words], { cwd: root, env });
    expect(puts()).toBeGreaterThan(0);
    const taken = await build(site.tab, { cache: 'remote', remoteCache: { url } });
    expect(taken).toMatchObject({ units: ALL, made: plain.made, warnings: [] });
  });

  test.each([
    [{ cache: 1 }, "option 'cache' must be"],
    [{ cache: '' }, "option 'cache' must be"],
  ])('wrong usage: %j', async (given, message) => {
    const found = await site.tab.run(
      async ({ art, given }) => [
        await art.open(given as never).catch((e) => [e.code, e.message]),
        await art.build({ files: { 'a.c': '' }, ...given } as never).catch((e) => [e.code, e.message]),
      ],
      given as object,
    );
    for (const one of found) expect(one).toEqual(['INVALID_OPTION', expect.stringContaining(message)]);
  });
});
