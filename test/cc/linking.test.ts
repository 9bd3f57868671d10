// How `art cc` treats linker options: programs stay static if no shared library is linked, and a line says if one needs
// musl's loader.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, test } from 'vitest';
import { available, scratch } from '../support/native.js';
import { project } from '../support/project.js';
import { commands } from '../support/resident.js';

const { ok, run } = commands();
const ARCHITECTURE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const LOADER = `/lib/ld-musl-${ARCHITECTURE}.so.1`;
const PT_INTERP = 3;
const ET_EXEC = 2;
const ET_DYN = 3;
const MAIN = '#include <stdio.h>\nint main(void) { puts("runs"); return 0; }\n';

/** How the kernel loads a program: its ELF type, and the loader that it names. */
function kindOf(path: string): { type: number; loader: string | undefined } {
  const bytes = readFileSync(path);
  const [table, size, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  const headers = Array.from({ length: count }, (_, i) => bytes.subarray(table + i * size, table + (i + 1) * size));
  const interpreter = headers.find((header) => header.readUInt32LE(0) === PT_INTERP);
  const at = interpreter && Number(interpreter.readBigUInt64LE(8));
  const loader = at === undefined ? undefined : bytes.subarray(at, bytes.indexOf(0, at)).toString();
  return { type: bytes.readUInt16LE(16), loader };
}

describe('a program that is linked with nothing shared runs anywhere', () => {
  const FLAGS = [
    ['-rdynamic'],
    ['-no-pie'],
    ['-no-pie', '-rdynamic'],
    ['-pie', '-no-pie'],
    ['-Wl,-Bdynamic'],
    ['-Wl,-Bstatic', '-lm', '-Wl,-Bdynamic'],
    ['-Wl,-Bstatic,-lm,-Bdynamic', '-lpthread'],
    ['-Xlinker', '-Bdynamic', '-lm'],
    ['-Wl,-dy'],
    ['-Wl,-call_shared'],
    ['-static', '-Wl,-Bdynamic'],
    ['-Wl,--export-dynamic'],
    ['-Wl,-E'],
    ['-Wl,-z,now', '-Wl,-z,relro'],
    ['-Wl,--as-needed', '-Wl,-rpath,/nowhere'],
    ['-Wl,--push-state,-Bdynamic,-lm,--pop-state'],
  ];
  test.each(FLAGS.map((flags) => [flags]))('%j', (flags) => {
    const cwd = project({ 'a.c': MAIN });
    ok(['cc', 'a.c', ...flags, '-o', 'a'], { cwd });
    expect(kindOf(join(cwd, 'a'))).toEqual({ type: ET_EXEC, loader: undefined });
    expect(execFileSync(join(cwd, 'a')).toString()).toBe('runs\n');
  });

  const PIE = [
    ['-pie'],
    ['--pie'],
    ['-Wl,-pie'],
    ['-Xlinker', '-pie'],
    ['-static-pie'],
    ['-no-pie', '-pie', '-rdynamic'],
  ];
  test.each(PIE.map((flags) => [flags]))('%j: at any address, and without a loader', (flags) => {
    const cwd = project({ 'a.c': MAIN });
    ok(['cc', 'a.c', ...flags, '-o', 'a'], { cwd });
    expect(kindOf(join(cwd, 'a'))).toEqual({ type: ET_DYN, loader: undefined });
    expect(execFileSync(join(cwd, 'a')).toString()).toBe('runs\n');
  });

  it.skipIf(!available('qemu-aarch64-static')).each([['-rdynamic'], ['-Wl,-E'], ['-Wl,-Bdynamic'], ['-pie']])(
    'aarch64 with %s',
    (flag) => {
      const cwd = project({
        'a.cc': '#include <iostream>\nint main() { try { throw 7; } catch (int) { std::cout << "runs\\n"; } }\n',
      });
      ok(['c++', '--target=aarch64', flag, 'a.cc', '-o', 'a'], { cwd });
      expect(kindOf(join(cwd, 'a')).loader).toBe(undefined);
      expect(execFileSync('qemu-aarch64-static', [join(cwd, 'a')]).toString()).toBe('runs\n');
    },
  );

  test('constructors, thread-local variables and weak symbols are sound with --export-dynamic', () => {
    const source = `#include <pthread.h>
#include <stdio.h>
static __thread int local = 5;
static int made;
__attribute__((constructor)) static void make(void) { made = 1; }
__attribute__((weak)) void nowhere(void);
int exported(void) { return 2; }
static void *run(void *x) { local += 1; *(int *)x = local; return x; }
int main(void) {
  int sum = 0;
  pthread_t thread;
  pthread_create(&thread, 0, run, &sum);
  pthread_join(thread, 0);
  printf("%d %d %d %d\\n", made, sum, local, nowhere ? 1 : 0);
  return 0;
}
`;
    const cwd = project({ 'a.c': source });
    for (const pie of [[], ['-pie']]) {
      ok(['cc', 'a.c', '-Wl,--export-dynamic', ...pie, '-o', 'a'], { cwd });
      expect(execFileSync(join(cwd, 'a')).toString()).toBe('1 6 5 0\n');
    }
  });
});

describe('with a shared library', () => {
  const cwd = scratch();
  const warned = (args: string[]) => {
    const { status, stdout, stderr } = run(args, { cwd });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    return stderr;
  };
  const note = (because: string) =>
    existsSync(LOADER)
      ? ''
      : `art: warning: 'a' needs musl's loader, since it is linked with '${because}', and this machine has no '${LOADER}': link with a static library instead to get a program that runs on any Linux\n`;

  beforeAll(() => {
    ok(['cc', '-c', '-fPIC', '-x', 'c', '-', '-o', 'part.o'], { cwd, input: 'int part(void) { return 3; }\n' });
    ok(['cc', '-c', '-x', 'c', '-', '-o', 'main.o'], {
      cwd,
      input: 'int part(void);\nint main(void) { return part(); }\n',
    });
    warned(['cc', '-shared', 'part.o', '-o', 'libpart.so']);
    warned(['cc', '-shared', 'part.o', '-o', 'libboth.so']);
    ok(['ar', 'rc', 'libboth.a', 'part.o'], { cwd });
  });

  test.each([
    [['libpart.so'], 'libpart.so'],
    [['-L.', '-lpart'], '-lpart'],
    [['-L.', '-l:libpart.so'], '-l:libpart.so'],
    [['-Wl,-L.,-lpart'], '-lpart'],
    [['-Wl,./libpart.so'], './libpart.so'],
    [['-pie', '-L.', '-lpart'], '-lpart'],
    [['-rdynamic', '-Wl,-Bdynamic', '-L.', '-lpart'], '-lpart'],
  ])('%j makes a program with a loader, and one line says why', (flags, because) => {
    expect(warned(['cc', 'main.o', ...flags, '-o', 'a'])).toBe(note(because));
    expect(kindOf(join(cwd, 'a')).loader).toBe(LOADER);
  });

  test('where there is a static one as well, it is taken', () => {
    for (const flags of [[], ['-Wl,-Bdynamic'], ['-rdynamic']]) {
      ok(['cc', 'main.o', ...flags, '-L.', '-lboth', '-o', 'a'], { cwd });
      expect(kindOf(join(cwd, 'a')).loader).toBe(undefined);
      expect(spawnSync(join(cwd, 'a')).status).toBe(3);
    }
  });

  test('-dynamic asks for a loader; one that the command names is the one', () => {
    warned(['cc', 'part.o', 'main.o', '-dynamic', '-o', 'a']);
    expect(kindOf(join(cwd, 'a')).loader).toBe(LOADER);
    expect(warned(['cc', 'part.o', 'main.o', '-Wl,--dynamic-linker=/opt/ld.so', '-o', 'a'])).toBe('');
    expect(kindOf(join(cwd, 'a')).loader).toBe('/opt/ld.so');
  });

  test('the other machine may have the loader', () => {
    const other = ARCHITECTURE === 'x86_64' ? 'aarch64' : 'x86_64';
    ok(['cc', `--target=${other}`, '-c', '-fPIC', '-x', 'c', '-', '-o', 'other.o'], { cwd, input: 'int x;\n' });
    expect(warned(['cc', `--target=${other}`, '-shared', 'other.o', '-o', 'other.so'])).toBe('');
  });

  it.skipIf(existsSync(LOADER))('-shared says that the library is for programs of musl', () => {
    expect(warned(['cc', '-shared', 'part.o', '-o', 'x.so'])).toBe(
      `art: warning: 'x.so' loads in programs of musl only, and this machine has no musl: for glibc link with --target=${ARCHITECTURE}-linux-gnu\n`,
    );
    // No warning if the command names its target, if nothing is linked, or if the library needs no C library.
    expect(warned(['cc', `--target=${ARCHITECTURE}-linux-musl`, '-shared', 'part.o', '-o', 'x.so'])).toBe('');
    expect(
      run(['cc', '-shared', '-fPIC', '-c', '-x', 'c', '-', '-o', 'y.o'], { cwd, input: 'int y;\n' }).stderr,
    ).not.toContain('art:');
    expect(warned(['cc', '-shared', '-nostdlib', 'part.o', '-o', 'z.so'])).toBe('');
  });
});

test('another linker that is asked for is left out with a warning; lld by any name is what there is', () => {
  const cwd = project({ 'a.c': MAIN });
  expect(run(['cc', '-fuse-ld=bfd', 'a.c', '-o', 'a'], { cwd })).toEqual({
    status: 0,
    stdout: '',
    stderr: "art: warning: left out '-fuse-ld=bfd': art links with lld\n",
  });
  for (const name of ['lld', 'ld.lld', '/usr/bin/ld.lld', 'lld-19'])
    ok(['cc', `-fuse-ld=${name}`, 'a.c', '-o', 'a'], { cwd });
  ok(['cc', '-fuse-ld=gold', '-c', 'a.c'], { cwd });
});
