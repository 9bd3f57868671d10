import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build } from 'art-aot';
import { expect, test } from 'vitest';
import { project, sha256, unpack } from '../support/project.js';

const SOURCES = {
  'package.json': '{"name":"p","version":"1.0.0"}',
  'main.c': '#include <stdio.h>\n#include "twice.h"\nint main(void) { return printf("%d\\n", twice(21)); }\n',
  'twice.h': '#pragma once\nint twice(int);\n',
  'twice.ll': 'define i32 @twice(i32 %x) {\n  %y = shl i32 %x, 1\n  ret i32 %y\n}\n',
};
const ELF_MACHINE = { x86_64: 62, aarch64: 183 } as const;

async function built(options: Partial<BuildOptions> = {}) {
  const cwd = project(SOURCES);
  const { manifest } = await build({ inputs: ['.'], cwd, out: 'out', flags: ['-O2'], ...options });
  const folder = unpack(join(cwd, 'out'));
  return { manifest, read: (path: string) => readFileSync(join(folder, path)) };
}

test('by default each unit becomes bitcode and an object for both machines', async () => {
  const { manifest, read } = await built();
  expect(manifest.entries.map((e) => [e.type, e.target, e.source])).toEqual(
    ['bitcode', 'object'].flatMap((kind) =>
      (['aarch64', 'x86_64'] as const).flatMap((machine) =>
        ['main.c', 'twice.ll'].map((source) => [
          kind === 'object' ? `object/${machine}` : kind,
          `${machine}-unknown-linux-musl`,
          source,
        ]),
      ),
    ),
  );
  for (const { path, type } of manifest.entries) {
    const bytes = read(path);
    if (type === 'bitcode') expect([...bytes.subarray(0, 4)]).toEqual([0x42, 0x43, 0xc0, 0xde]);
    else {
      expect([...bytes.subarray(0, 6)]).toEqual([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
      expect(bytes.readUInt16LE(16)).toBe(1); // ET_REL
      expect(bytes.readUInt16LE(18)).toBe(ELF_MACHINE[type.slice('object/'.length) as keyof typeof ELF_MACHINE]);
    }
  }
});

test('asm and ir are text, each for its target', async () => {
  const { manifest, read } = await built({ emit: ['ir', 'asm'] });
  expect(manifest.provenance.emit).toEqual(['asm', 'ir']);
  expect(manifest.entries.map((e) => e.type)).toEqual([
    ...['asm/aarch64', 'asm/aarch64', 'asm/x86_64', 'asm/x86_64'],
    ...['ir', 'ir', 'ir', 'ir'],
  ]);
  const entry = (path: string) => read(path).toString('utf8');
  expect(entry('asm/x86_64-unknown-linux-musl/twice.ll.s')).toMatch(/leal|addl/);
  expect(entry('asm/aarch64-unknown-linux-musl/twice.ll.s')).toMatch(/lsl\s+w0, w0, #1/);
  expect(entry('ir/x86_64-unknown-linux-musl/main.c.ll')).toMatch(/^target triple = "x86_64-unknown-linux-musl"$/m);
  expect(entry('ir/aarch64-unknown-linux-musl/main.c.ll')).toMatch(/^define .*i32 @main\(/m);
});

test('what --emit leaves out does not change the rest', async () => {
  const [all, object] = await Promise.all([
    built({ emit: ['bitcode', 'object', 'asm', 'ir'], targets: ['x86_64'] }),
    built({ emit: ['object'], targets: ['x86_64'] }),
  ]);
  const objects = (entries: { type: string }[]) => entries.filter((e) => e.type.startsWith('object'));
  expect(objects(object.manifest.entries)).toEqual(objects(all.manifest.entries));
  expect(object.manifest.entries).toHaveLength(2);
});

test('the bitcode of an artifact is a source for the next, with the same code', async () => {
  const first = await built({ targets: ['x86_64'], flags: ['-O0'] });
  const cwd = project({
    'package.json': '{}',
    'again.bc': first.read('bitcode/x86_64-unknown-linux-musl/twice.ll.bc'),
  });
  await build({ inputs: ['.'], cwd, out: 'out', targets: ['x86_64'], emit: ['asm'] });
  const asm = readFileSync(join(unpack(join(cwd, 'out')), 'asm/x86_64-unknown-linux-musl/again.bc.s'), 'utf8');
  expect(asm).toMatch(/^twice:/m);
});

test('-O, -D and -I reach the compiler', async () => {
  const cwd = project({
    'package.json': '{}',
    'src/a.c': '#include <deep.h>\n#ifdef NDEBUG\nint released(void) { return DEEP; }\n#endif\n',
    'include/deep.h': '#define DEEP 17\n',
  });
  const flags = ['-Iinclude', '-DNDEBUG', '-O2', '-fomit-frame-pointer'];
  await build({ inputs: ['src'], cwd, out: 'out', targets: ['x86_64'], emit: ['asm'], flags });
  const asm = readFileSync(join(unpack(join(cwd, 'out')), 'asm/x86_64-unknown-linux-musl/src/a.c.s'), 'utf8');
  expect(asm).toMatch(/released:[\s\S]*movl\s+\$17, %eax\n\s*retq/);
});

test('provenance says what a rebuild needs', async () => {
  const { manifest } = await built({ targets: ['x86_64'], sourceDateEpoch: 99 });
  const { provenance } = manifest;
  expect(provenance).toMatchObject({
    art: '0.1.0',
    flags: ['-O2'],
    emit: ['bitcode', 'object'],
    source_date_epoch: 99,
  });
  // All files of the project that were read, headers included, and no files of the sysroot.
  expect(provenance.sources).toEqual(
    (['main.c', 'twice.h', 'twice.ll'] as const).map((path) => ({ path, sha256: sha256(SOURCES[path]) })),
  );
  expect(provenance.programs.map((p) => p.name)).toEqual(['llvm']);
  for (const { sha256: digest, version } of [...provenance.programs, ...provenance.sysroots]) {
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(version).toMatch(/^\d+\./);
  }
});

test('events come in order and count every unit and target', async () => {
  const cwd = project(SOURCES);
  const events: string[] = [];
  await build({
    inputs: ['.'],
    cwd,
    out: 'out',
    onEvent: (e) => void events.push(e.type === 'finished' ? `finished ${e.done}/${e.total}` : e.type),
  });
  expect(events[0]).toBe('planned');
  expect(events.filter((e) => e === 'started')).toHaveLength(4);
  expect(events.filter((e) => e.startsWith('finished'))).toEqual([1, 2, 3, 4].map((done) => `finished ${done}/4`));
});
