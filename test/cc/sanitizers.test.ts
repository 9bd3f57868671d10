// -fsanitize=undefined with its messages: compiler-rt's library in programs for musl and glibc; test/windows tests
// Windows.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKS, SAID } from '../support/checks.js';
import { available } from '../support/native.js';
import { art, project } from '../support/project.js';
import { commands } from '../support/resident.js';

const { ok, run } = commands();
const MINUTES = 60_000;

/** The folder of Debian's glibc for aarch64. */
const ARM_ROOT = '/usr/aarch64-linux-gnu';

/** Runs a program for a target, if this machine can. */
function runProgram(target: string, file: string, env: Record<string, string> = {}, cwd?: string) {
  const architecture = target.split('-', 1)[0] as string;
  const own = process.arch === 'x64' ? 'x86_64' : 'aarch64';
  const emulator = `qemu-${architecture}-static`;
  if (architecture !== own && !available(emulator)) return undefined;
  const root = target.includes('-gnu') ? ['-L', ARM_ROOT] : [];
  if (architecture !== own && root.length > 0 && !existsSync(ARM_ROOT)) return undefined;
  const [command, args] = architecture === own ? [file, []] : [emulator, [...root, file]];
  const { status, signal, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    cwd,
    env: { ...process.env, ...env },
  });
  return { status: status ?? signal, stdout, stderr };
}

/** The full triple for each name, as in artifacts. */
const TRIPLES = {
  x86_64: 'x86_64-unknown-linux-musl',
  aarch64: 'aarch64-unknown-linux-musl',
  'x86_64-linux-gnu.2.17': 'x86_64-linux-gnu.2.17',
  'aarch64-linux-gnu': 'aarch64-linux-gnu.2.28',
} as const;

describe.each(Object.entries(TRIPLES))(
  '%s',
  (target, triple) => {
    test('checks say what native clang’s say, and the program goes on', () => {
      const cwd = project({ 'checks.c': CHECKS });
      ok(['cc', `--target=${target}`, '-fsanitize=undefined', 'checks.c', '-o', 'checks'], { cwd });
      const ran = runProgram(target, join(cwd, 'checks'));
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
      ok(['cc', `--target=${target}`, '-fsanitize=undefined', 'signals.c', '-o', 'signals'], { cwd });
      const ran = runProgram(target, join(cwd, 'signals'));
      if (ran) expect(ran).toEqual({ status: 0, stdout: '10\n12\n', stderr: '' });
    });

    test('objects of art build link with the library, inside the build and after it', () => {
      const cwd = project({ 'checks.c': CHECKS });
      const build = ['build', 'checks.c', '--quiet', '--target', target, '-fsanitize=undefined', '--link', 'checks'];
      expect(art([...build, '--out', 'made'], { cwd })).toMatchObject({ status: 0 });
      expect(art(['extract', 'made', '--out', 'files', '--quiet'], { cwd })).toMatchObject({ status: 0 });
      const program = join(cwd, `files/executables/${triple}/checks`);
      const ran = runProgram(target, program);
      if (ran) expect(ran).toEqual({ status: 0, stdout: 'done\n', stderr: SAID });
      expect(art(['link', 'made', '-o', 'linked', '--quiet'], { cwd })).toMatchObject({ status: 0 });
      const linked = runProgram(target, join(cwd, 'linked'));
      if (linked) expect(linked.stderr).toBe(SAID);
    });

    test.runIf(target.includes('-gnu'))('a shared library calls what the program has', () => {
      const cwd = project({
        'shift.c': 'int shift(int by) { return 1 << by; }\n',
        'main.c': 'int shift(int);\nint main(void) { return shift(32) == 7; }\n',
      });
      const flags = [`--target=${target}`, '-fsanitize=undefined'];
      ok(['cc', ...flags, '-shared', '-fPIC', 'shift.c', '-o', 'libshift.so'], { cwd });
      ok(['cc', ...flags, 'main.c', '-L.', '-lshift', '-Wl,-rpath,.', '-o', 'program'], { cwd });
      const ran = runProgram(target, join(cwd, 'program'), {}, cwd);
      if (ran) expect(ran.stderr).toMatch(/^shift\.c:1:30: runtime error: shift exponent 32 is too large/);
      if (ran) expect(ran.status).toBe(0);
      // art link recognises the sanitizer in the library, even after strip.
      ok(['strip', 'libshift.so'], { cwd });
      ok(['cc', `--target=${target}`, '-c', 'main.c'], { cwd });
      const link = ['link', 'main.o', 'libshift.so', '-rpath', '.', '--target', target, '-o', 'linked', '--quiet'];
      expect(art(link, { cwd })).toMatchObject({ status: 0, stderr: '' });
      const linked = runProgram(target, join(cwd, 'linked'), {}, cwd);
      if (linked) expect(linked.stderr).toMatch(/^shift\.c:1:30: runtime error: shift exponent 32 is too large/);
    });

    test.runIf(target.includes('-gnu'))('a shared library with a library of its own loads in any program', () => {
      const cwd = project({
        'shift.c': 'int shift(int by) { return 1 << by; }\n',
        'main.c': 'int shift(int);\nint main(void) { return shift(32) == 7; }\n',
      });
      const own = '-l:libclang_rt.ubsan_standalone.a';
      ok(
        ['cc', `--target=${target}`, '-fsanitize=undefined', '-shared', '-fPIC', 'shift.c', own, '-o', 'libshift.so'],
        {
          cwd,
        },
      );
      ok(['cc', `--target=${target}`, 'main.c', '-L.', '-lshift', '-Wl,-rpath,.', '-o', 'program'], { cwd });
      const ran = runProgram(target, join(cwd, 'program'), {}, cwd);
      if (ran) expect(ran.stderr).toMatch(/^shift\.c:1:30: runtime error: shift exponent 32 is too large/);
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
