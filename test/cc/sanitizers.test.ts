// -fsanitize=undefined with its messages: compiler-rt's library, in programs that are linked statically.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { available } from '../support/native.js';
import { art, project } from '../support/project.js';
import { commands } from '../support/resident.js';

const { ok, run } = commands();
const MINUTES = 60_000;

/** What native clang's program says of it, but for addresses. */
const CHECKS = `#include <limits.h>
#include <stdio.h>
int main(int argc, char **argv) {
  (void)argv;
  volatile int zero = argc - 1, bits = 32 + argc, big = INT_MAX;
  int numbers[4] = {0};
  big += argc;
  zero = 1 << bits;
  zero = numbers[argc + 4];
  enum { last = 3 };
  _Bool flag;
  *(unsigned char *)&flag = 2 * argc;
  zero = flag;
  puts("done");
  return 0;
}
`;
const SAID = `checks.c:7:7: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'
SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior checks.c:7:7 
checks.c:8:12: runtime error: shift exponent 33 is too large for 32-bit type 'int'
SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior checks.c:8:12 
checks.c:9:10: runtime error: index 5 out of bounds for type 'int[4]'
SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior checks.c:9:10 
checks.c:13:10: runtime error: load of value 2, which is not a valid value for type '_Bool'
SUMMARY: UndefinedBehaviorSanitizer: undefined-behavior checks.c:13:10 
`;

/** Runs a program of an architecture, where this machine can. */
function runProgram(architecture: 'x86_64' | 'aarch64', file: string, env: Record<string, string> = {}) {
  const own = process.arch === 'x64' ? 'x86_64' : 'aarch64';
  const emulator = `qemu-${architecture}-static`;
  if (architecture !== own && !available(emulator)) return undefined;
  const [command, args] = architecture === own ? [file, []] : [emulator, [file]];
  const { status, signal, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status: status ?? signal, stdout, stderr };
}

describe.each(['x86_64', 'aarch64'] as const)(
  '%s',
  (architecture) => {
    test('checks say what native clang’s say, and the program goes on', () => {
      const cwd = project({ 'checks.c': CHECKS });
      ok(['cc', `--target=${architecture}`, '-fsanitize=undefined', 'checks.c', '-o', 'checks'], { cwd });
      const ran = runProgram(architecture, join(cwd, 'checks'));
      if (ran) expect(ran).toEqual({ status: 0, stdout: 'done\n', stderr: SAID });
    });

    test('a program may handle signals', () => {
      const source = `#include <signal.h>
#include <stdio.h>
static void said(int signal) { printf("%d\\n", signal); }
int main(void) {
  struct sigaction action = {.sa_handler = said};
  int failed = sigaction(SIGUSR1, &action, 0) != 0;
  failed |= signal(SIGUSR2, said) == SIG_ERR;
  raise(SIGUSR1);
  raise(SIGUSR2);
  return failed;
}
`;
      const cwd = project({ 'signals.c': source });
      ok(['cc', `--target=${architecture}`, '-fsanitize=undefined', 'signals.c', '-o', 'signals'], { cwd });
      const ran = runProgram(architecture, join(cwd, 'signals'));
      if (ran) expect(ran).toEqual({ status: 0, stdout: '10\n12\n', stderr: '' });
    });

    test('objects of art build link with the library, inside the build and after it', () => {
      const cwd = project({ 'checks.c': CHECKS });
      const build = [
        'build',
        'checks.c',
        '--quiet',
        '--target',
        architecture,
        '-fsanitize=undefined',
        '--link',
        'checks',
      ];
      expect(art([...build, '--out', 'made'], { cwd })).toMatchObject({ status: 0 });
      expect(art(['extract', 'made', '--out', 'files', '--quiet'], { cwd })).toMatchObject({ status: 0 });
      const program = join(cwd, `files/executables/${architecture}-unknown-linux-musl/checks`);
      const ran = runProgram(architecture, program);
      if (ran) expect(ran).toEqual({ status: 0, stdout: 'done\n', stderr: SAID });
      expect(art(['link', 'made', '-o', 'linked', '--quiet'], { cwd })).toMatchObject({ status: 0 });
      const linked = runProgram(architecture, join(cwd, 'linked'));
      if (linked) expect(linked.stderr).toBe(SAID);
    });
  },
  5 * MINUTES,
);

describe.runIf(process.arch === 'x64')('programs of this machine', () => {
  const shift = 'int main(int argc, char **argv) { (void)argv; return 1 << (argc + 32); }\n';

  test('stop where -fno-sanitize-recover says so', () => {
    const cwd = project({ 'a.c': shift });
    ok(['cc', '-fsanitize=undefined', '-fno-sanitize-recover=all', 'a.c', '-o', 'a'], { cwd });
    expect(runProgram('x86_64', join(cwd, 'a'))).toMatchObject({
      status: 1,
      stderr: /^a\.c:1:58: runtime error: shift exponent 33 /,
    });
  });

  test('have a small library with -fsanitize-minimal-runtime, also after art build', () => {
    const cwd = project({ 'a.c': shift });
    const flags = ['-fsanitize=undefined', '-fsanitize-minimal-runtime'];
    ok(['cc', ...flags, 'a.c', '-o', 'a'], { cwd });
    const said = /^ubsan: shift-out-of-bounds by 0x[0-9a-f]+/;
    expect(runProgram('x86_64', join(cwd, 'a'))?.stderr).toMatch(said);
    ok(['cc', ...flags, '-c', 'a.c'], { cwd });
    expect(art(['link', 'a.o', '-o', 'linked', '--quiet'], { cwd })).toMatchObject({ status: 0 });
    expect(runProgram('x86_64', join(cwd, 'linked'))?.stderr).toMatch(said);
  });

  test('know the type of an object, and where they are', () => {
    const source = `struct A { virtual int f() { return 1; } int x = 0; };
namespace n { struct C { virtual int h() { return 2; } int y = 0; }; }
__attribute__((noinline)) int use(A *a) { return a->f(); }
int main() { n::C c; return use((A *)&c) - 2; }
`;
    const cwd = project({ 'a.cpp': source });
    ok(['c++', '-fsanitize=vptr', '-fno-omit-frame-pointer', 'a.cpp', '-o', 'a'], { cwd });
    const ran = runProgram('x86_64', join(cwd, 'a'), { UBSAN_OPTIONS: 'print_stacktrace=1:symbolize=0' });
    expect(ran?.status).toBe(0);
    expect(ran?.stderr).toMatch(
      /^a\.cpp:3:53: runtime error: member call on address 0x\w+ which does not point to an object of type 'A'$/m,
    );
    expect(ran?.stderr).toMatch(/^0x\w+: note: object is of type 'n::C'$/m);
    expect(ran?.stderr).toMatch(/^ {4}#1 0x/m);
  });

  test('say where a signal ended them', () => {
    const cwd = project({ 'a.c': 'int main(void) { *(volatile int *)4 = 1; return 0; }\n' });
    ok(['cc', '-w', '-fsanitize=undefined', 'a.c', '-o', 'a'], { cwd });
    const ran = runProgram('x86_64', join(cwd, 'a'));
    expect(ran?.stderr).toMatch(/ERROR: UndefinedBehaviorSanitizer: SEGV on unknown address 0x0+4 /);
  });
});

describe('what is refused', () => {
  const refused = (args: string[], files = { 'a.c': 'int main(void) { return 0; }\n' }) => {
    const { status, stdout, stderr } = run(args, { cwd: project(files) });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    return stderr;
  };

  test('other libraries, by name', () => {
    for (const kind of ['leak', 'address', 'thread'])
      expect(refused(['cc', `-fsanitize=${kind}`, 'a.c'])).toBe(
        `art: error: '-fsanitize=${kind}' calls a library that art does not have: leave it out, or try -fsanitize=undefined\n`,
      );
  });

  test('UBSan’s for targets that art has no libraries for', () => {
    expect(refused(['cc', '--target=x86_64-unknown-freebsd', '-fsanitize=undefined', '-c', 'a.c'])).toBe(
      "art: error: '-fsanitize=undefined' calls a library that art does not have for 'x86_64-unknown-freebsd': add -fsanitize-trap=all, which stops the program instead\n",
    );
  });

  test('a program of a build with another library', () => {
    const cwd = project({ 'a.c': 'int main(void) { return 0; }\n' });
    const { status, stderr } = art(['build', 'a.c', '-fsanitize=address', '--link', 'a', '--out', 'made'], { cwd });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr:
        "art: error: '-fsanitize=address' calls a library that art does not have: leave it out, try -fsanitize=undefined, or build without --link\n",
    });
    expect(art(['build', 'a.c', '-fsanitize=address', '--quiet', '--out', 'made'], { cwd })).toMatchObject({
      status: 0,
    });
  });

  test('nothing that brings its own, or traps', () => {
    const handler =
      'void __ubsan_handle_shift_out_of_bounds(void *d, unsigned long a, unsigned long b) { (void)d, (void)a, (void)b; }\n';
    const cwd = project({ 'a.c': `${handler}int main(int argc, char **argv) { (void)argv; return 1 << argc; }\n` });
    ok(['cc', '-fsanitize=undefined', '-fsanitize-trap=all', 'a.c', '-o', 'a'], { cwd });
    ok(['cc', '-fsanitize=shift', '-fno-sanitize-link-runtime', '-c', 'a.c'], { cwd });
    expect(art(['link', 'a.o', '-o', 'linked', '--quiet'], { cwd })).toMatchObject({ status: 0, stderr: '' });
  });
});
