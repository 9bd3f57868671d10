import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BuildFailedError, build } from 'art-aot';
import { expect, test } from 'vitest';
import { art, digests, project } from '../support/project.js';

const SOURCES = {
  'package.json': '{"name":"p","version":"1.0.0"}',
  'a.c': '#warning from a\nint a;\n',
  'b.c': 'int b(void) { return }\n',
  'c.c': 'int c(void) { undeclared(); }\n',
  'd.c': '#warning from d\nint d;\n',
};

test('all diagnostics of all units are shown, and the artifact that is there stays as it is', () => {
  const root = project({ 'package.json': SOURCES['package.json'], 'a.c': SOURCES['a.c'] });
  const out = join(root, 'out');
  expect(art(['build', 'a.c', '--out', 'out'], { cwd: root }).status).toBe(0);
  const before = digests(out);

  const broken = project(SOURCES);
  const result = art(['build', '.', '--out', out, '--jobs', '1'], { cwd: broken });
  expect(result.status).toBe(1);
  expect(result.stdout).toBe('');
  expect(result.stderr).toMatch(/^a\.c:1:2: warning: from a/m);
  expect(result.stderr).toMatch(/^b\.c:1:\d+: error: expected expression/m);
  expect(result.stderr).toMatch(/^c\.c:1:\d+: error: call to undeclared function 'undeclared'/m);
  expect(result.stderr).toMatch(/^d\.c:1:2: warning: from d/m);
  expect(result.stderr).toMatch(/^art: error: 2 units did not compile: b\.c, c\.c$/m);
  expect(digests(out)).toEqual(before);
  expect(readdirSync(out).sort()).toEqual(['artifact.json', 'artifact.tar.gz']);
});

test('where there was no artifact, a failed build leaves none', () => {
  const root = project(SOURCES);
  expect(art(['build', '.', '--out', 'out', '--target', 'x86_64'], { cwd: root }).status).toBe(1);
  expect(existsSync(join(root, 'out'))).toBe(false);
});

test('the library throws a failure for each unit and target', async () => {
  const cwd = project(SOURCES);
  const texts: string[] = [];
  const error = await build({
    inputs: ['.'],
    cwd,
    out: 'out',
    onEvent: (event) => void (event.type === 'diagnostics' && texts.push(event.text)),
  }).catch((e) => e);
  expect(error).toBeInstanceOf(BuildFailedError);
  expect(error.code).toBe('COMPILE_FAILED');
  expect((error as BuildFailedError).failures.map((f) => [f.unit, f.target, f.kind, f.program])).toEqual([
    ['b.c', 'aarch64-unknown-linux-musl', 'diagnosed', 'clang'],
    ['b.c', 'x86_64-unknown-linux-musl', 'diagnosed', 'clang'],
    ['c.c', 'aarch64-unknown-linux-musl', 'diagnosed', 'clang'],
    ['c.c', 'x86_64-unknown-linux-musl', 'diagnosed', 'clang'],
  ]);
  expect(texts).toHaveLength(8);
});

test.each([
  ['A.c', 'a.c'],
  ['src/É.c', 'src/é.c'],
  ['src/\u00e9.c', 'src/e\u0301.c'],
  ['Src/x.c', 'src/x.c'],
])('%s and %s would be one file where case or accents fold', async (one, other) => {
  const cwd = project({ 'package.json': '{}', [one]: 'int a;', [other]: 'int b;' });
  const building = build({ inputs: ['.'], cwd, out: 'out' });
  await expect(building).rejects.toMatchObject({
    code: 'DUPLICATE_PAYLOAD_PATH',
    message: expect.stringMatching(/would both become '.*' in the archive .*: rename one of them/),
  });
  await expect(building).rejects.toThrow(`'${one}'`);
  await expect(building).rejects.toThrow(`'${other}'`);
  expect(existsSync(join(cwd, 'out'))).toBe(false);
});

test('a.c and a.cpp, or a.c and sub/a.c, are two', async () => {
  const cwd = project({ 'package.json': '{}', 'a.c': '', 'a.cpp': '', 'sub/a.c': '' });
  const { units } = await build({ inputs: ['.'], cwd, out: 'out', manifestOnly: true });
  expect(units).toBe(3);
});

test('a build that is cancelled rejects and leaves nothing behind', async () => {
  const cwd = project({ 'package.json': '{}', 'a.c': 'int a;', 'b.c': 'int b;' });
  const cancel = new AbortController();
  const building = build({
    inputs: ['.'],
    cwd,
    out: 'out',
    signal: cancel.signal,
    onEvent: (event) => void (event.type === 'started' && cancel.abort()),
  });
  await expect(building).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(existsSync(join(cwd, 'out'))).toBe(false);
  await expect(build({ inputs: ['.'], cwd, out: 'out', signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
});

test('a build of many units takes no listener a unit', async () => {
  const files = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`u${i}.c`, '']));
  const result = art(['build', '.', '--out', 'out', '--target', 'x86_64'], { cwd: project(files) });
  expect(result.status).toBe(0);
  expect(result.stderr).not.toContain('MaxListenersExceededWarning');
});

test.each(['a.c', 'h.h', '../inc/o.h'])('%s that changes during the build is an error that names it', async (name) => {
  const root = project({
    'p/package.json': '{}',
    'p/a.c': '#include "h.h"\n#include <o.h>\nint a;\n',
    'p/b.c': '#include "h.h"\n#include <o.h>\nint b;\n',
    'p/h.h': `/* ${'x'.repeat(33 << 20)} */\n`,
    'inc/o.h': `/* ${'x'.repeat(33 << 20)} */\n`,
  });
  const cwd = join(root, 'p');
  const building = build({
    inputs: ['.'],
    cwd,
    out: join(root, 'out'),
    jobs: 1,
    flags: ['-I../inc'],
    onEvent: (event) => {
      if (event.type === 'finished' && event.done === 1) appendFileSync(join(cwd, name), '\n/* changed */\n');
    },
  });
  await expect(building).rejects.toMatchObject({
    code: 'SOURCE_CHANGED',
    message: `'${name}' changed during the build: build again`,
  });
  expect(existsSync(join(root, 'out'))).toBe(false);
});
