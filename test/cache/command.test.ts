// The cache as users see it: with the commands, the real compiler and the disk.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { scratch } from '../support/native.js';
import { art, type CliOptions, digests, project, REPOSITORY, sha256 } from '../support/project.js';
import { commands, SANDBOX, until } from '../support/resident.js';

const FILES = {
  'package.json': '{"name":"p","version":"1.0.0"}',
  'src/a.c': '#include "h.h"\nint a(int x) { int unused; return x + H; }\n',
  'src/b.ll': 'define i32 @b() {\n  ret i32 1\n}\n',
  'inc2/h.h': '#define H 2\n',
};
/** One unit at a time, so that messages have a fixed order. */
const FLAGS = ['src', '--target', 'x86_64', '--jobs', '1', '--', '-Iinc1', '-Iinc2', '-Wall'];

interface Figures {
  hits: number;
  misses: number;
}

/** A project, and builds of it with their own cache. */
function cached(files: Record<string, string> = FILES) {
  const root = project(files);
  const cache = join(project({}), 'cache');
  const own = (options: CliOptions): CliOptions => ({
    cwd: root,
    ...options,
    env: { ART_NO_CACHE: '', ART_CACHE_DIR: cache, ...options.env },
  });
  const build = (options: CliOptions = {}) => {
    const { status, stdout, stderr } = art(['build', '--json', ...FLAGS], own(options));
    const said = JSON.parse(stdout);
    return { status, stderr, cache: said.cache as Figures | undefined, warnings: said.warnings as string[] };
  };
  const plain = () => {
    const out = join(root, 'plain');
    const { stderr } = art(['build', '--quiet', '--out', out, ...FLAGS], { cwd: root });
    return { stderr, ...digests(out) };
  };
  return { root, cache, build, plain, own, out: join(root, 'artifact'), kept: () => filesOf(cache) };
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile() && !path.endsWith('state.json'));

describe('art build', () => {
  const own = commands();

  test('a second build is the same, and a header that is now found first is noticed', () => {
    const { root, build, plain, out } = cached();
    const first = build();
    expect(first.cache).toEqual({ hits: 0, misses: 2 });
    expect(first.stderr).toContain('unused');
    const expected = digests(out);
    expect(build()).toEqual({ ...first, cache: { hits: 2, misses: 0 } });
    expect(digests(out)).toEqual(expected);
    mkdirSync(join(root, 'inc1'));
    writeFileSync(join(root, 'inc1/h.h'), '#define H 1\n');
    expect(build().cache).toEqual({ hits: 1, misses: 1 });
    const { stderr, ...fresh } = plain();
    expect(digests(out)).toEqual(fresh);
    expect(stderr).toBe(first.stderr);
    // Results from before are found as well.
    rmSync(join(root, 'inc1'), { recursive: true });
    expect(build().cache).toEqual({ hits: 2, misses: 0 });
    expect(digests(out)).toEqual(expected);
  });

  test('a damaged cache costs time and nothing else', () => {
    const { build, out, kept } = cached();
    build();
    const expected = digests(out);
    for (const damage of [
      (bytes: Buffer) => bytes.fill(0, bytes.length >> 1),
      (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1),
      () => Buffer.alloc(0),
    ]) {
      for (const path of kept()) writeFileSync(path, damage(readFileSync(path)));
      expect(build().cache?.hits).toBe(0);
      expect(digests(out)).toEqual(expected);
    }
    expect(build().cache?.misses).toBe(0);
  });

  test('a sound archive of something else is a miss', () => {
    const { root, build, out, kept } = cached();
    build();
    const expected = digests(out);
    writeFileSync(join(root, 'inc2/h.h'), '#define H 3\n');
    build();
    writeFileSync(join(root, 'inc2/h.h'), FILES['inc2/h.h']);
    const archives = kept().filter((path) => readFileSync(path).includes('"tar_sha256"'));
    expect(archives.length).toBe(2);
    const [one, other] = archives.map((path) => readFileSync(path)) as [Buffer, Buffer];
    writeFileSync(archives[0] as string, other);
    writeFileSync(archives[1] as string, one);
    expect(build()).toMatchObject({ status: 0, cache: { hits: 2, misses: 0 }, warnings: [] });
    expect(digests(out)).toEqual(expected);
    // The wrong archive was made again and replaced; the other one is still in the wrong place.
    expect(readFileSync(archives[0] as string)).toEqual(readFileSync(archives[1] as string));
  });

  test('art cache says what is there, finds damage, and clears', () => {
    const { build, cache, kept, own } = cached();
    build();
    build();
    const run = (...args: string[]) => {
      const { status, stdout } = art(['cache', ...args, '--json'], own({}));
      return { status, ...JSON.parse(stdout) };
    };
    const paths = kept();
    expect(run('stats')).toMatchObject({ directory: cache, hits: 2, misses: 2, maxBytes: 5 * 1024 ** 3 });
    expect(run('verify')).toEqual({ status: 0, ok: true, directory: cache, files: paths.length, damaged: [] });
    writeFileSync(paths[0] as string, 'x');
    expect(run('verify')).toMatchObject({ status: 1, damaged: [paths[0]] });
    expect(run('clear')).toMatchObject({ status: 0, files: paths.length - 1 });
    expect(run('stats')).toMatchObject({ bytes: 0, results: 0, contents: 0 });
    expect(build().cache).toEqual({ hits: 0, misses: 2 });
    for (const name of ['stats', 'verify', 'clear'])
      expect(art(['cache', name, '--cache-dir', paths[1] as string])).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/^art: error: the cache '.*' is no folder: name one with --cache-dir\n$/),
      });
  });

  test('one build counts what it found when it ends, with and without the resident process', () => {
    const { build, cache } = cached();
    const counts = () => {
      const { hits, misses } = JSON.parse(readFileSync(join(cache, 'results-1/state.json'), 'utf8'));
      return { hits, misses };
    };
    build();
    expect(counts()).toEqual({ hits: 0, misses: 2 });
    build({ env: { ART_NO_DAEMON: '1' } });
    expect(counts()).toEqual({ hits: 2, misses: 2 });
    build({ env: own.env });
    expect(counts()).toEqual({ hits: 4, misses: 2 });
  });

  test('what was not used the longest goes first', () => {
    const { build, cache, root } = cached();
    const env = { ART_CACHE_SIZE: '100K' };
    for (let i = 0; i < 4; i++) {
      writeFileSync(join(root, 'inc2/h.h'), `#define H ${i}\n`);
      build({ env });
    }
    const bytes = filesOf(cache).reduce((sum, path) => sum + Math.ceil(statSync(path).size / 4096) * 4096, 0);
    expect(bytes).toBeLessThanOrEqual(100 * 1024);
    expect(build({ env }).cache?.hits).toBeGreaterThan(0);
  });

  test('many large results are found, which must not all be in memory at once', () => {
    const { root, build, out } = cached({ 'package.json': '{"name":"p","version":"1.0.0"}' });
    mkdirSync(join(root, 'src'));
    for (let i = 0; i < 6; i++) writeFileSync(join(root, `src/${i}.s`), `.data\nx${i}: .zero ${20 << 20}\n`);
    expect(build().cache).toEqual({ hits: 0, misses: 6 });
    const expected = digests(out);
    expect(build().cache).toEqual({ hits: 6, misses: 0 });
    expect(digests(out)).toEqual(expected);
  });

  test('a folder that others may write to, and one that cannot be made, are one warning', () => {
    const { build, cache, root } = cached();
    build();
    const folder = join(cache, readdirSync(cache)[0] as string);
    chmodSync(folder, 0o777);
    expect(build()).toMatchObject({ status: 0, warnings: [expect.stringContaining(`chmod go-w '${folder}'`)] });
    const env = { ART_CACHE_DIR: join(root, 'package.json/cache') };
    expect(build({ env })).toMatchObject({ status: 0, warnings: [expect.stringContaining('cannot be created')] });
    // There is no warning about the default folder, since the user did not choose it.
    expect(build({ env: { ART_CACHE_DIR: '', XDG_CACHE_HOME: '/proc/nowhere' } })).toMatchObject({
      status: 0,
      warnings: [],
    });
  });

  test.skipIf(!SANDBOX)('a disk that is full is one warning', () => {
    const { build, cache, out, plain } = cached();
    mkdirSync(cache);
    const under = ['unshare', '-rm', 'sh', '-c', `mount -t tmpfs -o size=24k,mode=700 x '${cache}' && exec "$@"`, 'sh'];
    expect(build({ under })).toMatchObject({ status: 0, warnings: [expect.stringContaining('ENOSPC')] });
    const { stderr: _, ...fresh } = plain();
    expect(digests(out)).toEqual(fresh);
  });

  test.skipIf(!SANDBOX)('a folder that is read-only: results are used, and what cannot be removed is named', () => {
    const { root, build, cache, kept, own } = cached();
    build();
    const readOnly = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"';
    const under = ['unshare', '-rm', 'sh', '-c', readOnly, cache];
    expect(build({ under })).toMatchObject({ status: 0, warnings: [], cache: { hits: 2, misses: 0 } });
    const [damaged, ...others] = kept() as [string, ...string[]];
    for (const path of kept()) writeFileSync(path, 'x');
    expect(build({ under })).toMatchObject({
      status: 0,
      warnings: [expect.stringMatching(/^results are not kept for the next build \(EROFS/)],
      cache: { hits: 0, misses: 2 },
    });
    const run = (name: string) => art(['cache', name, '--json'], { ...own({}), under });
    for (const [name, path] of [
      ['verify', damaged],
      ['clear', join(cache, 'results-1')],
    ] as const) {
      const { status, stderr } = run(name);
      expect(stderr).toMatch(new RegExp(`^art: error: cannot remove '${path}' \\(EROFS.*\\): make it writable\n$`));
      expect(status).toBe(1);
    }
    expect(kept()).toHaveLength(others.length + 1);
    expect(root).not.toBe(cache);
  });

  test('builds at once, and builds that are killed, leave a cache that is of use', async () => {
    const { build, own, root, out, plain } = cached();
    const { cwd, env } = own({});
    const start = (name: string) =>
      spawn(process.execPath, [join(REPOSITORY, 'dist/cli/main.js'), 'build', '--quiet', '--out', name, ...FLAGS], {
        cwd,
        env: { ...process.env, ...env },
        stdio: 'ignore',
      });
    for (const ms of [400, 700, 1000, 1300]) {
      const child = start('killed');
      const ended = new Promise((resolve) => child.on('exit', resolve));
      await setTimeout(ms);
      child.kill('SIGKILL');
      await ended;
    }
    const names = ['one', 'two', 'three'];
    const statuses = await Promise.all(names.map((name) => new Promise((resolve) => start(name).on('exit', resolve))));
    expect(statuses).toEqual([0, 0, 0]);
    expect(build().cache).toEqual({ hits: 2, misses: 0 });
    const { stderr: _, ...fresh } = plain();
    for (const name of names) expect(digests(join(root, name))).toEqual(fresh);
    expect(digests(out)).toEqual(fresh);
  });

  test('modules, the standard library as one, and the link are found', { timeout: 600_000 }, () => {
    const root = project({
      'package.json': '{"name":"p","version":"1.0.0"}',
      'm.cppm': 'export module m;\nexport int m() { return 42; }\n',
      'main.cpp': 'import m;\nimport std;\nint main() { std::println("{}", m()); }\n',
    });
    const env = { ART_NO_CACHE: '', ART_CACHE_DIR: join(root, 'cache') };
    const build = (out: string) => {
      const words = ['build', '.', '--link', 'p', '--target', 'x86_64', '--json', '--out', out];
      const { status, stdout } = art([...words, '--', '-std=c++23'], { cwd: root, env });
      expect(status).toBe(0);
      return JSON.parse(stdout).cache as Figures | undefined;
    };
    expect(build('a')?.hits).toBe(0);
    expect(build('b')).toMatchObject({ misses: 0 });
    expect(digests(join(root, 'b'))).toEqual(digests(join(root, 'a')));
  });
});

describe('art cc', () => {
  const { ok, run, servers } = commands();
  const cwd = scratch();
  const write = (name: string, text: string) => writeFileSync(join(cwd, name), text);
  const object = (name: string) => sha256(readFileSync(join(cwd, name)));

  /** An empty cache, and how often commands have used it. */
  function ownCache() {
    const cache = join(project({}), 'cache');
    const env = { ART_NO_CACHE: '', ART_CACHE_DIR: cache };
    const counts = () => {
      const { hits, misses } = JSON.parse(art(['cache', 'stats', '--json'], { env }).stdout);
      return { hits, misses };
    };
    // The resident process writes them a moment after its answer.
    const counted = (expected: Figures) => expect.poll(counts, { timeout: 20_000, interval: 50 }).toEqual(expected);
    return { cache, env, counted };
  }

  test.each([
    ['by itself', { ART_NO_DAEMON: '1' }],
    ['with the resident process', {}],
  ])('finds what it made before, %s', async (_, how) => {
    const { env, counted } = ownCache();
    const options = { cwd, env: { ...env, ...how } };
    write('x.c', '#include "x.h"\nint x(void) { int unused; return X; }\n');
    write('x.h', '#define X 1\n');
    const args = ['cc', '-c', '-MD', '-Wall', '-g', 'x.c', '-o', 'x.o'];
    const first = run(args, options);
    expect(first).toMatchObject({ status: 0, stderr: expect.stringContaining('unused') });
    const expected = [object('x.o'), object('x.d')];
    rmSync(join(cwd, 'x.d'));
    // An existing output file makes no difference.
    expect(run(args, options)).toEqual(first);
    expect([object('x.o'), object('x.d')]).toEqual(expected);
    await counted({ hits: 1, misses: 1 });
    write('x.h', '#define X 2\n');
    run(args, options);
    await counted({ hits: 1, misses: 2 });
    const changed = object('x.o');
    run(args, { cwd, env: how });
    expect(object('x.o')).toBe(changed);
    expect(changed).not.toBe(expected[0]);
    if ('ART_NO_DAEMON' in how) expect(servers()).toEqual([]);
  });

  test('what the resident process finds is counted soon, and SIGTERM costs no more than counts', async () => {
    const { cache, env, counted } = ownCache();
    write('t.c', 'int t;\n');
    const compile = () => ok(['cc', '-c', 't.c', '-o', 't.o'], { cwd, env });
    compile();
    const [expected, state] = [object('t.o'), join(cache, 'results-1/state.json')];
    const counts = () => JSON.parse(readFileSync(state, 'utf8')) as Figures;
    for (let i = 0; i < 5; i++) compile();
    await counted({ hits: 5, misses: 1 });
    compile();
    for (const pid of servers()) process.kill(pid, 'SIGTERM');
    await until(() => servers().length === 0);
    const { status, stdout } = art(['cache', 'verify', '--json'], { env });
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, damaged: [] });
    expect(readdirSync(join(cache, 'results-1/tmp'))).toEqual([]);
    rmSync(join(cwd, 't.o'));
    const before = counts();
    expect(before.hits - 5).toBeLessThanOrEqual(1);
    compile();
    expect(object('t.o')).toBe(expected);
    await counted({ hits: before.hits + 1, misses: 1 });
  });

  test('links are found as well, with what may be run', async () => {
    const { env, counted } = ownCache();
    write('main.c', 'int main(void) { return 0; }\n');
    ok(['cc', '-c', 'main.c', '-o', 'main.o'], { cwd, env });
    ok(['cc', 'main.o', '-o', 'main'], { cwd, env });
    const expected = object('main');
    rmSync(join(cwd, 'main'));
    ok(['cc', 'main.o', '-o', 'main'], { cwd, env });
    expect([object('main'), statSync(join(cwd, 'main')).mode & 0o111]).toEqual([expected, 0o111]);
    await counted({ hits: 1, misses: 2 });
  });

  test('sources from the standard input, and response files', async () => {
    const { env, counted } = ownCache();
    write('words', '-c -x c -DY=1 -o y.o');
    const compile = (input: string) => ok(['cc', '@words', '-'], { cwd, env, input });
    compile('int y = Y;\n');
    const expected = object('y.o');
    compile('int y = Y;\n');
    expect(object('y.o')).toBe(expected);
    await counted({ hits: 1, misses: 1 });
    compile('int y = Y + 1;\n');
    write('words', '-c -x c -DY=2 -o y.o');
    compile('int y = Y;\n');
    expect(object('y.o')).not.toBe(expected);
    await counted({ hits: 1, misses: 3 });
  });
});
