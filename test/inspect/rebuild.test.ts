// `art rebuild` builds an artifact again, only from what its manifest contains.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { rebuild } from 'art-aot';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeArchive } from '../support/archive.js';
import { scratch } from '../support/native.js';
import { art, project, sha256, unpack } from '../support/project.js';

const FILES = {
  'project/art.config.json': JSON.stringify({
    package: 'again-1.0',
    sources: ['src'],
    targets: ['x86_64'],
    emit: ['bitcode', 'object', 'asm', 'ir'],
    flags: ['-O2', '-g', '-I../shared', '-I../second'],
    fileFlags: { 'src/fast.c': ['-ffast-math', '-DFAST'] },
    link: 'again',
  }),
  'project/src/main.c':
    '#include <stdio.h>\n#include "shared.h"\nint main(void) { return printf("%s %s %d\\n", __FILE__, __DATE__, fast(SHARED)); }\n',
  'project/src/fast.c': '#include "second.h"\n#ifdef FAST\nint fast(double x) { return x / 3 + SECOND; }\n#endif\n',
  'project/src/start.S': '.globl nothing\nnothing:\n  ret\n',
  'shared/shared.h': '#define SHARED 4\nint fast(double);\n',
  'second/second.h': '#define SECOND 2\n',
};

function write(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

describe('a project with a config, flags for one file, directories outside of it, and a program', () => {
  const folder = scratch();
  const root = join(folder, 'project');
  const artifact = join(folder, 'artifact');
  const PLACES = ['--include', join(folder, 'shared'), '--include', join(folder, 'second')];
  beforeAll(() => {
    write(folder, FILES);
    const built = art(['build', '--out', artifact, '--quiet'], { cwd: root, env: { SOURCE_DATE_EPOCH: '1700000000' } });
    expect([built.status, built.stderr]).toEqual([0, '']);
  });
  const again = (...args: string[]) => art(['rebuild', artifact, ...args], { cwd: root });

  test('every byte is the same, wherever the sources lie now', () => {
    const here = again(...PLACES, '--jobs', '1', '--quiet');
    expect(here).toEqual({ status: 0, stdout: '', stderr: '' });
    const moved = join(folder, 'moved to another place');
    cpSync(root, moved, { recursive: true });
    rmSync(join(moved, 'art.config.json')); // the provenance has everything that is needed
    const there = art(['rebuild', join(artifact, 'artifact.json'), '--sources', moved, ...PLACES], { cwd: '/' });
    expect(there.stdout).toBe(`${join(artifact, 'artifact.json')}: rebuilt, and every byte is the same\n`);
    expect(there.status).toBe(0);
  });

  test('directories outside of the project are asked for by name', () => {
    const { status, stderr } = again('--include', join(folder, 'shared'));
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^art: error: [^\n]*\/include\/1 \(second\.h came from it\): name it with --include[^\n]*\n$/,
    );
  });

  test('every missing and changed source is a line, and nothing is built', () => {
    const changed = join(folder, 'changed');
    cpSync(root, changed, { recursive: true });
    rmSync(join(changed, 'src/start.S'));
    writeFileSync(join(changed, 'src/fast.c'), FILES['project/src/fast.c'].replace('3', '4'));
    const { status, stdout, stderr } = again('--sources', changed, ...PLACES);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr.split('\n')).toEqual([
      expect.stringContaining("'src/fast.c' is not the file that was built"),
      expect.stringContaining("'src/start.S' is missing"),
      '',
    ]);
  });

  /** The artifact with a change to its manifest, and to an entry's bytes. */
  async function altered(
    name: string,
    change: (manifest: never) => void,
    patch?: (path: string, bytes: Buffer) => void,
  ) {
    const manifest = JSON.parse(readFileSync(join(artifact, 'artifact.json'), 'utf8'));
    change(manifest as never);
    const unpacked = unpack(artifact);
    const entries = manifest.entries.map((entry: { path: string }) => {
      const bytes = readFileSync(join(unpacked, entry.path));
      patch?.(entry.path, bytes);
      Object.assign(entry, { sha256: sha256(bytes), size: bytes.length });
      return { path: entry.path, bytes, executable: entry.path.startsWith('executables/') };
    });
    const { file, digest } = await writeArchive(entries, { sourceDateEpoch: 1700000000 });
    Object.assign(manifest.archive, digest);
    write(join(folder, name), { 'artifact.json': `${JSON.stringify(manifest, null, 2)}\n` });
    writeFileSync(join(folder, name, 'artifact.tar.gz'), file);
    return join(folder, name);
  }

  test('an object that was not made of these sources: where it differs', async () => {
    const forged = await altered(
      'forged',
      () => {},
      (path, bytes) => {
        if (!path.endsWith('fast.c.o')) return;
        const section = bytes.indexOf(Buffer.from([0xf2, 0x0f])); // the first instruction on a double
        bytes[section + 2] = (bytes[section + 2] as number) ^ 1;
      },
    );
    const options = { sources: root, include: [join(folder, 'shared'), join(folder, 'second')] };
    const { identical, difference, problems } = await rebuild(forged, options);
    expect([identical, problems]).toEqual([false, []]);
    expect(difference?.entries.map(({ path, how }) => [path, how])).toEqual([
      ['objects/x86_64-unknown-linux-musl/src/fast.c.o', 'changed'],
    ]);
    expect(difference?.entries[0]?.difference?.first).toMatchObject({ section: '.text', symbol: 'fast' });
  });

  test('another version of a program', async () => {
    type Manifest = { provenance: { art: string; programs: { sha256: string }[] } };
    const other = await altered('other', ({ provenance }: Manifest) => {
      provenance.art = '9.9.9';
      (provenance.programs[0] as { sha256: string }).sha256 = '0'.repeat(64);
    });
    const { status, stderr } = art(['rebuild', other, '--sources', root, ...PLACES]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/it was made with llvm 22\S+ \(sha256 0{64}\), this art has 22/);
    expect(stderr).toContain('only the version that made it can rebuild it: art 9.9.9');
  });

  test.each([
    [
      'a source outside',
      ({ provenance }: { provenance: { sources: { path: string }[] } }) =>
        ((provenance.sources[0] as { path: string }).path = '../secret'),
      "'../secret' lies outside",
    ],
    [
      'a flag that no build records',
      ({ provenance }: { provenance: { flags: string[] } }) => provenance.flags.push('-o/tmp/x'),
      "something that no build writes: clang flag '-o/tmp/x' cannot be used",
    ],
    [
      'an output that there is not',
      ({ provenance }: { provenance: { emit: string[] } }) => provenance.emit.push('nonsense'),
      "something that no build writes: unknown emit 'nonsense': expected bitcode, object, asm, ir",
    ],
    [
      'a directory of a number without end',
      ({ provenance }: { provenance: { sources: object[] } }) =>
        provenance.sources.push({ path: '/include/999999999999/x', sha256: '0'.repeat(64) }),
      'it names the directory /include/999999999999 and no /include/2, which no build writes',
    ],
  ])('a hostile manifest: %s', async (_, change, message) => {
    const hostile = await altered('hostile', change as never);
    const { status, stderr } = art(['rebuild', hostile, '--sources', root, ...PLACES]);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });
});

test('a compile database, with one source twice', () => {
  const root = project({
    'package.json': '{"name":"twice","version":"1.0.0"}',
    'lib.c': 'int f(void) { return N; }\n',
    'compile_commands.json': JSON.stringify(
      [1, 2].map((n) => ({ directory: '.', file: 'lib.c', arguments: ['cc', `-DN=${n}`, '-O1', '-c', 'lib.c'] })),
    ),
  });
  const built = art(['build', '--compile-commands', 'compile_commands.json', '--target', 'aarch64', '--quiet'], {
    cwd: root,
  });
  expect([built.status, built.stderr]).toEqual([0, '']);
  rmSync(join(root, 'compile_commands.json'));
  expect(art(['rebuild', 'artifact', '--quiet'], { cwd: root })).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('a profile is asked for, and must be the one that was used', () => {
  const root = project({
    'package.json': '{"name":"profiled","version":"1.0.0"}',
    'unit.c': 'static int cold(int x) { return x * 7; }\nint hot(int x) { return x ? cold(x) : 1; }\n',
    'profile.json': '{"functions":{"hot":1000,"cold":1},"edges":{"hot->cold":1}}',
    'other.json': '{"functions":{"hot":1},"edges":{}}',
  });
  const built = art(['build', 'unit.c', '-O2', '--with-profile', 'profile.json', '--target', 'x86_64', '--quiet'], {
    cwd: root,
  });
  expect(built.status).toBe(0);
  const again = (...args: string[]) => art(['rebuild', 'artifact', '--quiet', ...args], { cwd: root });
  expect(again().stderr).toMatch(
    /^art: error: artifact: it was built with a profile \(sha256 [0-9a-f]{64}\): name every/,
  );
  expect(again('--with-profile', 'other.json').stderr).toContain("'other.json' is not the profile that was used");
  expect(again('--with-profile', 'profile.json').status).toBe(0);
});
