// The scripts of `art toolchain` start the native client, which art has compiled. It gives the same results as the
// client in Node, and starts Node where it must.
import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { scratch } from '../support/native.js';
import { project } from '../support/project.js';
import { commands, inSandbox, SANDBOX } from '../support/resident.js';

const CLIENT = /^exec '([^']*client-[^']*)' '([^']*)' /m;

interface ScriptOptions {
  cwd?: string;
  /** Whether the client can start no Node. */
  alone?: boolean;
  input?: string;
  own?: Record<string, string>;
  /** A command that runs the script. */
  under?: string[];
}

describe.skipIf(process.platform !== 'linux')('the native client', () => {
  const { env, ok, run, servers, endAll, impostor } = commands();
  const wrappers = scratch();
  /** Runs a script; with `alone` the client cannot start Node. */
  const script = (name: string, args: string[], options: ScriptOptions = {}) => {
    const { cwd = wrappers, alone = false, input = '', own = {}, under = [] } = options;
    const start = readFileSync(join(wrappers, 'start'), 'utf8');
    writeFileSync(join(wrappers, 'start-here'), alone ? start.replace(CLIENT, "exec '$1' '/no/node' ") : start);
    const text = readFileSync(join(wrappers, name), 'utf8');
    const path = join(wrappers, `${name}-here`);
    writeFileSync(path, `#!/bin/sh\n${text.replace(/"\$here\/start"$/m, '"$here/start-here"')}`, { mode: 0o755 });
    return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
      const [file, ...rest] = [...under, path, ...args];
      const how = { cwd, env: { ...process.env, ...env, ...own }, timeout: 60_000 };
      const child = execFile(file as string, rest, how, (_, stdout, stderr) => {
        resolve({ status: child.exitCode, stdout, stderr });
      });
      child.stdin?.end(input);
    });
  };
  beforeAll(() => void ok(['toolchain', 'env', '--wrappers', wrappers]));
  beforeEach(() => void ok(['cc', '--version']));

  test.each([
    ['an object', ['-O2', '-c', 'a.c', '-o', 'out']],
    ['what the compiler prints', ['-E', 'text.c']],
    ['an error in the words of the source', ['-c', 'bad.c']],
    ['an error that no file causes', ['-c', 'no "such"\tfile\\.c']],
    ['a link', ['a.c', '-DMAIN', '-o', 'out']],
  ])('answers as Node does: %s', async (_, args) => {
    const files = {
      'a.c': 'int a;\n#ifdef MAIN\nint main(void) { return a; }\n#endif\n',
      'text.c': 'char *s = "ä € 😀 \\" \\\\ \x01";\n',
      'bad.c': '#warning "ä € 😀 \x07"\nint "\\";\n',
    };
    const [here, there] = [project(files), project(files)];
    const expected = run(['cc', `--target=${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}`, ...args], {
      cwd: there,
    });
    expect(await script('cc', args, { cwd: here, alone: true })).toEqual(expected);
    expect(readdirSync(here)).toEqual(readdirSync(there));
    for (const name of readdirSync(here))
      expect(readFileSync(join(here, name))).toEqual(readFileSync(join(there, name)));
  });

  test('the environment, the umask and the working directory are its own', async () => {
    const cwd = project({ 'a.c': '#include "b.h"\n', 'inside/b.h': 'int b;\n' });
    writeFileSync(
      join(wrappers, 'masked'),
      `umask 077\n${readFileSync(join(wrappers, 'cc'), 'utf8').replace(/^#!.*\n/, '')}`,
    );
    expect(await script('masked', ['-c', 'a.c'], { cwd, own: { CPATH: join(cwd, 'inside') } })).toMatchObject({
      status: 0,
    });
    expect(ok(['nm', '-j', 'a.o'], { cwd })).toBe('b\n');
    expect(spawnSync('stat', ['-c', '%a', 'a.o'], { cwd, encoding: 'utf8' }).stdout).toBe('600\n');
  });

  test('what it cannot do is left to Node', async () => {
    const cwd = project({ 'a.c': 'int a;\n', args: '-c a.c -o from-file.o' });
    const done = { status: 0, stdout: '', stderr: '' };
    expect(await script('cc', ['@args'], { cwd })).toEqual(done);
    expect(await script('cc', ['-x', 'c', '-c', '-', '-o', 'from-stdin.o'], { cwd, input: 'int b;\n' })).toEqual(done);
    expect(await script('ar', ['-M'], { cwd, input: 'create from-script.a\naddmod from-file.o\nsave\nend\n' })).toEqual(
      done,
    );
    expect(await script('cc', ['-c', 'a.c', '-o', 'alone.o'], { cwd, own: { ART_NO_DAEMON: '1' } })).toEqual(done);
    const nowhere = join(cwd, 'a.c');
    expect(await script('cc', ['-c', 'a.c', '-o', 'nowhere.o'], { cwd, own: { XDG_RUNTIME_DIR: nowhere } })).toEqual(
      done,
    );
    await endAll();
    expect(await script('cc', ['-c', 'a.c'], { cwd })).toEqual(done);
    expect(servers()).toHaveLength(1);
    const objects = ['a.o', 'alone.o', 'from-file.o', 'from-script.a', 'from-stdin.o', 'nowhere.o'];
    expect(readdirSync(cwd).filter((name) => /\.[oa]$/.test(name))).toEqual(objects);
  });

  test('a server that ends before it writes, or is of another version, is done without; one that writes is not', async () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    ok(['cc', '-c', 'a.c'], { cwd });
    ok(['ar', 'qc', 'a.a', 'a.o'], { cwd });
    for (const cut of ['ready\n0 0', 'alive\nready\n', 'ready\n0 5 5\nhell', 'ready\nwhat\n']) {
      await impostor([cut], 'end');
      const lost = await script('ar', ['q', 'a.a', 'a.o'], { cwd });
      expect(lost).toMatchObject({ status: 1, stdout: '' });
      expect(lost.stderr).toMatch(/^art: error: lost the resident process while it wrote the files of this command: /);
    }
    expect(ok(['ar', 't', 'a.a'], { cwd })).toBe('a.o\n');
    for (const early of ['', 'alive\n', '0 0', '0 5 5\nhell', '{"status":1,"stdout":"","stderr":"","stale":true}\n']) {
      await impostor([early], 'end');
      expect(await script('ar', ['rs', 'a.a', 'a.o'], { cwd })).toEqual({ status: 0, stdout: '', stderr: '' });
    }
  });

  test('a server that gives signs of life is waited for; one that does not is done without, and has a successor', async () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    const beats = Array<string>(4).fill('alive\n');
    await impostor([...beats, '7 3 4\noutoops'], 'end');
    expect(await script('cc', ['-c', 'a.c'], { cwd, alone: true })).toEqual({
      status: 7,
      stdout: 'out',
      stderr: 'oops',
    });
    await impostor(['alive\n'], 'silence');
    expect(await script('cc', ['-c', 'a.c'], { cwd })).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(readdirSync(cwd)).toEqual(['a.c', 'a.o']);
    expect(servers()).toHaveLength(1);
  });

  test.skipIf(!SANDBOX)('one in another mount namespace is not served from outside', async () => {
    const [cwd, inside] = [project({ 'a.c': 'int outer;\n' }), project({ 'a.c': 'int inner;\n' })];
    expect(await script('cc', ['-E', '-P', 'a.c'], { cwd, alone: true })).toMatchObject({ stdout: 'int outer;\n' });
    // Without Node it could only ask the process outside.
    const alone = await script('cc', ['-c', 'a.c'], { cwd, alone: true, under: inSandbox(inside, cwd) });
    expect(alone).toMatchObject({ status: 1, stderr: expect.stringContaining("cannot run '/no/node'") });
    expect(await script('cc', ['-c', 'a.c'], { cwd, under: inSandbox(inside, cwd) })).toMatchObject({ status: 0 });
    expect(readdirSync(cwd)).toEqual(['a.c']);
    expect(ok(['nm', '-j', join(inside, 'a.o')])).toBe('inner\n');
  });

  test('a client that somebody removed is made again', async () => {
    for (const name of readdirSync(wrappers)) if (name.startsWith('client-')) rmSync(join(wrappers, name));
    ok(['toolchain', 'env', '--wrappers', wrappers]);
    expect(await script('cc', ['--version'], { alone: true })).toMatchObject({ status: 0, stderr: '' });
  });
});
