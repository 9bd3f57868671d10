// `art inspect`, run as users do.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'art-aot';
import { beforeAll, describe, expect, test } from 'vitest';
import { scratch } from '../support/native.js';
import { art, digests, manifestOf, project, unpack } from '../support/project.js';

const SOURCE = `
int printf(const char *, ...);
int twice(int x) { return 2 * x; }
int main(int argc, char **argv) { return printf("%d", twice(argc)); }
`;
const OBJECT = 'objects/x86_64-unknown-linux-musl/unit.c.o';
const BITCODE = 'bitcode/x86_64-unknown-linux-musl/unit.c.bc';

describe('an artifact', () => {
  const folder = scratch();
  const artifact = join(folder, 'artifact');
  beforeAll(() => {
    writeFileSync(join(folder, 'unit.c'), SOURCE);
    const args = ['build', 'unit.c', '-O2', '--emit', 'bitcode,object,asm', '--package', 'unit-1.0', '--quiet'];
    expect(art([...args, '--target', 'x86_64,wasm32'], { cwd: folder }).status).toBe(0);
  });

  test('package, targets, digests and entries', () => {
    const { status, stdout } = art(['inspect', artifact]);
    expect(status).toBe(0);
    const { manifest, archive } = digests(artifact);
    const { entries } = manifestOf(artifact);
    for (const text of ['unit-1.0', 'wasm32-unknown-unknown, x86_64-unknown-linux-musl', manifest, archive])
      expect(stdout).toContain(text);
    for (const { path, sha256 } of entries) expect(stdout).toMatch(new RegExp(`^  ${path} .* ${sha256}$`, 'm'));
    expect(stdout).toContain(`\n${entries.length} entries\n`);
  });

  test('symbols, sections and code of one entry; the same from the unpacked file', async () => {
    const wanted = { symbols: true, sections: true, disassemble: true };
    const inspection = await inspect(artifact, { ...wanted, entry: OBJECT });
    expect(inspection.artifact?.package).toBe('unit-1.0');
    expect(inspection.files.map(({ path }) => path)).toEqual([OBJECT]);
    const contents = inspection.files[0]?.contents;
    expect(contents?.sections?.find(({ name }) => name === '.text')).toMatchObject({ kind: 'PROGBITS', flags: 'AX' });
    expect(contents?.symbols.find(({ name }) => name === 'twice')).toMatchObject({
      binding: 'global',
      type: 'function',
      defined: true,
    });
    expect(contents?.symbols.find(({ name }) => name === 'printf')).toMatchObject({ defined: false, section: null });
    expect(contents?.disassembly?.map(({ name }) => name)).toEqual(['twice', 'main']);

    const file = join(unpack(artifact), OBJECT);
    const { artifact: none, files } = await inspect(file, wanted);
    expect(none).toBeNull();
    expect(files[0]?.contents).toEqual(contents);
    const { stdout } = art(['inspect', file, '--disassemble']);
    expect(stdout).toMatch(/<twice>:\n.*lea/);
    expect(stdout).toMatch(/\n\t\t[0-9a-f]{16}: {2}R_X86_64_PLT32\tprintf-0x4\n/);
  });

  test('bitcode: its functions, and its text in place of code', () => {
    const { status, stdout } = art(['inspect', artifact, '--entry', BITCODE, '--symbols', '--disassemble']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/global +function +undefined +printf/);
    expect(stdout).toMatch(/global +function +defined +twice/);
    expect(stdout).toMatch(/^define dso_local .*i32 @twice\(i32 noundef %0\)/m);
    expect(stdout).toContain(`; ModuleID = '${BITCODE}'`);
  });

  test('what cannot be shown does not hide the rest', () => {
    const { status, stdout, stderr } = art(['inspect', artifact, '--disassemble', '--json']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^art: error: 'objects\/wasm32.*there is no disassembler for wasm32[^\n]*\n$/);
    const { files } = JSON.parse(stdout);
    expect(files.map((file: { contents?: object }) => file.contents !== undefined)).toEqual(
      files.map(({ path }: { path: string }) => !/^(asm|objects\/wasm32)/.test(path)),
    );
  });

  test.each([
    [['--entry', 'objects/nowhere.o'], "no entry 'objects/nowhere.o' in this artifact"],
    [['--target', 'riscv64'], 'no entry for riscv64'],
    [['--symbols', '--entry', 'asm/x86_64-unknown-linux-musl/unit.c.s'], "unpack it with 'art extract'"],
  ])('%s is refused', (options, message) => {
    const { status, stderr } = art(['inspect', artifact, ...options]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^art: error: [^\n]*\n$/);
    expect(stderr).toContain(message);
  });
});

test('files that are no code', () => {
  const root = project({ 'a.txt': 'hello', 'broken.o': '\x7fELF and nothing else', 'broken.bc': 'BC\xc0\xde' });
  for (const [name, message] of [
    ['a.txt', 'neither an artifact nor an object'],
    ['broken.o', "'broken.o' cannot be read: "],
    ['broken.bc', "'broken.bc' cannot be read: "],
    ['missing', 'no such artifact'],
  ] as const) {
    const { status, stderr } = art(['inspect', name], { cwd: root });
    expect([name, status]).toEqual([name, 1]);
    expect(stderr).toMatch(/^art: error: [^\n]*\n$/);
    expect(stderr).toContain(message);
  }
  expect(art(['inspect']).status).toBe(2);
});
