// art's assembler, compared with native clang's.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { differences } from '../support/compare.js';
import { openCompiler } from '../support/compiler.js';
import { readElf } from '../support/elf.js';
import { available, run, TRIPLES } from '../support/native.js';
import { project, REPOSITORY } from '../support/project.js';

const ASSEMBLY = join(REPOSITORY, 'fixtures/assembly');
const CODEGEN = join(REPOSITORY, 'fixtures/codegen');

/** Assembles a file with both. @returns how the objects differ */
function compare(root: string, file: string, triple: string, flags: readonly string[]): string[] {
  const { outputs, diagnostics } = openCompiler(root).compile(file, triple, flags);
  expect(diagnostics).toBe('');
  const native = join(project({}), 'native.o');
  run('clang-22', [`--target=${triple}`, '-fdebug-compilation-dir=.', ...flags, '-c', file, '-o', native], root);
  return differences(outputs?.object as Uint8Array, readFileSync(native));
}

describe.runIf(available('clang-22'))('native clang assembles the same', () => {
  for (const triple of TRIPLES) {
    const file = `${triple.split('-', 1)[0]}.S`;
    test(`${file}, preprocessed`, () => expect(compare(ASSEMBLY, file, triple, [])).toEqual([]));
    test(`${file}, with flags`, () =>
      expect(compare(ASSEMBLY, file, triple, ['-DSTEP=7', '-Wa,--noexecstack', '-fno-pic'])).toEqual([]));

    test(`assembly that was made from C for ${triple}, with debug info`, () => {
      for (const source of ['switches.c', 'tls.c', 'integers.c', 'globals.c']) {
        const { outputs } = openCompiler(CODEGEN).compile(source, triple, ['-O2', '-g', '-w'], ['asm']);
        const root = project({ 'unit.s': outputs?.asm as Uint8Array });
        expect(compare(root, 'unit.s', triple, [])).toEqual([]);
      }
    });
  }
});

test('an error in assembly is shown as the user wrote the file', () => {
  const root = project({ 'bad.S': '#define OP nosuch\n\tOP %rax\n' });
  const { failure, diagnostics } = openCompiler(root).compile('bad.S', TRIPLES[0], []);
  expect(failure?.kind).toBe('diagnosed');
  expect(diagnostics).toContain("bad.S:2:2: error: invalid instruction mnemonic 'nosuch'");
  writeFileSync(join(root, 'worse.S'), '#error not for you\n');
  expect(openCompiler(root).compile('worse.S', TRIPLES[1], []).diagnostics).toContain(
    'worse.S:1:2: error: not for you',
  );
});

test('debug info of assembly names its source', () => {
  const { outputs } = openCompiler(ASSEMBLY).compile('x86_64.S', TRIPLES[0], ['-g']);
  const elf = readElf(outputs?.object as Uint8Array);
  expect(elf.sections.some((s) => s.name === '.debug_line_str' && s.bytes.includes('x86_64.S'))).toBe(true);
});
