// What `art cc` is asked for and cannot do: it says so in a line, before anything
// is compiled; and what it can do without, it leaves out with a warning.
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
  // The whole program is one module: answer is in main. With thin ones it is there too, and stays.
  if (flag === '-flto') expect(ok(['nm', 'a'], { cwd })).not.toMatch(/ answer\n/);
  if (process.arch === 'x64') expect(execFileSync(join(cwd, 'a')).toString()).toBe('42\n');
});

test('a record of optimisations is written', () => {
  const cwd = project({ 'a.c': 'int f(int x) { return x; }\nint main(void) { return f(0); }\n' });
  ok(['cc', '-O2', '-fsave-optimization-record', '-c', 'a.c'], { cwd });
  expect(readFileSync(join(cwd, 'a.opt.yaml'), 'utf8')).toMatch(/^--- !Passed\nPass: +inline$/m);
});

describe('sanitizers', () => {
  test('checks that call a library are refused, with what to do', () => {
    expect(refused(['cc', '-fsanitize=undefined', '-c', 'a.c'])).toMatch(
      /'-fsanitize=undefined' calls a library that art does not have: add -fsanitize-trap=all/,
    );
    for (const kind of ['leak', 'address', 'thread'])
      expect(refused(['cc', `-fsanitize=${kind}`, 'a.c'])).toMatch(
        /calls a library that art does not have: leave it out/,
      );
  });

  test('those that trap, and those whose library the program brings, compile', () => {
    const cwd = project({ 'a.c': MAIN });
    ok(['cc', '-fsanitize=undefined', '-fsanitize-trap=all', 'a.c', '-o', 'a'], { cwd });
    ok(['cc', '-fsanitize=undefined', '-fno-sanitize-link-runtime', '-c', 'a.c'], { cwd });
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

  test.each(['x86_64-linux-gnu', 'aarch64-none-elf', 'wasm32-wasip1'])('a program for %s needs a sysroot', (target) => {
    expect(refused(['cc', '-target', target, 'a.c', '-o', 'a'])).toMatch(
      `link for '${target}' with --sysroot=<dir>, or with -nostdlib`,
    );
  });

  test.each(['x86_64-pc-windows-msvc', 'arm64-apple-macos'])('a program for %s is not linked', (target) => {
    expect(refused(['cc', '-target', target, 'a.c', '-o', 'a'])).toMatch(/art links ELF programs only/);
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
