// What C23 requires of headers and musl's headers lack: wasm/sysroot/musl/c23 adds it, only for C23.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { differences } from '../support/compare.js';
import { available, run as native, nativeClang, TRIPLES } from '../support/native.js';
import { project, REPOSITORY } from '../support/project.js';
import { commands } from '../support/resident.js';

const { ok, run } = commands();
const fixture = readFileSync(join(REPOSITORY, 'fixtures/c23/headers.c'), 'utf8');

test.each([
  ['x86_64-linux-musl', []],
  ['aarch64-linux-musl', ['qemu-aarch64-static']],
] as const)('a program for %s finds all of it, and none of it warns', (target, emulator) => {
  const cwd = project({ 'headers.c': fixture });
  const warnings = ['-Wall', '-Wextra', '-Werror', '-Wsystem-headers'];
  for (const flags of [['-std=c23'], ['-std=gnu23', '-O2'], ['-std=c23', '-DNDEBUG']])
    ok(['cc', `--target=${target}`, ...warnings, ...flags, 'headers.c', '-o', 'program'], { cwd });
  if (emulator.length > 0 && !available(...emulator)) return;
  if (emulator.length === 0 && process.arch !== 'x64') return;
  ok(['cc', `--target=${target}`, '-std=c23', 'headers.c', '-o', 'program'], { cwd });
  const [program = '', ...args] = [...emulator, join(cwd, 'program')];
  expect(native(program, args)).toBe('7 1 inf 31 1 4 1 9 256\n0 0 0\n');
});

test('headers may come in any order, and twice', () => {
  const names = ['math', 'float', 'stdint', 'limits', 'stddef', 'stdarg', 'stdbool', 'assert', 'stdbit'];
  const all = [...names, ...names.reverse()].map((name) => `#include <${name}.h>\n`).join('');
  const cwd = project({ 'a.c': `${all}float f(void) { return INFINITY + NAN; }\n` });
  ok(['cc', '-std=c23', '-pedantic-errors', '-Wsystem-headers', '-Werror', '-c', 'a.c'], { cwd });
});

test('older standards and C++ see nothing of it', () => {
  const old = '#include <stddef.h>\n#include <limits.h>\n#include <stdbool.h>\n';
  const uses = 'int nullptr_t, unreachable, BOOL_WIDTH;\n#if !defined(true) || defined(BOOL_MAX)\n#error\n#endif\n';
  const cwd = project({ 'a.c': old + uses, 'b.cpp': '#include <limits.h>\nint BOOL_WIDTH;\n#include <stdbit.h>\n' });
  for (const standard of ['c89', 'c99', 'c17', 'gnu17']) ok(['cc', `-std=${standard}`, '-c', 'a.c'], { cwd });
  ok(['c++', '-std=c++23', '-c', 'b.cpp'], { cwd });
  expect(run(['cc', '-std=c23', '-c', 'a.c'], { cwd }).status).toBe(1);
});

describe.skipIf(!available('clang-22'))('beside native clang', () => {
  const clang = nativeClang();
  it.each(TRIPLES)('the objects for %s are the same', (triple) => {
    const cwd = project({ 'headers.c': fixture });
    const flags = ['-std=c23', '-O2'];
    ok(['cc', `--target=${triple}`, ...flags, '-c', 'headers.c'], { cwd });
    expect(differences(readFileSync(join(cwd, 'headers.o')), clang('headers.c', triple, flags, cwd))).toEqual([]);
  });
});
