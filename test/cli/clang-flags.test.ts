import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { splitClangFlags } from '../../src/cli/clang-flags.js';
import { art, digests, manifestOf, project, unpack } from '../support/project.js';

const split = (line: string) => splitClangFlags(line.split(' '));

test.each([
  ['build a.c -O2', 'build a.c', '-O2'],
  ['build -DX=1 a.c -Iinc --out o', 'build a.c --out o', '-DX=1 -Iinc'],
  ['build -D X=1 -I inc -isystem s -include f.h a.c', 'build a.c', '-D X=1 -I inc -isystem s -include f.h'],
  [
    'build a.c -std=c11 -ffast-math -mavx2 -g3 -Wall -pedantic',
    'build a.c',
    '-std=c11 -ffast-math -mavx2 -g3 -Wall -pedantic',
  ],
  ['build a.c --jobs 2 -- -O3 --unknown x', 'build a.c --jobs 2', '-O3 --unknown x'],
  ['build a.c -O1 -- -O3', 'build a.c', '-O1 -O3'],
  ['build a.c -Xclang -ast-dump -mllvm -x-y', 'build a.c', '-Xclang -ast-dump -mllvm -x-y'],
  ['build a.c --param x=1 --target x86_64', 'build a.c --target x86_64', '--param x=1'],
  ['build a.c -D', 'build a.c', '-D'],
  ['build a.c --', 'build a.c', ''],
  ['build - a.c', 'build - a.c', ''],
])('%s', (line, own, flags) => {
  expect(split(line)).toEqual({ own: own.split(' '), flags: flags === '' ? [] : flags.split(' ') });
});

test('flags do the same before the inputs, after them, and after --', () => {
  const cwd = project({
    'package.json': '{"name":"p"}',
    'src/a.c': '#include "h.h"\nint a(int x) { return x * FACTOR * ONE; }\n',
    'include/h.h': '#define FACTOR 6\n',
  });
  const flags = ['-O2', '-D', 'ONE=1', '-Iinclude', '-fno-plt'];
  const built = (...args: string[]) => {
    const out = join(cwd, 'out');
    expect(art(['build', '--out', out, '--target', 'x86_64', ...args], { cwd }).status).toBe(0);
    return digests(out);
  };
  const expected = built('src', ...flags);
  expect(built(...flags, 'src')).toEqual(expected);
  expect(built('src', '--', ...flags)).toEqual(expected);
  expect(built('src', '-O2', '-DONE=1', '--', '-Iinclude', '-fno-plt').archive).toBe(expected.archive);
  expect(manifestOf(join(cwd, 'out'))).toMatchObject({
    provenance: { flags: ['-O2', '-DONE=1', '-Iinclude', '-fno-plt'] },
  });
});

test('relative -I and -include start at the working directory, wherever the source lies', () => {
  const cwd = project({
    'p/package.json': '{"name":"p"}',
    'p/src/a.c': '#include <h.h>\nint a = H + F;\n',
    'p/inc/h.h': '#define H 40\n',
    'p/force.h': '#define F 2\n',
  });
  const args = [
    'build',
    'p/src/a.c',
    '--emit',
    'asm',
    '--target',
    'x86_64',
    '--out',
    'out',
    '-Ip/inc',
    '-include',
    'p/force.h',
  ];
  expect(art(args, { cwd }).status).toBe(0);
  const asm = readFileSync(join(unpack(join(cwd, 'out')), 'asm/x86_64-unknown-linux-musl/src/a.c.s'), 'utf8');
  expect(asm).toMatch(/\.long\s+42/);
  // Paths inside the project are recorded relative to it, so the working directory does not matter.
  expect(manifestOf(join(cwd, 'out'))).toMatchObject({ provenance: { flags: ['-Iinc', '-include', 'force.h'] } });
});

test('a flag that clang does not know is reported by clang, by name', () => {
  const cwd = project({ 'a.c': 'int a;' });
  const { status, stderr } = art(['build', 'a.c', '--target', 'x86_64', '--', '--no-such-flag'], { cwd });
  expect(status).toBe(1);
  expect(stderr).toMatch(/error: .*'--no-such-flag'/);
});

test('every spelling of a flag with a path leads to the file, wherever the user stands', () => {
  const cwd = project({
    'p/package.json': '{"name":"p"}',
    'p/src/a.c': 'int a = F;\nchar b[] = {\n#embed <data.bin>\n};\n',
    'p/force.h': '#define F 2\n',
    'p/macros.h': '#define F 2\n',
    'p/data/data.bin': 'x',
  });
  for (const [flags, recorded] of [
    [['-includep/force.h'], ['-include', 'force.h']],
    [['--include=p/force.h'], ['-include', 'force.h']],
    [
      ['--include', 'p/force.h'],
      ['-include', 'force.h'],
    ],
    [
      ['-include', 'p/force.h'],
      ['-include', 'force.h'],
    ],
    [['-imacrosp/macros.h'], ['-imacros', 'macros.h']],
    [['--imacros=p/macros.h'], ['-imacros', 'macros.h']],
  ] as const) {
    const args = ['build', 'p/src/a.c', '--target', 'x86_64', '--out', 'out', ...flags, '--embed-dir=p/data'];
    expect(art([...args, '-std=c23'], { cwd })).toMatchObject({ status: 0 });
    expect(manifestOf(join(cwd, 'out'))).toMatchObject({
      provenance: { flags: [...recorded, '--embed-dir=data', '-std=c23'] },
    });
  }
});

test('where a flag has clang do something else, the unit fails and says so', () => {
  const cwd = project({ 'a.c': 'int a;' });
  const args = ['build', 'a.c', '--target', 'x86_64', '--', '-ccc-print-phases'];
  const { status, stderr } = art(args, { cwd });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^a\.c: error: a\.c was not compiled for x86_64\S+: one of the flags/m);
  expect(stderr).not.toMatch(/ENOENT|no such file/i);
});
