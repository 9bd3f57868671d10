// art build and the other commands give the same results, messages and files with the resident process as without it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { IS_FULL } from '../support/full.js';
import { digests, project, REPOSITORY } from '../support/project.js';
import { commands, until } from '../support/resident.js';

const MAIN = join(REPOSITORY, 'dist/cli/main.js');
const CODEGEN = join(REPOSITORY, 'fixtures/codegen');
const SOURCES = ['aggregates.c', 'calls.c', 'switches.c', 'plain.c'];
/** A source that takes seconds to compile. */
const LONG = '#include <regex>\nstd::regex r("a|b"); std::cmatch m; bool b = std::regex_search("x", m, r);\n';
const ALONE = { ART_NO_DAEMON: '1' };
/** Processor time that a process has used, in clock ticks (proc(5)). */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

describe('a command compiles in the process', () => {
  const all = commands();
  const { run, ok, servers, endAll, env } = all;
  afterEach(endAll);
  const status = () => JSON.parse(ok(['daemon', 'status', '--json']));

  /** The output of a command, without the time that it took. */
  const told = (args: string[], cwd: string, own = {}) => {
    const { status: ended, stdout, stderr } = run(args, { cwd, env: own });
    return { ended, stdout: stdout.replace(/\d+\.\d+ s/, 'x s'), stderr };
  };

  test('the first one starts it, the next ones use it, and each sees files as they are', () => {
    const cwd = project({ 'a.c': '#include "a.h"\n', 'a.h': 'int one;\n' });
    ok(['build', 'a.c', '--quiet'], { cwd });
    const [first] = servers();
    writeFileSync(join(cwd, 'a.h'), 'int two;\n');
    ok(['build', 'a.c', '--quiet', '--target', 'x86_64'], { cwd });
    expect(ok(['inspect', 'artifact', '--symbols'], { cwd })).toMatch(/\btwo\b/);
    ok(['verify', 'artifact', '--quiet'], { cwd });
    ok(['rebuild', 'artifact', '--quiet'], { cwd });
    ok(['cc', '-c', 'a.c'], { cwd });
    ok(['link', '--relocatable', '--out', 'b.o', 'a.o', '--quiet'], { cwd });
    expect(servers()).toEqual([first]);
    expect(status()).toMatchObject({ running: true, pid: first, work: [] });
  });

  test('bytes, messages and exit status are those without it: first, again, and in the other order', () => {
    const files = {
      'bad.c': 'int main(void) { return missing; }\n#error "on purpose"\n',
      'warns.c': '#warning careful\n',
    };
    const cwd = project(files);
    cpSync(CODEGEN, join(cwd, 'codegen'), { recursive: true });
    const names = SOURCES.map((name) => `codegen/${name}`);
    const build = (inputs: string[], out: string, own = {}) => {
      const said = told(['build', ...inputs, '--out', out, '--jobs', '1'], cwd, own);
      return {
        said: { ...said, stdout: said.stdout.replaceAll(out, 'out') },
        made: existsSync(join(cwd, out)) && digests(join(cwd, out)),
      };
    };
    const alone = build([...names, 'warns.c'], 'alone', ALONE);
    const bad = build(['bad.c', ...names.slice(0, 2)], 'none', ALONE);
    expect(alone.made).toBeTruthy();
    expect(alone.said.stderr).toContain('careful');
    expect(bad).toMatchObject({ said: { ended: 1, stderr: expect.stringContaining('on purpose') }, made: false });
    for (const [i, inputs] of [names, names.toReversed(), names].entries()) {
      expect(build([...inputs, 'warns.c'], `warm${i}`)).toEqual(alone);
      expect(build(['bad.c', ...names.slice(0, 2)], 'none')).toEqual(bad);
    }
    const json = ['build', 'bad.c', '--json', '--jobs', '1'];
    expect(told(json, cwd)).toEqual(told(json, cwd, ALONE));
    expect(servers()).toHaveLength(1);
  });

  test('a unit that breaks the program down says so, and the next is compiled as ever', () => {
    const cwd = project({ 'a.c': 'int a;\n', 'deep.c': `int x = ${'('.repeat(200_000)}1${')'.repeat(200_000)};\n` });
    const small = ['build', 'a.c', '--max-memory', '64M', '--jobs', '1'];
    ok(['build', 'a.c', '--quiet', '--out', 'before'], { cwd });
    for (const args of [['build', 'deep.c', '--jobs', '1'], small])
      expect(told(args, cwd)).toEqual(told(args, cwd, ALONE));
    ok(['build', 'a.c', '--quiet', '--out', 'after'], { cwd });
    expect(digests(join(cwd, 'after'))).toEqual(digests(join(cwd, 'before')));
    expect(servers()).toHaveLength(1);
  });

  test('files have the permissions that the command gives them', () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    const under = ['sh', '-c', 'umask 027 && exec "$@"', 'sh'];
    ok(['build', 'a.c', '--quiet'], { cwd, under });
    expect(statSync(join(cwd, 'artifact/artifact.json')).mode & 0o777).toBe(0o640);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', 'SIGKILL'],
  ] as const)('%s to it ends its work in the process as well, and leaves nothing', async (signal, expected) => {
    const cwd = project({ 'a.cc': LONG, 'b.c': 'int b;\n' });
    ok(['build', 'b.c', '--quiet', '--out', 'first'], { cwd });
    const [server] = servers() as [number];
    const child = spawn(process.execPath, [MAIN, 'build', 'a.cc', '-O2'], {
      cwd,
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    await until(() => status().work.some((work: { units: object[] }) => work.units.length > 0));
    child.kill(signal);
    const [code, by] = await ended;
    expect(code ?? by).toBe(expected);
    await until(() => status().work.length === 0);
    await setTimeout(300);
    const before = processorTime(server);
    await setTimeout(1000);
    expect(processorTime(server) - before).toBeLessThan(20);
    if (signal !== 'SIGKILL') expect(readdirSync(cwd).sort()).toEqual(['a.cc', 'b.c', 'first']);
    ok(['build', 'b.c', '--quiet', '--out', 'second'], { cwd });
    expect(digests(join(cwd, 'second'))).toEqual(digests(join(cwd, 'first')));
    expect(servers()).toEqual([server]);
  });

  test('it is killed in the middle of a build: the build is done all the same', async () => {
    const cwd = project({ 'a.cc': LONG });
    ok(['cc', '--version'], { cwd });
    const child = spawn(process.execPath, [MAIN, 'build', 'a.cc', '--quiet', '--target', 'x86_64'], {
      cwd,
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    await until(() => status().work.some((work: { units: object[] }) => work.units.length > 0));
    for (const pid of servers()) process.kill(pid, 'SIGKILL');
    expect(await ended).toEqual([0, null]);
    expect(existsSync(join(cwd, 'artifact/artifact.tar.gz'))).toBe(true);
  });

  test('status says what it works on; stop lets it finish that, and the next command starts another', async () => {
    const cwd = project({ 'a.cc': LONG, 'b.c': 'int b;\n' });
    expect(ok(['daemon', 'status'])).toBe('no process runs\n');
    expect(JSON.parse(ok(['daemon', 'stop', '--json']))).toEqual({ ok: true, running: false });
    ok(['cc', '--version'], { cwd });
    const [first] = servers() as [number];
    const child = spawn(process.execPath, [MAIN, 'build', 'a.cc', '--quiet', '--target', 'x86_64'], {
      cwd,
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    await until(() => status().work.some((work: { units: object[] }) => work.units.length > 0));
    expect(status()).toMatchObject({
      pid: first,
      memory: expect.any(Number),
      work: [{ command: 'art build', directory: cwd, units: [{ unit: 'a.cc', target: 'x86_64-unknown-linux-musl' }] }],
    });
    expect(ok(['daemon', 'stop'])).toBe(
      `process ${first} ends when it has done this:\nart build in ${cwd}: a.cc for x86_64-unknown-linux-musl\n`,
    );
    ok(['build', 'b.c', '--quiet', '--out', 'b'], { cwd });
    expect(servers()).toHaveLength(2);
    expect(await ended).toEqual([0, null]);
    await until(() => !servers().includes(first));
    expect(ok(['daemon', 'stop'])).toMatch(/^process \d+ ends\n$/);
    await until(() => servers().length === 0);
  });
});

describe('a command starts none', () => {
  const { run, ok, servers } = commands();

  test('in CI, unless ART_DAEMON=1 asks for it; one that runs is used', () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    const threads = () => JSON.parse(ok(['daemon', 'status', '--json'])).threads;
    ok(['build', 'a.c', '--quiet'], { cwd, env: { CI: 'true' } });
    expect(servers()).toEqual([]);
    ok(['build', 'a.c', '--quiet', '--target', 'x86_64'], { cwd, env: { CI: 'true', ART_DAEMON: '1' } });
    expect(servers()).toHaveLength(1);
    expect(threads()).toBe(1);
    ok(['build', 'a.c', '--quiet', '--jobs', '2'], { cwd, env: { CI: 'true' } });
    expect(threads()).toBe(2);
  });

  test('where it does not compile, or may not', () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    const before = servers();
    ok(['build', 'a.c', '--quiet', '--manifest-only'], { cwd });
    ok(['build', 'a.c', '--quiet'], { cwd, env: ALONE });
    expect(run(['build', 'none.c'], { cwd })).toMatchObject({ status: 1 });
    expect(servers()).toEqual(before);
  });
});

describe('without work for a while', () => {
  const { ok } = commands();
  const status = () => JSON.parse(ok(['daemon', 'status', '--json']));

  test.runIf(IS_FULL)('it ends its threads, and holds at most 250 MB', async () => {
    const cwd = project({ 'a.cc': LONG });
    ok(['build', 'a.cc', '--quiet'], { cwd });
    expect(status().threads).toBeGreaterThan(0);
    await until(() => status().threads === 0, 120);
    await until(() => !status().running || status().memory <= 250e6, 120);
  });
});
