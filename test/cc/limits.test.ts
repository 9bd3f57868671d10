// Requests that `art cc` cannot fulfil are refused with one line before anything is compiled; flags that it can ignore
// are ignored with a warning.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { project } from '../support/project.js';
import { commands } from '../support/resident.js';

const { ok, run } = commands();
const MAIN = 'int main(void) { return 0; }\n';

/** Runs a command that must fail with one line. */
function refused(args: string[]): string {
  const cwd = project({ 'a.c': MAIN });
  const { status, stdout, stderr } = run(args, { cwd });
  expect({ status, stdout, files: readdirSync(cwd) }).toEqual({ status: 1, stdout: '', files: ['a.c'] });
  expect(stderr).toMatch(/^art: error: [^\n]*\n$/);
  return stderr;
}

test('-march=native and its kin are left out, and one line says so', () => {
  const cwd = project({ 'a.c': MAIN });
  ok(['cc', '-c', 'a.c', '-o', 'plain.o'], { cwd });
  expect(run(['cc', '-march=native', '-mtune=native', '-c', 'a.c'], { cwd })).toEqual({
    status: 0,
    stdout: '',
    stderr:
      "art: warning: left out '-march=native -mtune=native': art does not ask what this machine can do; name a CPU\n",
  });
  expect(run(['cc', '--target=aarch64', '-mcpu=native', '-c', 'a.c'], { cwd }).stderr).toMatch(/'-mcpu=native'/);
  expect(readFileSync(join(cwd, 'plain.o')).length).toBeGreaterThan(0);
});

test.each(['-flto', '-flto=thin'])('%s optimises when linking', (flag) => {
  const cwd = project({
    'a.c': '#include <stdio.h>\nint answer(void);\nint main(void) { return printf("%d\\n", answer()) < 0; }\n',
    'b.c': 'int answer(void) { return 42; }\n',
  });
  ok(['cc', '-O2', 'a.c', 'b.c', '-o', 'plain'], { cwd });
  expect(ok(['nm', 'plain'], { cwd })).toMatch(/ T answer\n/);
  ok(['cc', '-O2', flag, '-c', 'a.c', 'b.c'], { cwd });
  expect(readFileSync(join(cwd, 'b.o')).subarray(0, 2).toString()).toBe('BC');
  ok(['ar', 'rc', 'libb.a', 'b.o'], { cwd });
  ok(['cc', '-O2', flag, 'a.o', 'libb.a', '-o', 'a'], { cwd });
  // The whole program is optimised as one module, so `answer` is inlined into main. With ThinLTO it is inlined too, but
  // not removed.
  if (flag === '-flto') expect(ok(['nm', 'a'], { cwd })).not.toMatch(/ answer\n/);
  if (process.arch === 'x64') expect(execFileSync(join(cwd, 'a')).toString()).toBe('42\n');
});

test('a record of optimisations is written', () => {
  const cwd = project({ 'a.c': 'int f(int x) { return x; }\nint main(void) { return f(0); }\n' });
  ok(['cc', '-O2', '-fsave-optimization-record', '-c', 'a.c'], { cwd });
  expect(readFileSync(join(cwd, 'a.opt.yaml'), 'utf8')).toMatch(/^--- !Passed\nPass: +inline$/m);
});

describe('flags that would fail inside a program end in a line that names them', () => {
  const CASES: [flags: string[], flag: string, why: string][] = [
    [
      ['-m32'],
      '-m32',
      "no headers and libraries for 'i386-unknown-linux-musl'; code that needs none can be compiled with -ffreestanding",
    ],
    [['-m32', '-c'], '-m32', 'no headers and libraries'],
    [['-m16', '-c'], '-m16', 'no headers and libraries'],
    [['-mx32', '-c'], '-mx32', 'no headers and libraries'],
    [['--target=aarch64', '-mbig-endian'], '-mbig-endian', "for 'aarch64_be-unknown-linux-musl'"],
    [['--target=aarch64', '-m32', '-c'], '-m32', 'no headers and libraries'],
    [['-pg'], '-pg', 'it needs start files for gprof, which musl does not have'],
    [['--target=aarch64', '-pg'], '-pg', 'it needs start files for gprof'],
    [['-fopenmp'], '-fopenmp', 'it needs an OpenMP library; leave it out, or name the folder of one with -L'],
    [['-fopenmp=libgomp'], '-fopenmp=libgomp', 'it needs an OpenMP library'],
    [['-rtlib=libgcc', '-unwindlib=libgcc'], '-rtlib=libgcc', "it needs GCC's library, which compiler-rt replaces"],
    [['-fno-integrated-as'], '-fno-integrated-as', "there is no assembler but clang's"],
    [['-no-integrated-as', '-c'], '-no-integrated-as', "there is no assembler but clang's"],
    [['-fplugin=x.so', '-c'], '-fplugin=x.so', 'loads a library into the compiler'],
    [['-fpass-plugin=x.so'], '-fpass-plugin=x.so', 'loads a library into the compiler'],
    [['-Xclang', '-load', '-Xclang', 'x.so', '-c'], '-Xclang -load', 'loads a library into the compiler'],
    [['-fxray-instrument'], '-fxray-instrument', 'it needs a library that art does not have'],
    [['-fmemory-profile'], '-fmemory-profile', 'it needs a library that art does not have'],
    [['-fsanitize=cfi', '-flto', '-fvisibility=hidden'], '-fsanitize=cfi', 'add -fno-sanitize-ignorelist'],
    [['-fsplit-stack'], '-fsplit-stack', "calls GCC's library"],
    [['-fproc-stat-report', '-c'], '-fproc-stat-report', 'starts no processes'],
    [['-gen-reproducer', '-c'], '-gen-reproducer', 'no crash reports'],
  ];
  test.each(CASES)('%j', (flags, flag, why) => {
    // -m32 and similar flags need x86_64 as the target.
    const target = flags.some((word) => word.startsWith('--target')) ? [] : ['--target=x86_64'];
    const message = refused(['cc', ...target, ...flags, 'a.c']);
    expect(message).toContain(`'${flag}' cannot be used here: `);
    expect(message).toContain(why);
  });

  test('what another compiler or program would do is named', () => {
    const cwd = project({ 'a.f90': 'end\n', 'a.c': MAIN });
    expect(run(['cc', '-c', 'a.f90'], { cwd }).stderr).toBe(
      "art: error: 'a.f90' is for gcc: art compiles C, C++, assembly and LLVM IR\n",
    );
    expect(run(['cc', '-fsycl', '-c', 'a.c'], { cwd }).stderr).toMatch(
      /^art: error: clang would call '[\w-]+' for this command, and art has no such program\n$/,
    );
    expect(run(['cc', '--target=riscv64-linux-musl', '-c', 'a.c'], { cwd }).stderr).toBe(
      "art: error: art has no headers and libraries for 'riscv64-linux-musl': expected a target of x86_64, aarch64, wasm32; code that needs none can be compiled with -ffreestanding\n",
    );
  });

  test('where they do no harm they work', () => {
    const cwd = project({ 'a.c': 'int f(int x) { return x; }\n', 'main.c': MAIN, 'libomp.a': '!<arch>\n' });
    ok(['cc', '--target=x86_64', '-m32', '-ffreestanding', '-c', 'a.c', '-o', 'x.o'], { cwd });
    expect(readFileSync(join(cwd, 'x.o')).readUInt16LE(18)).toBe(3); // EM_386
    for (const flags of [
      ['-pg'],
      ['-fopenmp'],

      ['-fembed-bitcode'],
      ['-fxray-instrument'],
    ])
      expect(run(['cc', ...flags, '-c', 'a.c', '-o', 'y.o'], { cwd })).toMatchObject({ status: 0, stderr: '' });
    ok(['cc', '-fno-integrated-as', '-E', 'a.c', '-o', 'a.i'], { cwd });
    ok(['cc', '-fopenmp', 'main.c', '-L.', '-o', 'a'], { cwd });
    ok(['cc', '-fsanitize=cfi', '-flto', '-fvisibility=hidden', '-fno-sanitize-ignorelist', 'main.c', '-o', 'a'], {
      cwd,
    });
    ok(['cc', '--target=x86_64-none-elf', '-nostdlib', '-Wl,-e,f', 'a.c', '-o', 'a'], { cwd });
  });
});

describe('targets', () => {
  test('the short names mean what they mean everywhere in art', () => {
    for (const flags of [['--target=aarch64'], ['-target', 'arm64']])
      expect(ok(['cc', ...flags, '-dumpmachine'])).toBe('aarch64-unknown-linux-musl\n');
    expect(ok(['cc', '-target', 'x86_64', '-dumpmachine'])).toBe('x86_64-unknown-linux-musl\n');
    const cwd = project({ 'a.c': `#include <stdio.h>\n${MAIN}` });
    ok(['cc', '--target=aarch64', 'a.c', '-o', 'a'], { cwd });
  });

  test.each(['aarch64-none-elf', 'wasm32-unknown-unknown'])('a program for %s needs a sysroot', (target) => {
    expect(refused(['cc', '-target', target, 'a.c', '-o', 'a'])).toMatch(
      `link for '${target}' with --sysroot=<dir>, or with -nostdlib`,
    );
  });

  test.each(['x86_64-pc-windows-msvc', 'arm64-apple-macos'])('a program for %s is not linked', (target) => {
    expect(refused(['cc', '-target', target, 'a.c', '-o', 'a'])).toMatch(/art does not link for/);
    ok(['cc', '-target', target, '-c', 'a.c'], { cwd: project({ 'a.c': MAIN }) });
  });

  test('what needs no libraries links for each of them', () => {
    const cwd = project({ 'a.c': 'void _start(void) {}\n' });
    ok(['cc', '-target', 'x86_64-linux-gnu', '-static', '-nostdlib', 'a.c', '-o', 'a'], { cwd });
    ok(['cc', '-target', 'x86_64-linux-gnu', '-r', 'a.c', '-o', 'a.o'], { cwd });
    ok(['cc', '-target', 'aarch64-none-elf', '-nostdlib', 'a.c', '-o', 'b'], { cwd });
    ok(['cc', '-target', 'wasm32', '-nostdlib', 'a.c', '-o', 'c'], { cwd });
  });
});
