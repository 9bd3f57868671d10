// Which program `art run` chooses, how it runs it, and the messages if it can run none.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { available, scratch } from '../support/native.js';
import { art, project, startArt } from '../support/project.js';

const SOURCE = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int main(int argc, char **argv) {
#ifdef __wasm__
  const char *machine = "wasm32";
#elif defined __x86_64__
  const char *machine = "x86_64";
#else
  const char *machine = "aarch64";
#endif
  char line[50] = "";
  if (!fgets(line, sizeof line, stdin)) line[0] = 0;
  printf("%s %s %s %s\\n", machine, argc > 1 ? argv[1] : "", getenv("NAME") ? getenv("NAME") : "", line);
  if (argc > 1 && !strcmp(argv[1], "abort")) abort();
  return 5;
}
`;
const [OWN, OTHER] = process.arch === 'arm64' ? ['aarch64', 'x86_64'] : ['x86_64', 'aarch64'];
const hasQemu = available(`qemu-${OTHER}-static`);
if (!hasQemu) console.warn(`no qemu-${OTHER}-static on this machine: no program for ${OTHER} is run`);

const cwd = scratch();
/** A PATH without any programs. */
const WITHOUT_EMULATORS = { env: { PATH: join(cwd, 'nothing-here') } };
const lineOf = (args: string[], options = {}) => {
  const { status, stdout, stderr } = art(args, { cwd, ...options });
  expect([stdout, stderr]).toEqual(['', expect.stringMatching(/^art: error: [^\n]*\n$/)]);
  return [status, stderr.replace('art: error: ', '').trimEnd()];
};

beforeAll(() => {
  writeFileSync(join(cwd, 'main.c'), SOURCE);
  const targets = 'x86_64,aarch64,wasm32-wasip1';
  const args = ['build', 'main.c', '--target', targets, '--link', 'main', '--out', 'all', '--quiet'];
  expect(art(args, { cwd })).toMatchObject({ status: 0, stderr: '' });
  expect(
    art(['build', 'main.c', '--target', OTHER as string, '--link', 'main', '--out', 'other'], { cwd }).status,
  ).toBe(0);
  expect(art(['build', 'main.c', '--target', 'wasm32-wasip1', '--out', 'none'], { cwd }).status).toBe(0);
});

describe('from an artifact', () => {
  test('an artifact has programs for WASI like any other', () => {
    expect(art(['verify', 'all'], { cwd }).status).toBe(0);
    const { entries } = JSON.parse(readFileSync(join(cwd, 'all/artifact.json'), 'utf8'));
    expect(entries.map(({ path, type }: { path: string; type: string }) => [path, type])).toContainEqual([
      'executables/wasm32-wasip1/main',
      'executable/wasm32',
    ]);
    expect(art(['inspect', 'all', '--entry', 'executables/wasm32-wasip1/main', '--sections'], { cwd }).stdout).toMatch(
      /wasm/,
    );
    expect(art(['convert', 'all', '--to', 'json', '--out', 'all.json'], { cwd })).toMatchObject({ status: 0 });
    expect(art(['run', 'all.json', '--target', 'wasm32'], { cwd })).toMatchObject({ status: 5, stdout: 'wasm32   \n' });
  });

  test("this machine's program is run, or the one that was asked for", () => {
    const input = 'said';
    const args = ['--env', 'NAME=named', '--', 'argument'];
    expect(art(['run', 'all', ...args], { cwd, input })).toEqual({
      status: 5,
      stdout: `${OWN} argument named said\n`,
      stderr: '',
    });
    for (const target of ['wasm32', 'wasm32-wasip1'])
      expect(art(['run', 'all', '--target', target, ...args], { cwd, input })).toEqual({
        status: 5,
        stdout: 'wasm32 argument named said\n',
        stderr: '',
      });
  });

  test.skipIf(!hasQemu)('the other architecture is run by qemu, as the only one there is', () => {
    const expected = { status: 5, stdout: `${OTHER}   \n`, stderr: '' };
    expect(art(['run', 'other'], { cwd })).toEqual(expected);
    expect(art(['run', 'all', '--target', OTHER as string], { cwd })).toEqual(expected);
    expect(art(['run', `all/executables`], { cwd }).status).not.toBe(5);
  });

  test('one that a signal ends has the status that shells give', () => {
    expect(art(['run', 'all', '--', 'abort'], { cwd }).status).toBe(134);
    expect(art(['run', 'all', '--target', 'wasm32', '--', 'abort'], { cwd }).status).toBe(134);
  });

  test('signatures are asked for as everywhere', () => {
    expect(art(['keygen', '--out', 'key', '--no-passphrase'], { cwd }).status).toBe(0);
    const key = ['--key', 'key.pub'];
    expect(lineOf(['run', 'all', ...key])).toEqual([1, expect.stringMatching(/sign/)]);
    expect(lineOf(['run', 'all', '--sha256', '0'.repeat(64)])[0]).toBe(1);
  });

  test('nothing is run of one that was changed', () => {
    const copy = project({ 'artifact.json': readFileSync(join(cwd, 'all/artifact.json')) });
    const archive = readFileSync(join(cwd, 'all/artifact.tar.gz'));
    archive[archive.length - 20] = (archive[archive.length - 20] as number) ^ 1;
    writeFileSync(join(copy, 'artifact.tar.gz'), archive);
    expect(lineOf(['run', copy])[0]).toBe(1);
  });

  test('no program, or several and no choice', () => {
    expect(lineOf(['run', 'none'])).toEqual([
      1,
      "the artifact 'none' has no program: it has bitcode, object/wasm32; build it with --link <name>",
    ]);
    expect(lineOf(['run', 'other', '--target', 'wasm32'])).toEqual([
      1,
      `the artifact 'other' has no program for wasm32: it has programs for ${OTHER}-unknown-linux-musl`,
    ]);
    art(['build', 'main.c', '--target', `${OTHER},wasm32-wasip1`, '--link', 'main', '--out', 'two'], { cwd });
    expect(lineOf(['run', 'two'])).toEqual([
      2,
      expect.stringMatching(/^the artifact 'two' has programs for \S+, \S+: choose one with --target$/),
    ]);
  });
});

describe('what cannot be run is said in a line', () => {
  const WASM = 'AGFzbQEAAAA=';

  test.each<[string, string[], number, RegExp]>([
    ['nothing there', ['nothing'], 1, /^no such program or artifact: 'nothing' \(looked in '/],
    ['a text', ['main.c'], 1, /^'main\.c' is no program: expected one that art link or art cc made/],
    ['an object', ['object.o'], 1, /^'object\.o' is an object, and no program yet: link it with art link 'object\.o'/],
    ['an object for WASI', ['wasi.o'], 1, /^'wasi\.o' is an object, and no program yet: link it with art link/],
    ['a module that exports nothing', ['empty.wasm'], 1, /^'empty\.wasm' has no function _start: link it/],
    ['a component', ['component.wasm'], 1, /^'component\.wasm' is a component, as WASI preview 2 has them/],
    ['a broken module', ['broken.wasm'], 1, /^'broken\.wasm' cannot be loaded \(/],
    [
      'what WASI does not have',
      ['wants.wasm'],
      1,
      /^'wants\.wasm' wants the function 'env\.missing', which WASI preview 1 does not have: link what/,
    ],
    ['a program for Windows', ['program.exe'], 1, /^'program\.exe' is a program for Windows: install wine/],
    ['a program for macOS', ['mac'], 1, /^'mac' is a program for macOS on aarch64: run it there$/],
    ['a program that may not be run', ['plain'], 1, /^'plain' may not be run: chmod \+x 'plain'$/],
    [
      'a program of another target',
      ['plain', '--target', 'wasm32'],
      2,
      /^'plain' is a program for \S+, and not for 'wasm32'/,
    ],
    ['a key for what is no artifact', ['plain', '--key', 'key.pub'], 2, /^'plain' is a program and no artifact/],
    [
      'a directory for a program of this machine',
      ['ready', '--dir', '.'],
      2,
      /^'ready' is no WASI program, and sees all files/,
    ],
    [
      'a directory that is not there',
      ['good.wasm', '--dir', 'nowhere'],
      1,
      /^'good\.wasm' cannot be given the directory 'nowhere' \(ENOENT/,
    ],
    [
      'a file for a directory',
      ['good.wasm', '--dir', 'main.c'],
      1,
      /^'good\.wasm' cannot be given the directory 'main\.c' \(ENOTDIR/,
    ],
    [
      'a variable without a value',
      ['good.wasm', '--env', 'NAME'],
      2,
      /^--env 'NAME' is no variable: expected one such as NAME=value$/,
    ],
  ])('%s', (_, args, status, message) => {
    expect(lineOf(['run', ...args], WITHOUT_EMULATORS)).toEqual([status, expect.stringMatching(message)]);
  });

  beforeAll(() => {
    const ok = (...args: string[]) => expect(art(args, { cwd })).toMatchObject({ status: 0, stderr: '' });
    ok('cc', '-c', 'main.c', '-o', 'object.o');
    ok('cc', '--target=wasm32-wasip1', '-c', 'main.c', '-o', 'wasi.o');
    ok('cc', '--target=wasm32-wasip1', 'main.c', '-o', 'good.wasm');
    ok('cc', 'main.c', '-o', 'ready');
    writeFileSync(join(cwd, 'wants.c'), 'void missing(void);\nint main(void) { missing(); }\n');
    ok('cc', '--target=wasm32-wasip1', 'wants.c', '-Wl,--allow-undefined', '-o', 'wants.wasm');
    writeFileSync(join(cwd, 'plain'), readFileSync(join(cwd, 'ready')));
    chmodSync(join(cwd, 'plain'), 0o644);
    writeFileSync(
      join(cwd, 'empty.wasm'),
      Buffer.concat([Buffer.from(WASM, 'base64'), Buffer.from([0, 14, 1, 120, ...Array(12).fill(0)])]),
    );
    writeFileSync(join(cwd, 'component.wasm'), Buffer.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...Array(16).fill(0)]));
    writeFileSync(join(cwd, 'broken.wasm'), Buffer.concat([Buffer.from(WASM, 'base64'), Buffer.alloc(20, 0xff)]));
    writeFileSync(join(cwd, 'program.exe'), `MZ${'\0'.repeat(100)}`);
    writeFileSync(join(cwd, 'mac'), Buffer.from([0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 1, ...Array(24).fill(0)]));
  });

  test('no qemu', () => {
    expect(lineOf(['run', 'other'], WITHOUT_EMULATORS)).toEqual([
      1,
      `'executables/${OTHER}-unknown-linux-musl/main' is for ${OTHER}, and this machine is ${OWN}: install qemu (qemu-user-static), whose qemu-${OTHER}-static or qemu-${OTHER} runs it`,
    ]);
  });
});

test('Ctrl-C ends a program that does not end', async () => {
  const root = project({
    'loop.c': '#include <stdio.h>\nint main(void) { FILE *f = fopen("d/begun", "w"); fclose(f); for (;;) ; }\n',
  });
  mkdirSync(join(root, 'd'));
  expect(art(['cc', '--target=wasm32-wasip1', 'loop.c', '-o', 'loop.wasm'], { cwd: root }).status).toBe(0);
  const child = startArt(['run', 'loop.wasm', '--dir', 'd'], { cwd: root });
  const begun = () => {
    try {
      return readFileSync(join(root, 'd/begun')).length === 0;
    } catch {
      return false;
    }
  };
  await expect.poll(begun, { timeout: 60_000 }).toBe(true);
  child.kill('SIGINT');
  const ended = await new Promise((resolve) => child.on('exit', (code, signal) => resolve([code, signal])));
  expect([
    [null, 'SIGINT'],
    [130, null],
  ]).toContainEqual(ended);
});
