// Objects for systems for which art has no headers, compared with native clang.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openCompiler } from '../support/compiler.js';
import { available, run } from '../support/native.js';
import { project } from '../support/project.js';

const SOURCE = `
typedef unsigned long long u64;
extern int elsewhere(const char *, double);
static _Thread_local int counter;
static const char greeting[] = "hello";
int add(int a, int b) { return a + b; }
double sum(const double *p, u64 n) { double s = 0; for (u64 i = 0; i < n; i++) s += p[i]; return s; }
int call(double x) { return ++counter + elsewhere(greeting, x); }
int pick(int x) { switch (x) { case 0: return 3; case 1: return 14; case 2: return 15; case 3: return 92; case 4: return 65; } return 0; }
`;
/** The place of the time stamp in COFF, where native clang writes the current time. */
const COFF_TIMESTAMP = [4, 8] as const;

describe.runIf(available('clang-22'))('native clang makes the same object', () => {
  for (const triple of [
    'x86_64-pc-windows-msvc',
    'aarch64-pc-windows-msvc',
    'x86_64-apple-macos13',
    'arm64-apple-macos13',
    'x86_64-none-elf',
    'aarch64-none-elf',
  ])
    for (const level of ['-O0', '-O2'])
      test(`${triple} ${level}`, () => {
        const root = project({ 'unit.c': SOURCE });
        const ours = openCompiler(root).compile('unit.c', triple, [level, '-ffreestanding']);
        expect(ours.diagnostics).toBe('');
        mkdirSync(join(root, 'out'));
        const flags = [`--target=${triple}`, level, '-ffreestanding', '-fdebug-compilation-dir=.'];
        run('clang-22', [...flags, '-fno-ident', '-c', 'unit.c', '-o', 'out/unit.o'], root);
        const plain = openCompiler(root).compile('unit.c', triple, [level, '-ffreestanding', '-fno-ident']);
        const [mine, theirs] = [plain.outputs?.object as Uint8Array, readFileSync(join(root, 'out/unit.o'))].map((b) =>
          Buffer.from(b),
        ) as [Buffer, Buffer];
        if (triple.includes('windows')) for (const object of [mine, theirs]) object.fill(0, ...COFF_TIMESTAMP);
        expect(mine.equals(theirs)).toBe(true);
      });
});

test('wasm32 objects are WebAssembly, in every form that is asked for', () => {
  const root = project({ 'unit.c': SOURCE });
  const { outputs, diagnostics } = openCompiler(root).compile(
    'unit.c',
    'wasm32-unknown-unknown',
    ['-O2'],
    ['object', 'bitcode', 'asm', 'ir'],
  );
  expect(diagnostics).toBe('');
  expect(WebAssembly.validate(outputs?.object as Uint8Array<ArrayBuffer>)).toBe(true);
  expect(Buffer.from(outputs?.bitcode as Uint8Array).subarray(0, 4)).toEqual(Buffer.from('BC\xc0\xde', 'latin1'));
  expect(Buffer.from(outputs?.asm as Uint8Array).toString()).toContain('i32.add');
  expect(Buffer.from(outputs?.ir as Uint8Array).toString()).toContain('target triple = "wasm32-unknown-unknown"');
});
