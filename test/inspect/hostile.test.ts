// Files that are not what they claim to be: each gives an error of one line, and never a trap or a hang.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Compiler, openCompiler } from '../support/compiler.js';
import { inspectWith } from '../support/inspector.js';
import { scratch } from '../support/native.js';
import { propertyRuns } from '../support/properties.js';

const SOURCE = `
extern int elsewhere(const char *);
int counter = 3;
int f(int x) { switch (x) { case 0: return 3; case 1: return 14; case 2: return 15; case 3: return 92; case 4: return elsewhere("five"); } return counter; }
`;
const MAX_SECONDS = 20;

describe('hostile files', () => {
  const folder = scratch();
  let compiler: Compiler;
  const files: Record<string, Buffer> = {};
  beforeAll(() => {
    writeFileSync(join(folder, 'unit.c'), SOURCE);
    compiler = openCompiler(folder);
    for (const triple of [
      'x86_64-unknown-linux-musl',
      'aarch64-unknown-linux-musl',
      'x86_64-pc-windows-msvc',
      'arm64-apple-macos13',
      'wasm32-unknown-unknown',
    ]) {
      const { outputs } = compiler.compile('unit.c', triple, ['-O2', '-ffreestanding'], ['object', 'bitcode']);
      files[triple] = Buffer.from(outputs?.object as Uint8Array);
      files.bitcode = Buffer.from(outputs?.bitcode as Uint8Array);
    }
  });

  function look(bytes: Uint8Array, options: string[]): void {
    const started = process.cpuUsage();
    const { status, stderr, contents } = inspectWith(compiler, bytes, ...options);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(MAX_SECONDS);
    if (status === 0) expect(contents?.format).toMatch(/./);
    else {
      expect(status).toBe(1);
      expect(stderr).toMatch(/^input: [^\n]+\n$/);
    }
  }

  const NAMES = [
    'x86_64-unknown-linux-musl',
    'aarch64-unknown-linux-musl',
    'x86_64-pc-windows-msvc',
    'arm64-apple-macos13',
    'wasm32-unknown-unknown',
    'bitcode',
  ];
  test.each(NAMES)('%s, cut and flipped', (name) => {
    const whole = files[name] as Buffer;
    const options = name.startsWith('wasm32') ? ['--compare'] : ['--compare', '--disassemble'];
    look(whole, options);
    // Most changes are in the headers, where they matter most.
    const place = fc.oneof(
      fc.nat({ max: 63 }),
      fc.nat({ max: whole.length - 1 }),
      fc.integer({ min: Math.max(0, whole.length - 1024), max: whole.length - 1 }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(place, fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (changes, cut) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          look(cut ? bytes.subarray(0, changes[0]?.[0]) : bytes, options);
        },
      ),
      {
        numRuns: propertyRuns(8),
        examples: [
          // ELF: a symbol table with an index out of range, about which LLVM prints two lines.
          [[[644, 9]], false],
          // WebAssembly: a relocation with a missing symbol, whose name LLVM would read from beyond the table.
          [[[303, 21]], false],
        ],
      },
    );
  });
});
