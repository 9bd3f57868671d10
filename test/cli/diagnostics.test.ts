import { isAbsolute, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { art, project } from '../support/project.js';

const SOURCES = {
  'p/package.json': '{"name":"p","version":"1.0.0"}',
  'p/src/a.c': '#include "deep/h.h"\nint a = 1\n',
  'p/src/deep/h.h': '#warning from the header\n',
  'p/src/deep/ir.ll': 'define\n',
};

/** The paths in the diagnostics, in order. */
function paths(stderr: string): string[] {
  return [...stderr.matchAll(/^(?:In file included from )?([^\s:]+):\d+:/gm)].map((m) => m[1] as string);
}

test('paths read as the user wrote the unit', () => {
  const root = project(SOURCES);
  const diagnosed = (cwd: string, input: string) =>
    paths(art(['build', input, '--target', 'x86_64', '--quiet'], { cwd }).stderr);

  const places: [cwd: string, input: string][] = [
    [join(root, 'p'), 'src/a.c'],
    [join(root, 'p'), './src/a.c'],
    [join(root, 'p/src/deep'), '../a.c'],
    [root, 'p/src/a.c'],
    ['/', join(root, 'p/src/a.c')],
  ];
  for (const [cwd, input] of places) {
    // The include stack, the header, and the unit itself.
    const [from, header, unit, ...more] = diagnosed(cwd, input);
    expect([from, unit, more]).toEqual([input, input, []]);
    expect(resolve(cwd, header as string)).toBe(join(root, 'p/src/deep/h.h'));
    expect(isAbsolute(header as string)).toBe(isAbsolute(input));
  }
  expect(diagnosed(root, 'p/src/a.c')[1]).toBe('p/src/deep/h.h');
});

test('below a directory, paths begin with the directory as written', () => {
  const root = project(SOURCES);
  const diagnosed = (input: string) =>
    new Set(paths(art(['build', input, '--target', 'x86_64', '--quiet'], { cwd: root }).stderr));
  expect(diagnosed('p')).toEqual(new Set(['p/src/a.c', 'p/src/deep/h.h', 'p/src/deep/ir.ll']));
  const absolute = join(root, 'p');
  expect(diagnosed(absolute)).toEqual(
    new Set(['src/a.c', 'src/deep/h.h', 'src/deep/ir.ll'].map((x) => join(absolute, x))),
  );
});

test('a header of a -I folder outside reads as a path to it', () => {
  const root = project({
    ...SOURCES,
    'p/src/a.c': '#include <far.h>\n',
    'p/src/deep/ir.ll': '',
    'far/far.h': '#error no\n',
  });
  const { stderr } = art(['build', 'p/src/a.c', '-Ifar', '--target', 'x86_64', '--quiet'], { cwd: root });
  expect(paths(stderr)).toEqual(['p/src/a.c', 'far/far.h']);
  expect(stderr).not.toContain('/include/0');
});

test('what holds for both targets is said once; what holds for one is said', () => {
  const cwd = project({
    'package.json': '{}',
    'a.c': '#warning for both\n#ifdef __aarch64__\n#warning for one\n#endif\nint a;\n',
    'b.c': '#warning said once\nint b;\n',
  });
  const { status, stderr } = art(['build', '.', '--out', 'out'], { cwd });
  expect(status).toBe(0);
  expect(stderr.match(/^b\.c:1:2: warning: said once/gm)).toHaveLength(1);
  expect(stderr.match(/for one/g)?.length).toBeGreaterThan(0);
});

test('a diagnostic of the assembler names the unit, and the place in it', () => {
  const cwd = project({
    'package.json': '{}',
    'src/asm.c': 'void f(void) { __asm__ volatile("no such instruction"); }\n',
  });
  const { status, stderr } = art(['build', 'src', '--target', 'x86_64'], { cwd });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^src\/asm\.c:1:\d+: error: /m);
  expect(stderr).toContain('did not compile: src/asm.c');
  expect(stderr).not.toContain('/src/src');
});

test('units, their headers and those of -I read as each was written', () => {
  const root = project({
    'p/package.json': '{}',
    'p/src/a.c': '#include "near.h"\n#include <in.h>\n#include <out.h>\n',
    'p/src/near.h': '#warning near\n',
    'p/inc/in.h': '#warning in\n',
    'out/out.h': '#warning out\n',
  });
  const warned = (input: string, ...flags: string[]) => {
    const { status, stderr } = art(['build', input, '--target', 'x86_64', '--quiet', ...flags], { cwd: root });
    expect(status).toBe(0);
    return [...stderr.matchAll(/^(\S+):1:2: warning: /gm)].map((m) => m[1]);
  };
  const at = (path: string) => join(root, path);
  for (const [input, inside, outside, shown] of [
    ['p/src/a.c', 'p/inc', 'out', 'p/src'],
    ['./p/src/a.c', './p/inc', './out', './p/src'],
    ['./p/src', 'p/inc/', at('out'), './p/src'],
    ['p/src/a.c', at('p/inc'), at('out'), 'p/src'],
    [at('p/src/a.c'), 'p/inc', 'out', at('p/src')],
    ['p/../p/src/a.c', 'out/../p/inc', 'p/../out', 'p/../p/src'],
  ] as const)
    expect(warned(input, `-I${inside}`, '-I', outside)).toEqual([
      `${shown}/near.h`,
      `${inside.replace(/\/$/, '')}/in.h`,
      `${outside}/out.h`,
    ]);
  expect(warned('p/src/a.c', '-Ip/inc', '-Iout', '-include', './out/out.h')[0]).toBe('./out/out.h');
});
