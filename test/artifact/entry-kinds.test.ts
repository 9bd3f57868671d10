// The first bytes of an entry must fit its type and its target.
import { build, verify } from 'art-aot';
import { expect, test } from 'vitest';
import { soundArtifact, textOf } from '../support/artifact.js';
import { project } from '../support/project.js';

const LINUX = 'x86_64-unknown-linux-musl';

/** An ELF header: class, data, type of file and machine. */
function elf({ bits = 2, order = 1, type = 1, machine = 62, length = 64 } = {}): Buffer {
  const header = Buffer.alloc(64);
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, bits, order, 1]).copy(header);
  header.writeUInt16LE(type, 16);
  header.writeUInt16LE(machine, 18);
  return header.subarray(0, length);
}

const coff = (machine: number) => Buffer.concat([Buffer.from([machine & 255, machine >> 8]), Buffer.alloc(40)]);
/** A Windows program: it begins with a DOS header, which contains the offset of the PE header. */
function image(machine: number): Buffer {
  const bytes = Buffer.alloc(128);
  bytes.write('MZ');
  bytes.writeUInt32LE(64, 60);
  bytes.write('PE', 64);
  bytes.writeUInt16LE(machine, 68);
  return bytes;
}
const macho = (cpu: number) => {
  const header = Buffer.alloc(40);
  header.writeUInt32LE(0xfeedfacf, 0);
  header.writeUInt32LE(cpu, 4);
  return header;
};

const named = (name: string) => [name.length, ...Buffer.from(name)];
const section = (id: number, body: readonly number[]) => [id, body.length, ...body];
/** A WebAssembly module up to its code section: imported functions, and exports by their kind numbers. */
function wasm({
  version = 1,
  imports = [] as readonly (readonly [module: string, name: string])[],
  exports = { _start: 0, memory: 2 } as Readonly<Record<string, number>>,
  isObject = false,
} = {}): Buffer {
  const imported = imports.flatMap(([module, name]) => [...named(module), ...named(name), 0, 0]);
  const exported = Object.entries(exports).flatMap(([name, kind]) => [...named(name), kind, 0]);
  return Buffer.from([
    ...[0, 0x61, 0x73, 0x6d, version, 0, 0, 0],
    ...section(2, [imports.length, ...imported]),
    ...section(7, [Object.keys(exports).length, ...exported]),
    ...section(0, [...named(isObject ? 'linking' : 'name'), 2]),
    ...section(0, [...named('padding'), 0, 0, 0]),
  ]);
}
const WASI = 'wasm32-wasip1';
const PREVIEW_1 = ['wasi_snapshot_preview1', 'fd_write'] as const;
const bitcode = (...rest: number[]) => Buffer.from([0x42, 0x43, 0xc0, 0xde, ...rest]);

/** What verify reports about an artifact with this one entry. */
async function said(type: string, target: string, bytes: Buffer): Promise<string> {
  const path = type.startsWith('executable/') ? 'executables/x' : 'x';
  const { manifest, archive } = await soundArtifact([{ path, bytes }]);
  manifest.targets = [target];
  Object.assign(manifest.entries[0], { type, target });
  return (await verify({ manifest: textOf(manifest), archive })).join('\n');
}

test.each<[string, string, Buffer]>([
  ['object/x86_64', LINUX, elf()],
  ['object/aarch64', 'aarch64-none-elf', elf({ machine: 183 })],
  ['object/x86_64', 'x86_64-elf', elf()],
  ['executable/x86_64', LINUX, elf({ type: 2 })],
  ['executable/x86_64', LINUX, elf({ type: 3 })],
  ['object/x86_64', 'x86_64-pc-windows-msvc', coff(34404)],
  ['executable/x86_64', 'x86_64-windows-gnu', image(34404)],
  ['executable/x86_64', 'x86_64-w64-mingw32', image(34404)],
  ['object/aarch64', 'arm64-apple-macos13', macho(16777228)],
  ['object/x86_64', 'x86_64-apple-darwin', macho(16777223)],
  ['object/wasm32', 'wasm32-unknown-unknown', wasm({ isObject: true, exports: {} })],
  ['executable/wasm32', WASI, wasm({ imports: [PREVIEW_1, ['env', 'of_its_host']] })],
  ['executable/wasm32', 'wasm32-wasi', wasm({ exports: { memory: 2, _initialize: 0 } })],
  ['executable/wasm32', 'wasm32-unknown-unknown', wasm({ exports: { twice: 0 } })],
])('%s for %s, as it should be', async (type, target, bytes) => {
  expect(await said(type, target, bytes)).toBe('');
});

test.each<[string, string, string, Buffer, string]>([
  ['COFF', 'object/x86_64', LINUX, coff(34404), 'is a COFF object, and those for x86_64-unknown-linux-musl are ELF'],
  ['Mach-O', 'object/x86_64', LINUX, macho(16777223), 'is a Mach-O object, and those for'],
  [
    'ELF',
    'object/x86_64',
    'x86_64-pc-windows-msvc',
    elf(),
    'is an ELF object, and those for x86_64-pc-windows-msvc are',
  ],
  ['ELF', 'object/aarch64', 'arm64-apple-macos13', elf({ machine: 183 }), 'is an ELF object, and those for'],
  ['ELF', 'object/wasm32', 'wasm32-unknown-unknown', elf(), 'is an ELF object for x86_64'],
  ['a program', 'object/x86_64', LINUX, elf({ type: 2 }), 'is an ELF file of type 2, and no object'],
  ['a core dump', 'executable/x86_64', LINUX, elf({ type: 4 }), 'is an ELF file of type 4, and no executable'],
  ['an object', 'executable/x86_64', LINUX, elf(), 'is an ELF file of type 1, and no executable'],
  ['32 bits', 'object/x86_64', LINUX, elf({ bits: 1 }), 'is ELF, and not of 64 bits in little endian'],
  ['big endian', 'object/x86_64', LINUX, elf({ order: 2 }), 'is ELF, and not of 64 bits in little endian'],
  ['a stub', 'object/x86_64', LINUX, elf({ length: 20 }), 'is cut off inside its ELF header'],
  ['an object', 'executable/wasm32', WASI, wasm({ isObject: true }), 'is a WebAssembly object, and no executable'],
  ['a program', 'object/wasm32', WASI, wasm(), 'is a WebAssembly program, and no object'],
  ['a component', 'executable/wasm32', WASI, wasm({ version: 13 }), 'is WebAssembly of version 13, and those for'],
  ['one without a start', 'executable/wasm32', WASI, wasm({ exports: { memory: 2 } }), 'without a function _start'],
  [
    'a start that is no function',
    'executable/wasm32',
    WASI,
    wasm({ exports: { _start: 3, memory: 2 } }),
    'without a f',
  ],
  ['one without a memory', 'executable/wasm32', WASI, wasm({ exports: { _start: 0 } }), 'without a memory of the name'],
  [
    'one of an older WASI',
    'executable/wasm32',
    WASI,
    wasm({ imports: [PREVIEW_1, ['wasi_unstable', 'fd_write']] }),
    "imports the function 'wasi_unstable.fd_write', which is not of WASI preview 1",
  ],
  ['half of one', 'executable/wasm32', WASI, wasm().subarray(0, 24), 'is WebAssembly, and cut off'],
  ['zeros', 'executable/wasm32', WASI, Buffer.concat([wasm().subarray(0, 8), Buffer.alloc(40)]), 'and damaged'],
  ['text', 'bitcode', LINUX, Buffer.from('#!/bin/sh\n'), 'is no bitcode'],
  ['a magic and zeros', 'bitcode', LINUX, bitcode(...Array(8).fill(0)), 'is no bitcode that names its target'],
  ['a magic and text', 'bitcode', LINUX, bitcode(...Buffer.from('no bitcode')), 'is no bitcode that names its target'],
  [
    'a block that leads out of the file, in a large one',
    'bitcode',
    LINUX,
    // ENTER_SUBBLOCK of block 17 with 4-bit abbreviations, of 2^24 words.
    Buffer.concat([bitcode(0x45, 0x10, 0, 0, 0, 0, 0, 1), Buffer.alloc(2 << 20)]),
    'is no bitcode that names its target',
  ],
])('%s as %s for %s is refused', async (_, type, target, bytes, message) => {
  expect(await said(type, target, bytes)).toContain(message);
});

test.each([
  ['a\u202eb.c', 'holds U+202E, which controls a terminal or turns text'],
  ['a\u009bb.c', 'holds U+009B, which controls a terminal or turns text'],
  ['a\u2028b.c', 'holds U+2028, which'],
  ['a\u200fb.c', 'holds U+200F, which controls a terminal or turns text'],
  ['a\u200bb.c', 'holds U+200B, which shows nothing'],
  ['c:/a.c', 'begins as a path on a drive of Windows does'],
])('a source %j is refused before anything is compiled', async (name, words) => {
  const events: string[] = [];
  const at = project({ 'package.json': '{"name":"x","version":"1.0.0"}', [name]: 'this is no C' });
  const building = build({ inputs: [`${at}/${name}`], out: `${at}/out`, onEvent: ({ type }) => events.push(type) });
  await expect(building).rejects.toMatchObject({ code: 'INVALID_OPTION', message: expect.stringContaining(words) });
  await expect(building).rejects.toMatchObject({
    message: expect.stringMatching(/^[^\p{C}\p{Zl}]+: rename the file$/u),
  });
  expect(events).toEqual([]);
});
