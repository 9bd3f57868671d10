import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bitcode, identification, MODULE } from '../support/bitcode.js';
import { art, type CliResult, project, unpack } from '../support/project.js';

let made: Uint8Array | undefined;

/** Valid bitcode of a small C unit, written by `art`. */
function sound(): Uint8Array {
  if (made) return made;
  const root = project({ 'a.c': 'static int twice(int x) { return 2 * x; } int four(void) { return twice(2); }' });
  const out = join(root, 'out');
  expect(art(['build', root, '--out', out, '--target', 'x86_64', '--emit', 'bitcode']).status).toBe(0);
  // Not a Buffer, since slices of a Buffer share its memory.
  made = new Uint8Array(readFileSync(join(unpack(out), 'bitcode/x86_64-unknown-linux-musl/a.c.bc')));
  return made;
}

/** Pseudo-random numbers in [0, 256), the same every time. */
function noise(seed: number, length: number): Uint8Array {
  let x = seed * 2654435761;
  return Uint8Array.from({ length }, () => {
    x = (Math.imul(x, 1664525) + 1013904223) | 0;
    return x >>> 24;
  });
}

function builds(files: Record<string, Uint8Array>): CliResult & { out: string } {
  const root = project(files);
  const out = join(root, 'out');
  return { ...art(['build', '.', '--out', 'out', '--target', 'x86_64', '--json'], { cwd: root }), out };
}

/** Every file must fail with its own error, without a crash. */
function expectClean(result: ReturnType<typeof builds>, names: string[]) {
  const { failures, code } = JSON.parse(result.stdout) as {
    code: string;
    failures: { unit: string; kind: string; message: string }[];
  };
  expect(result.status).toBe(1);
  expect(code).toBe('COMPILE_FAILED');
  expect(failures.map((f) => f.unit)).toEqual(names);
  for (const { unit, message } of failures) expect(message).toContain(unit);
  expect(result.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$|internal error|\bwasm-function\b/m);
  expect(existsSync(join(result.out, 'artifact.json'))).toBe(false);
}

test('a bitcode file that is cut off anywhere is an error that names it', () => {
  const cuts = [4, 20, 100, sound().length >> 1, sound().length - 4];
  const files = Object.fromEntries(cuts.map((cut, i) => [`cut${i}.bc`, sound().slice(0, cut)]));
  const result = builds(files);
  expectClean(result, Object.keys(files));
  expect(result.stderr).toMatch(/error: /);
});

test('random bytes are an error that names the file', () => {
  const magic = [0x42, 0x43, 0xc0, 0xde];
  const files = Object.fromEntries(
    [1, 2, 3, 4].flatMap((seed) => [
      [`noise${seed}.bc`, noise(seed, 3000)],
      [`start${seed}.bc`, Uint8Array.from([...magic, ...noise(seed, 3000)])],
    ]),
  );
  expectClean(builds(files), Object.keys(files).sort());
});

test('bitcode with flipped bytes never ends in anything but a result or a clean error', () => {
  const files = Object.fromEntries(
    Array.from({ length: 12 }, (_, seed) => {
      const bytes = sound().slice();
      const [high = 0, low = 0, value = 1] = noise(seed + 100, 3);
      const at = 8 + (((high << 8) | low) % (bytes.length - 8));
      bytes[at] = (bytes[at] as number) ^ (value | 1);
      return [`flip${String(seed).padStart(2, '0')}.bc`, bytes];
    }),
  );
  const result = builds(files);
  expect([0, 1]).toContain(result.status);
  const { failures = [] } = JSON.parse(result.stdout) as { failures?: { unit: string; message: string }[] };
  for (const { unit, message } of failures) expect(message).toContain(unit);
  expect(result.stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$|internal error/m);
});

test('bitcode of a newer LLVM of another epoch is an error that says so', () => {
  const result = builds({ 'newer.bc': bitcode([identification('LLVM99.0.0', 7), { id: MODULE, records: [] }]) });
  expectClean(result, ['newer.bc']);
  expect(result.stderr).toMatch(/error: Incompatible epoch: Bitcode '7' vs current: '0'/);
});

test('bitcode with records that this LLVM does not know is an error', () => {
  const version = { code: 1, operands: [99] };
  const result = builds({
    'version.bc': bitcode([identification('LLVM99.0.0', 0), { id: MODULE, records: [version] }]),
    // A module may not end before the blocks that it must have.
    'epochless.bc': bitcode([{ id: MODULE, records: [version] }]),
  });
  expectClean(result, ['epochless.bc', 'version.bc']);
  expect(result.stderr).toContain("Producer: 'LLVM99.0.0'");
});

test('textual IR with a syntax error is reported with its place', () => {
  const result = builds({ 'bad.ll': new TextEncoder().encode('define i32 @f() {\n  ret i32 %nothing\n}\n') });
  expectClean(result, ['bad.ll']);
  expect(result.stderr).toMatch(/^bad\.ll:2:\d+: error: /m);
});

test('a module that breaks the rules of IR is an error, not a trap', () => {
  const root = project({ 'broken.ll': 'define i32 @f() {\n  %x = add i32 %x, 1\n  ret i32 %x\n}\n' });
  const result = art(['build', '.', '--out', 'out', '--target', 'x86_64'], { cwd: root });
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('broken.ll');
  expect(result.stderr).not.toMatch(/crashed|internal error/);
});

test('a .bc that is no bitcode says so, and one that is empty does not build', () => {
  const files = {
    'empty.bc': new Uint8Array(0),
    'noise.bc': noise(7, 500),
    'short.bc': Uint8Array.of(0x42, 0x43),
    'text.bc': Buffer.from('define i32 @f() {\n  ret i32 1\n}\n'),
  };
  const result = builds(files);
  expectClean(result, Object.keys(files).sort());
  for (const name of Object.keys(files)) expect(result.stderr).toContain(`${name}: error: this is not LLVM bitcode`);
});

test('a module for another architecture is an error that names its triple and the target to choose', () => {
  const root = project({
    'package.json': '{}',
    'a.bc': sound(),
    'b.ll':
      '; target triple = "aarch64-none-elf"\ntarget triple = "x86_64-pc-linux-gnu"\ndefine void @b() {\n  ret void\n}\n',
    'c.ll': 'target triple = "unknown-unknown-unknown"\ndefine void @c() {\n  ret void\n}\n',
    'd.ll': 'define void @d() {\n  ret void\n}\n',
  });
  const result = art(['build', '.', '--out', 'out', '--json'], { cwd: root });
  expect(result.status).toBe(1);
  expect(JSON.parse(result.stdout).failures).toMatchObject([
    { unit: 'a.bc', target: 'aarch64-unknown-linux-musl', kind: 'diagnosed' },
    { unit: 'b.ll', target: 'aarch64-unknown-linux-musl', kind: 'diagnosed' },
  ]);
  expect(result.stderr).toMatch(/^a\.bc: error: this module is for 'x86_64-unknown-linux-musl', .*--target x86_64$/m);
  expect(result.stderr).toMatch(/^b\.ll: error: this module is for 'x86_64-pc-linux-gnu', .*--target x86_64$/m);
  expect(art(['build', '.', '--out', 'out', '--target', 'x86_64'], { cwd: root }).status).toBe(0);
});
