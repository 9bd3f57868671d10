import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCompiler } from '../support/compiler.js';
import { scratch } from '../support/native.js';
import { REPOSITORY } from '../support/project.js';

const TRIPLE = 'x86_64-unknown-linux-musl';

test('a program that prints without end is stopped, and the beginning of what it printed is kept', () => {
  const folder = scratch();
  writeFileSync(join(folder, 'unit.c'), `#error ${'a'.repeat(9 << 20)}\n`);
  const { failure, diagnostics } = openCompiler(folder).compile('unit.c', TRIPLE, []);
  expect(failure).toEqual({
    kind: 'stopped',
    program: 'clang',
    message: `clang was stopped on unit.c for ${TRIPLE}: it printed more than 8 MiB of diagnostics`,
  });
  expect(diagnostics).toMatch(/^unit\.c:1:2: error: a{50,}\n$/);
  expect(diagnostics.length).toBeLessThan(5000);
});

test('a damaged module of 5 KB, of which LLVM prints a string byte by byte and without end, is stopped', () => {
  const folder = scratch();
  const text = readFileSync(join(REPOSITORY, 'fixtures/hostile/prints-without-end.bc.base64'), 'latin1');
  writeFileSync(join(folder, 'unit.bc'), Buffer.from(text, 'base64'));
  const before = process.memoryUsage();
  const { failure, diagnostics } = openCompiler(folder).compile('unit.bc', TRIPLE, []);
  const after = process.memoryUsage();
  expect(failure).toMatchObject({
    kind: 'stopped',
    message: expect.stringContaining('more than 8 MiB of diagnostics'),
  });
  expect(diagnostics.length).toBeLessThan(5000);
  const held = (usage: NodeJS.MemoryUsage) => usage.heapUsed + usage.arrayBuffers;
  expect(held(after) - held(before)).toBeLessThan(100 << 20);
});

test('large diagnostics that are no more than can be read come whole', () => {
  const folder = scratch();
  writeFileSync(join(folder, 'unit.c'), `#error ${'a'.repeat(3 << 20)}\n`);
  const { failure, diagnostics } = openCompiler(folder).compile('unit.c', TRIPLE, []);
  expect(failure).toMatchObject({ kind: 'diagnosed' });
  expect(diagnostics.length).toBeGreaterThan(3 << 20);
});

test('errors beyond the first hundred of one kind are counted', () => {
  const folder = scratch();
  const lines = Array.from({ length: 1000 }, (_, i) => `bad${i} %rax\n`);
  writeFileSync(join(folder, 'unit.s'), `${lines.join('')}.badly\n`);
  const { failure, diagnostics } = openCompiler(folder).compile('unit.s', TRIPLE, []);
  expect(failure).toMatchObject({ kind: 'diagnosed' });
  expect(diagnostics.match(/: error: invalid instruction mnemonic/g)).toHaveLength(100);
  expect(diagnostics).toContain("unit.s:100:1: error: invalid instruction mnemonic 'bad99'\nbad99 %rax\n");
  expect(diagnostics).toContain('unit.s:1001:1: error: unknown directive\n.badly\n');
  expect(diagnostics).toContain("art: note: 900 more errors like 'invalid instruction mnemonic …' are not shown\n");
  writeFileSync(join(folder, 'unit.s'), lines.slice(0, 100).join(''));
  expect(openCompiler(folder).compile('unit.s', TRIPLE, []).diagnostics).not.toContain('art: note');
});
