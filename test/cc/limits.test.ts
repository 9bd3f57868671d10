// What `art cc` is asked for and cannot do: it says so in a line, before anything
// is compiled; and what it can do without, it leaves out with a warning.
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

test('-flto is left out: objects are made as without it, and link', () => {
  const cwd = project({ 'a.c': MAIN });
  ok(['cc', '-O2', '-c', 'a.c', '-o', 'plain.o'], { cwd });
  for (const flags of [['-flto'], ['-flto=thin', '-fwhole-program-vtables'], ['-flto=auto', '-ffat-lto-objects']]) {
    const { status, stderr } = run(['cc', '-O2', ...flags, '-c', 'a.c'], { cwd });
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: `art: warning: left out '${flags.join(' ')}': there is no optimisation at link time; objects are made as without it\n`,
    });
    expect(readFileSync(join(cwd, 'a.o'))).toEqual(readFileSync(join(cwd, 'plain.o')));
  }
  expect(run(['cc', '-flto', 'a.c', '-o', 'a'], { cwd })).toMatchObject({ status: 0 });
  ok(['cc', '-flto', '-fno-lto', '-c', 'a.c'], { cwd });
});

test('a record of optimisations is not written, rather than an empty one', () => {
  const cwd = project({ 'a.c': MAIN });
  for (const flag of ['-fsave-optimization-record', '-foptimization-record-file=a.yaml'])
    expect(run(['cc', '-O2', flag, '-c', 'a.c'], { cwd })).toEqual({
      status: 0,
      stdout: '',
      stderr: `art: warning: left out '${flag}': the back end keeps no record of what it optimised\n`,
    });
  expect(readdirSync(cwd)).toEqual(['a.c', 'a.o']);
});

describe('sanitizers', () => {
  test('checks that call a library are refused, with what to do', () => {
    expect(refused(['cc', '-fsanitize=undefined', '-c', 'a.c'])).toMatch(
      /'-fsanitize=undefined' calls a library that art does not have: add -fsanitize-trap=all/,
    );
    expect(refused(['cc', '-fsanitize=leak', 'a.c'])).toMatch(/'-fsanitize=leak' calls a library/);
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
