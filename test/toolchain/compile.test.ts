import { expect, test } from 'vitest';
import { compileUnit } from '../../src/toolchain/compile.js';
import { Trace } from '../../src/toolchain/trace.js';
import { Volume } from '../../src/toolchain/volume.js';

const REQUEST = {
  path: 'a.c',
  triple: 'x86_64-unknown-linux-musl',
  flags: [],
  emit: ['object'],
  ownSysroot: false,
  color: false,
  sourceDateEpoch: 0,
  shown: { unit: { path: 'a.c', shown: './a.c' }, project: './', mounts: [] },
} as const;

/** A module that cannot be instantiated, since its start function traps. */
const UNMAKEABLE = new WebAssembly.Module(
  Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...[0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
    ...[0x03, 0x02, 0x01, 0x00],
    ...[0x08, 0x01, 0x00],
    ...[0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b],
  ),
);

test('a program that gets no instance, as where there is no memory for it, is a failure that names it', () => {
  const files = { kind: () => 'file' as const, read: () => new Uint8Array(0) };
  const volume = new Volume([{ at: '/src', tree: files }]);
  expect(compileUnit(REQUEST, UNMAKEABLE, volume, () => '')).toMatchObject({
    failure: { kind: 'crashed', program: 'clang', message: expect.stringContaining('clang crashed on ./a.c for') },
  });
});

test('a trace keeps the program and the end of what it printed, however much that was', () => {
  const writer = new Trace();
  const reader = new Trace(writer.memory);
  expect(reader.look()).toEqual({ program: undefined, stderr: '' });
  writer.begin('ld.lld');
  let all = '';
  for (let i = 0; i < 3000; i++) {
    const line = `line ${i} ${'é'.repeat(i % 50)}\n`;
    all += line;
    writer.print(new TextEncoder().encode(line));
    if (i % 97 !== 0) continue;
    const { program, stderr } = reader.look();
    expect(program).toBe('ld.lld');
    // The ring buffer may begin in the middle of a character.
    expect(all.endsWith(stderr.replace(/^\ufffd/, ''))).toBe(true);
    expect(Buffer.byteLength(stderr)).toBeGreaterThanOrEqual(Math.min(Buffer.byteLength(all), 4096));
  }
  writer.print(new Uint8Array(10_000).fill(65));
  expect(reader.look().stderr).toBe('A'.repeat(4096));
  writer.begin('clang');
  expect(reader.look()).toEqual({ program: 'clang', stderr: '' });
});
