import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { art, manifestOf, project } from '../support/project.js';

const read = (cwd: string) => JSON.parse(readFileSync(join(cwd, 'art.config.json'), 'utf8'));

test('art init and then art build, with nothing else to say', () => {
  const cwd = project({
    'package.json': '{"name":"demo","version":"1.2.3"}',
    'src/a.c': '#include <a.h>\nint a(int x) { return x * FACTOR; }\n',
    'include/a.h': '#define FACTOR 3\n',
    'test/t.c': '#error not to be built\n',
    'node_modules/art-aot/schema/config.schema.json': '{}',
  });
  expect(art(['init'], { cwd })).toEqual({
    status: 0,
    stdout: 'art.config.json: package demo-1.2.3, sources src; run art build\n',
    stderr: '',
  });
  expect(read(cwd)).toEqual({
    $schema: './node_modules/art-aot/schema/config.schema.json',
    sources: ['src'],
    targets: ['x86_64', 'aarch64'],
    emit: ['bitcode', 'object'],
    flags: ['-O2', '-Iinclude'],
    out: 'artifact',
  });
  expect(art(['build', '--target', 'x86_64', '--quiet'], { cwd })).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(manifestOf(join(cwd, 'artifact'))).toMatchObject({
    package: 'demo-1.2.3',
    targets: ['x86_64-unknown-linux-musl'],
    entries: [{ source: 'src/a.c' }, { source: 'src/a.c' }],
    provenance: { flags: ['-O2', '-Iinclude'] },
  });
});

test('art init takes the sources in the directory where there is no folder for them', () => {
  const cwd = project({ 'a.c': '', 'b.cpp': '', 'b.h': '', 'examples/e.c': '', 'lib/readme': '' });
  expect(art(['init'], { cwd }).status).toBe(0);
  expect(read(cwd)).toMatchObject({ package: basename(cwd), sources: ['*.c', '*.cpp'], flags: ['-O2'] });
  const elsewhere = project({ 'engine/a.c': '' });
  expect(art(['init'], { cwd: elsewhere }).status).toBe(0);
  expect(read(elsewhere)).toMatchObject({ sources: ['.'] });
});

test('art init leaves a config that is there, and does not write one that nothing could be built with', () => {
  const cwd = project({ 'a.c': '', 'art.config.json': 'mine' });
  const { status, stderr } = art(['init'], { cwd });
  expect([status, stderr]).toEqual([
    1,
    'art: error: there is an art.config.json here already: edit it, or remove it first\n',
  ]);
  expect(readFileSync(join(cwd, 'art.config.json'), 'utf8')).toBe('mine');
  const empty = project({ 'a.h': '' });
  expect(art(['init'], { cwd: empty })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^art: error: no sources in '\.': expected files ending in \.c /),
  });
  expect(() => read(empty)).toThrow();
});

test('mistakes in a config are wrong usage', () => {
  const cwd = project({ 'a.c': '', 'art.config.json': '{"sources":["a.c"],"colour":1,"emit":"object"}' });
  const { status, stdout, stderr } = art(['build'], { cwd });
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).toBe(
    "art: error: 'art.config.json' is not valid:\n" +
      '  emit: must be an array, not "object"\n' +
      '  colour: unknown key, expected $schema, package, sources, exclude, targets, emit, link, flags, fileFlags, withProfile, plan, instrument, cache, out\n',
  );
  expect(JSON.parse(art(['build', '--json'], { cwd }).stdout)).toMatchObject({ ok: false, code: 'CONFIG_INVALID' });
});

test('warnings go to stderr, with --quiet too, and into the JSON', () => {
  const config = { sources: ['a.c'], targets: ['x86_64'], fileFlags: { 'b.c': ['-DB'] } };
  const cwd = project({ 'a.c': 'int a;', 'a.json': JSON.stringify(config) });
  const warning = "'b.c' in 'fileFlags' of 'a.json' names no source of this build";
  expect(art(['build', '--config', 'a.json', '--quiet'], { cwd })).toEqual({
    status: 0,
    stdout: '',
    stderr: `art: warning: ${warning}\n`,
  });
  const { stdout, stderr } = art(['build', '--config', 'a.json', '--json'], { cwd });
  expect(stderr).toBe(`art: warning: ${warning}\n`);
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, warnings: [warning] });
  const failed = art(['build', '--config', 'a.json', '--json', '-Dint=+'], { cwd });
  expect(JSON.parse(failed.stdout)).toMatchObject({ ok: false, code: 'COMPILE_FAILED', warnings: [warning] });
});
