// Programs show paths as the user wrote them; outputs are written where any compiler would write them, relative to the
// working directory.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { available, run as native } from '../support/native.js';
import { project } from '../support/project.js';
import { commands } from '../support/resident.js';

const { ok, run } = commands();
const SOURCES = {
  'f.c': 'int f(void) { return 7; }\n',
  'main.c': 'int f(void);\nint main(void) { return f(); }\n',
};
const files = (cwd: string) => readdirSync(cwd).sort();

/** The libraries that a program needs from the loader, in order. */
const needed = (file: string) =>
  [...native('llvm-readelf-22', ['-d', file]).matchAll(/\(NEEDED\).*\[(.*)\]/g)].map((match) => match[1]);

it.skipIf(!available('llvm-readelf-22'))(
  'a shared library without a name of its own is needed as it was written',
  () => {
    const cwd = project({ ...SOURCES, 'lib/x': '' });
    ok(['cc', '-shared', '-fPIC', 'f.c', '-o', 'libf.so'], { cwd });
    ok(['cc', '-shared', '-fPIC', 'f.c', '-o', 'lib/libf.so'], { cwd });
    const link = (...args: string[]) => {
      ok(['cc', 'main.c', ...args, '-o', 'program'], { cwd });
      return needed(join(cwd, 'program'));
    };
    expect(link('libf.so')).toEqual(['libf.so', 'libc.so']);
    expect(link('./lib/libf.so')).toEqual(['./lib/libf.so', 'libc.so']);
    expect(link(join(cwd, 'libf.so'))).toEqual([join(cwd, 'libf.so'), 'libc.so']);
    expect(link('-Llib', '-lf')).toEqual(['libf.so', 'libc.so']);
  },
);

test('-l that finds only a shared library links dynamically; an archive beside it keeps the program static', () => {
  const cwd = project(SOURCES);
  const interpreter = (file: string) => readFileSync(join(cwd, file), 'latin1').includes('/lib/ld-musl-');
  ok(['cc', '-shared', '-fPIC', 'f.c', '-o', 'libf.so'], { cwd });
  ok(['cc', 'main.c', '-L.', '-lf', '-o', 'shared'], { cwd });
  ok(['cc', 'main.c', '-L', '.', '-l:libf.so', '-o', 'named'], { cwd });
  ok(['cc', '-c', 'f.c'], { cwd });
  ok(['ar', 'rc', 'libf.a', 'f.o'], { cwd });
  ok(['cc', 'main.c', '-L.', '-l', 'f', '-o', 'static'], { cwd });
  expect(['shared', 'named', 'static'].map(interpreter)).toEqual([true, true, false]);
  expect(spawnSync(join(cwd, 'static')).status).toBe(7);
});

test('symbols of bytes that are linked are named after the file as it was written', () => {
  const cwd = project({ ...SOURCES, 'sub/data.txt': 'data' });
  const symbols = ['_binary_sub_data_txt_end', '_binary_sub_data_txt_size', '_binary_sub_data_txt_start'];
  ok(['objcopy', '-I', 'binary', '-O', 'elf64-x86-64', 'sub/data.txt', 'data.o'], { cwd });
  expect(ok(['nm', '-j', 'data.o'], { cwd }).trim().split('\n')).toEqual(symbols);
  ok(['cc', '-r', '-nostdlib', '-Wl,--format=binary', 'sub/data.txt', '-o', 'linked.o'], { cwd });
  expect(ok(['nm', '-j', 'linked.o'], { cwd }).trim().split('\n').sort()).toEqual(symbols);
});

test('a thin archive holds the paths of its members, from where it lies', () => {
  const cwd = project({ ...SOURCES, 'lib/x': '', 'obj/x': '' });
  ok(['cc', '-c', 'f.c', '-o', 'obj/f.o'], { cwd });
  ok(['ar', 'rcT', 'lib/libf.a', 'obj/f.o'], { cwd });
  expect(readFileSync(join(cwd, 'lib/libf.a'), 'latin1')).not.toContain(cwd);
  expect(ok(['ar', 't', 'lib/libf.a'], { cwd })).toBe('lib/../obj/f.o\n');
  ok(['cc', 'main.c', '-Llib', '-lf', '-o', 'program'], { cwd });
  expect(spawnSync(join(cwd, 'program')).status).toBe(7);
});

test('a linker script names files from the working directory', () => {
  const cwd = project({ ...SOURCES, 'sub/all.ld': 'INPUT(sub/f.o)\n' });
  ok(['cc', '-c', 'f.c', '-o', 'sub/f.o'], { cwd });
  ok(['cc', 'main.c', 'sub/all.ld', '-o', 'program'], { cwd });
  expect(spawnSync(join(cwd, 'program')).status).toBe(7);
});

test('options of the linker with a value that is no path, in the next word', () => {
  const cwd = project(SOURCES);
  const options = [
    ...['--hash-style,gnu', '--image-base,0x500000', '--sort-section,name', '--compress-debug-sections,none'],
    ...['--orphan-handling,place', '--error-limit,3', '--pack-dyn-relocs,none', '-b,elf', '--format,default'],
  ];
  ok(['cc', 'main.c', 'f.c', ...options.map((option) => `-Wl,${option}`), '-o', 'program'], { cwd });
  expect(spawnSync(join(cwd, 'program')).status).toBe(7);
});

test('what is written besides the output lands in the working directory, or where it is told to', () => {
  const cwd = project({ ...SOURCES, 'm.cppm': 'export module m;\nexport int m() { return 1; }\n', 'out/x': '' });
  const before = readdirSync('/').sort();
  ok(['cc', '-c', 'f.c', '--serialize-diagnostics', 'out/f.dia', '-o', 'out/f.o'], { cwd });
  ok(['c++', '-std=c++20', '-c', 'm.cppm', '-fmodule-output', '-o', 'out/m.o'], { cwd });
  ok(['c++', '-std=c++20', '-c', 'm.cppm', '-fmodule-output=named.pcm', '-o', 'out/m.o'], { cwd });
  const link = ['-Wl,--time-trace=trace.json', '-Wl,--reproduce=repro.tar', '-Wl,-Map,../map.txt'];
  mkdirSync(join(cwd, 'link'));
  ok(['cc', '../main.c', '../f.c', ...link, '-o', 'program'], { cwd: join(cwd, 'link') });
  expect(readdirSync('/').sort()).toEqual(before);
  expect(files(cwd)).toEqual(['f.c', 'link', 'm.cppm', 'main.c', 'map.txt', 'named.pcm', 'out']);
  expect(files(join(cwd, 'out'))).toEqual(['f.dia', 'f.o', 'm.o', 'm.pcm', 'x']);
  expect(files(join(cwd, 'link'))).toEqual(['program', 'repro.tar', 'trace.json']);
});

test('-MJ writes an entry of a compile database, with the words of the user', () => {
  const cwd = project(SOURCES);
  ok(['cc', '-O2', '-DX="a b"', '-c', 'f.c', '-MJ', 'f.json', '-o', 'f.o'], { cwd });
  const [entry] = JSON.parse(`[${readFileSync(join(cwd, 'f.json'), 'utf8').replace(/,\n$/, '')}]`);
  expect(entry).toMatchObject({ directory: cwd, file: 'f.c', output: 'f.o' });
  expect(entry.arguments[0]).toBe('clang');
  expect(entry.arguments).toEqual(expect.arrayContaining(['-O2', 'X="a b"', 'f.c']));
  expect(JSON.stringify(entry)).not.toMatch(/\/\.art\/|driver-only/);
  expect(existsSync(join(cwd, 'f.o'))).toBe(true);
});

test('a precompiled header whose header changed is not used, whatever the times of files say', () => {
  const cwd = project({ 'all.h': 'enum { A = 1 };\n', 'a.cc': 'int a() { return A; }\n' });
  const use = ['c++', '-c', '-include', 'all.h', 'a.cc'];
  ok(['c++', '-x', 'c++-header', 'all.h', '-o', 'all.h.pch'], { cwd });
  writeFileSync(join(cwd, 'all.h'), 'enum { A = 1 };\n');
  ok(use, { cwd });
  writeFileSync(join(cwd, 'all.h'), 'enum { A = 2 };\n');
  expect(run(use, { cwd })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/all\.h' has been modified since the precompiled header 'all\.h\.pch' was built/),
  });
  ok(['c++', '-x', 'c++-header', 'all.h', '-o', 'all.h.pch'], { cwd });
  ok(use, { cwd });
});

describe("'..' after a link leads up from where the link leads", () => {
  const linked = (files: Record<string, string>) => {
    const cwd = project({ 'real/sub/x': '', 's/x': '', ...files });
    symlinkSync('real/sub', join(cwd, 'link'));
    return cwd;
  };

  test('to headers; what is printed is as it was written', () => {
    const files = { 'real/inc/q.h': 'int q = 1;\n', 'inc/q.h': 'int q = 2;\n', 's/m.c': '#include "q.h"\n' };
    const cwd = linked({ ...files, 's/bad.c': '#include "../link/../inc/bad.h"\n', 'real/inc/bad.h': '#error bad\n' });
    const preprocess = ['-Ilink/../inc', '-E', '-P', 's/m.c'];
    expect(ok(['cc', ...preprocess], { cwd })).toContain('int q = 1;');
    const depend = ['-Ilink/../inc', '-c', 's/m.c', '-o', 's/m.o', '-MD', '-MF', 's/m.d'];
    ok(['cc', ...depend], { cwd });
    expect(readFileSync(join(cwd, 's/m.d'), 'utf8')).toBe('s/m.o: s/m.c link/../inc/q.h\n');
    expect(run(['cc', '-c', 's/bad.c'], { cwd }).stderr).toContain('s/../link/../inc/bad.h:1:2: error: bad');
    if (!available('clang-22')) return;
    expect(native('clang-22', preprocess, cwd)).toContain('int q = 1;');
    native('clang-22', depend, cwd);
    expect(readFileSync(join(cwd, 's/m.d'), 'utf8')).toBe('s/m.o: s/m.c link/../inc/q.h\n');
  });

  test('to libraries, response files, dependency files and outputs', () => {
    const cwd = linked({
      'f.c': 'int f(void) { return N; }\n',
      'main.c': SOURCES['main.c'],
      'real/words': '-DN=1',
      words: '-DN=2',
      'lib/x': '',
      'real/lib/x': '',
    });
    ok(['cc', '-c', 'f.c', '@link/../words', '-o', 'link/../lib/f.o', '-MMD', '-MF', 'link/../lib/f.d'], { cwd });
    expect(files(join(cwd, 'real/lib'))).toEqual(['f.d', 'f.o', 'x']);
    ok(['cc', '-c', 'f.c', '-DN=2', '-o', 'lib/f.o'], { cwd });
    ok(['ar', 'rc', 'link/../lib/libf.a', 'link/../lib/f.o'], { cwd });
    ok(['ar', 'rc', 'lib/libf.a', 'lib/f.o'], { cwd });
    ok(['cc', 'main.c', '-Llink/../lib', '-lf', '-o', 'link/../program'], { cwd });
    expect(spawnSync(join(cwd, 'real/program')).status).toBe(1);
    expect(files(cwd)).toEqual(['f.c', 'lib', 'link', 'main.c', 'real', 's', 'words']);
    ok(['cc', '-c', 'main.c', '-o', 'link/main.o'], { cwd });
    expect(run(['link', 'link/main.o', 'link/../lib/libf.a', '-o', 'link/../linked'], { cwd }).status).toBe(0);
    expect(spawnSync(join(cwd, 'real/linked')).status).toBe(1);
  });

  test('out of the working directory, where the output goes through a link as well', () => {
    const cwd = project({ ...SOURCES, 'away/deep/x': '', 'here/x': '' });
    symlinkSync('../away/deep', join(cwd, 'here/build'));
    ok(['cc', '-c', '../f.c', '-o', 'build/f.o'], { cwd: join(cwd, 'here') });
    ok(['cc', '-c', '../f.c', '-o', 'build/../f.o'], { cwd: join(cwd, 'here') });
    expect([files(join(cwd, 'away')), files(join(cwd, 'away/deep'))]).toEqual([
      ['deep', 'f.o'],
      ['f.o', 'x'],
    ]);
  });
});

test('an output takes the place of a link, also of one that leads nowhere', () => {
  const cwd = project({ ...SOURCES, old: 'old' });
  symlinkSync('old', join(cwd, 'f.o'));
  symlinkSync('nowhere', join(cwd, 'g.o'));
  for (const output of ['f.o', 'g.o']) {
    ok(['cc', '-c', 'f.c', '-o', output], { cwd });
    expect(lstatSync(join(cwd, output)).isFile()).toBe(true);
  }
  expect(readFileSync(join(cwd, 'old'), 'utf8')).toBe('old');
  expect(existsSync(join(cwd, 'nowhere'))).toBe(false);
});

test('a header that links give two names is one, for #pragma once', () => {
  const cwd = project({ 'a.c': '#include "real.h"\n#include "link.h"\n', 'real.h': '#pragma once\nint a = 1;\n' });
  symlinkSync('real.h', join(cwd, 'link.h'));
  ok(['cc', '-c', 'a.c'], { cwd });
});

it.skipIf(!existsSync('/usr/include/c++') || !available('clang-22'))(
  "C++ with the machine's own root as its sysroot finds the library that native clang finds",
  () => {
    const cwd = project({ 'v.cpp': '#include <vector>\nint f() { return std::vector<int>(3).size(); }\n' });
    const args = ['--target=x86_64-linux-gnu', '--sysroot=/', '-M', 'v.cpp'];
    const library = (rule: string) => rule.match(/\S*\/include\/c\+\+\/\S*/g);
    expect(library(ok(['c++', ...args], { cwd }))).toEqual(library(native('clang++-22', args, cwd)));
  },
);
