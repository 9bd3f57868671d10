// Real compiler caches and distributors with the scripts of art toolchain, used as on two machines.
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { available, run, scratch } from '../support/native.js';
import { art, project, REPOSITORY, sha256 } from '../support/project.js';
import { commands, until } from '../support/resident.js';

const SOURCES = {
  'main.cpp': '#include <vector>\n#include "own.h"\nint main() { return std::vector<int>(OWN).size(); }\n',
  'own.h': '#define OWN 3\n',
};

describe.skipIf(process.platform !== 'linux')('on two machines', () => {
  const folder = scratch();
  const { env } = commands();
  const sysroots = join(folder, 'sysroots');
  /** The folder of art on the other machine: another path, installed at another time. */
  const other = join(folder, 'other/art-aot');
  const scripts = (machine: 'one' | 'two') => join(folder, machine, 'bin');
  const toolchain = (machine: 'one' | 'two', ...more: string[]) => {
    const main = join(machine === 'one' ? REPOSITORY : other, 'dist/cli/main.js');
    const args = [main, 'toolchain', 'env', '--wrappers', scripts(machine), ...more];
    const variables = { ...process.env, ...env, ART_SYSROOT: sysroots };
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: variables });
    expect([status, stderr]).toEqual([0, '']);
  };

  beforeAll(() => {
    cpSync(join(REPOSITORY, 'dist'), join(other, 'dist'), { recursive: true });
    for (const name of ['wasm', 'node_modules', 'package.json']) symlinkSync(join(REPOSITORY, name), join(other, name));
    utimesSync(join(other, 'dist/cli/main.js'), 1e9, 1e9);
    expect(art(['sysroot', '--out', sysroots, '--quiet']).status).toBe(0);
    toolchain('one');
    toolchain('two');
  });

  const COMMANDS = ['ar', 'c++', 'cc', 'clang-scan-deps', 'nm', 'objcopy', 'ranlib', 'strip'];

  test('the scripts have the same bytes and times; what is of the machine stands beside them', () => {
    const states = (['one', 'two'] as const).map((machine) => {
      const files = readdirSync(scripts(machine)).filter((name) => name !== 'start' && !name.startsWith('client-'));
      return files.sort().map((name) => {
        const path = join(scripts(machine), name);
        return { name, text: readFileSync(path, 'utf8'), time: statSync(path).mtimeMs };
      });
    });
    expect(states[0]?.map(({ name }) => name)).toEqual(COMMANDS);
    expect(states[1]).toEqual(states[0]);
    const [one, two] = (['one', 'two'] as const).map((machine) =>
      readFileSync(join(scripts(machine), 'start'), 'utf8'),
    );
    expect(one).not.toBe(two);
  });

  test('a script that is the same is not written again, and one for another target has another time', () => {
    const state = () => readdirSync(scripts('one')).map((name) => statSync(join(scripts('one'), name)).ino);
    const before = state();
    toolchain('one');
    expect(state()).toEqual(before);
    const time = statSync(join(scripts('one'), 'cc')).mtimeMs;
    art(['toolchain', 'env', '--target', 'aarch64', '--wrappers', join(folder, 'aarch64')], { env });
    expect(statSync(join(folder, 'aarch64/cc')).mtimeMs).not.toBe(time);
  });

  test('a link to a script, from another folder and by PATH, finds what starts art', () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    mkdirSync(join(cwd, 'links'));
    symlinkSync(join(scripts('one'), 'cc'), join(cwd, 'links/my-cc'));
    const vars = { ...process.env, ...env, PATH: `${join(cwd, 'links')}:${process.env.PATH}` };
    for (const command of ['my-cc -c a.c', 'links/my-cc -c a.c', `sh ${join(scripts('one'), 'cc')} -c a.c`]) {
      const { status, stderr } = spawnSync('sh', ['-c', command], { cwd, env: vars, encoding: 'utf8' });
      expect([command, status, stderr]).toEqual([command, 0, '']);
    }
  });

  /** Compiles on one machine and then on the other, and returns both objects. */
  function both(cwd: string, words: (compiler: string) => string[], more: Record<string, string>): string[] {
    return (['one', 'two'] as const).map((machine) => {
      const [command = '', ...args] = words(join(scripts(machine), 'c++'));
      const variables = { ...process.env, ...env, ...more };
      const { status, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env: variables });
      expect([status, stderr]).toEqual([0, '']);
      return sha256(readFileSync(join(cwd, 'main.o')));
    });
  }

  const COMPILE = ['-O1', '-c', 'main.cpp', '-o', 'main.o'];

  it.skipIf(!available('ccache'))('ccache: what one has compiled is a hit for the other, in direct mode', () => {
    const cwd = project(SOURCES);
    const more = { CCACHE_DIR: join(cwd, 'cache'), CCACHE_SLOPPINESS: 'include_file_ctime,include_file_mtime' };
    const [one, two] = both(cwd, (compiler) => ['ccache', compiler, ...COMPILE], more);
    expect(two).toBe(one);
    const stats = run('env', [...Object.entries(more).map(([k, v]) => `${k}=${v}`), 'ccache', '--print-stats']);
    expect(stats).toMatch(/^direct_cache_hit\t1$/m);
    expect(stats).toMatch(/^cache_miss\t1$/m);
  });

  it.skipIf(!available('sccache'))('sccache: what one has compiled is a hit for the other', async () => {
    const cwd = project(SOURCES);
    const [port = 0] = await freePorts(1);
    const more = { SCCACHE_DIR: join(cwd, 'cache'), SCCACHE_SERVER_PORT: `${port}`, SCCACHE_IDLE_TIMEOUT: '60' };
    const sccache = (...args: string[]) =>
      spawnSync('sccache', args, { cwd, encoding: 'utf8', env: { ...process.env, ...env, ...more } });
    try {
      const [one, two] = both(cwd, (compiler) => ['sccache', compiler, ...COMPILE], more);
      expect(two).toBe(one);
      const { stats } = JSON.parse(sccache('--show-stats', '--stats-format', 'json').stdout);
      const hits = Object.values(stats.cache_hits.counts as Record<string, number>).reduce((sum, n) => sum + n, 0);
      expect(hits).toBe(1);
    } finally {
      sccache('--stop-server');
    }
  });

  describe.skipIf(!available('distcc', 'distccd') || !canServe())('distcc, with two servers', () => {
    let hosts: string;
    const log = (n: number) => join(folder, `distccd-${n}.log`);

    beforeAll(async () => {
      const bin = join(folder, 'servers');
      mkdirSync(bin);
      // The servers run as another user, who writes logs here.
      chmodSync(folder, 0o777);
      const made = art(['toolchain', 'env', '--target', 'aarch64', '--wrappers', join(folder, 'aarch64')], { env });
      expect(made.status).toBe(0);
      symlinkSync(join(folder, 'aarch64/cc'), join(bin, 'clang'));
      const ports = await freePorts(2);
      for (const [n, port] of ports.entries()) {
        const words = `--daemon --no-detach --listen 127.0.0.1 --allow 127.0.0.1 --jobs 1 --enable-tcp-insecure`;
        const args = [...words.split(' '), '--port', `${port}`, '--log-file', log(n), '--user', 'nobody'];
        const vars = { ...process.env, PATH: `${bin}:${process.env.PATH}`, ART_NO_DAEMON: '1' };
        const server = spawn('distccd', args, { env: vars, stdio: 'ignore', detached: true });
        afterAll(() => void process.kill(-(server.pid as number), 'SIGKILL'));
      }
      await until(() => [0, 1].every((n) => existsSync(log(n))));
      hosts = ports.map((port) => `127.0.0.1:${port}/1`).join(' ');
    });

    const distcc = (cwd: string, command: string) => {
      mkdirSync(join(cwd, 'distcc'));
      const own = { DISTCC_HOSTS: hosts, DISTCC_FALLBACK: '0', DISTCC_DIR: join(cwd, 'distcc') };
      const variables = { ...process.env, ...env, ...own, PATH: `${join(folder, 'servers')}:${process.env.PATH}` };
      const { status, stderr } = spawnSync('sh', ['-ec', command], { cwd, encoding: 'utf8', env: variables });
      expect([status, stderr]).toEqual([0, '']);
    };

    it('compiles on both, to the same objects as without it', () => {
      const names = ['a', 'b', 'c', 'd'];
      const cwd = project(
        Object.fromEntries(names.map((n) => [`${n}.c`, `#include <stdio.h>\nvoid ${n}(void) { puts("${n}"); }\n`])),
      );
      const cc = join(scripts('one'), 'cc');
      distcc(cwd, `for f in ${names.join(' ')}; do distcc ${cc} -O1 -c $f.c -o $f.o & done; wait`);
      for (const name of names) {
        const far = readFileSync(join(cwd, `${name}.o`));
        run(
          'env',
          [...Object.entries(env).map(([k, v]) => `${k}=${v}`), cc, '-O1', '-c', `${name}.c`, '-o', 'near.o'],
          cwd,
        );
        expect(far).toEqual(readFileSync(join(cwd, 'near.o')));
      }
      for (const n of [0, 1]) expect(readFileSync(log(n), 'utf8')).toMatch(/COMPILE_OK/);
    });

    it('a script under the name clang keeps its own target, though distcc adds that of this machine', () => {
      const cwd = project({ 'a.c': 'int a;\n' });
      distcc(cwd, 'distcc clang -c a.c -o a.o');
      expect(readFileSync(join(cwd, 'a.o')).readUInt16LE(18)).toBe(183); // EM_AARCH64
    });
  });
});

/**
 * Whether distccd can be tested: started by root, it runs as another user, who must be able to read the files of the
 * test.
 */
function canServe(): boolean {
  if (process.getuid?.() !== 0) return true;
  const nobody = ['--reuid=nobody', '--regid=nogroup', '--clear-groups'];
  const reads = (path: string) => spawnSync('setpriv', [...nobody, 'test', '-r', path]).status === 0;
  if (reads(join(REPOSITORY, 'dist/cli/main.js')) && reads(process.execPath)) return true;
  console.log("skipped, distccd's user cannot read this repository");
  return false;
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await until(() => servers.every((server) => server.listening));
  return servers.map((server) => {
    const { port } = server.address() as { port: number };
    server.close();
    return port;
  });
}
