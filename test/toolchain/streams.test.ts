import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCompiler } from '../support/compiler.js';
import { scratch } from '../support/native.js';

test('of diagnostics without end the beginning is kept, even where a program prints them in one piece', () => {
  const folder = scratch();
  writeFileSync(join(folder, 'unit.c'), `#error ${'a'.repeat(17 << 20)}\n`);
  const { failure, diagnostics } = openCompiler(folder).compile('unit.c', 'x86_64-unknown-linux-musl', []);
  expect(failure).toMatchObject({ kind: 'diagnosed' });
  expect(diagnostics.slice(0, 100)).toMatch(/^unit\.c:1:2: error: a{50,}/);
  expect(diagnostics.length).toBeGreaterThan(15 << 20);
  expect(diagnostics.length).toBeLessThan(17 << 20);
});
