import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'art-aot';
import { expect, test } from 'vitest';
import { manifestOf, project } from '../support/project.js';

/** The units of a build, in archive order. */
async function units(inputs: string[], cwd: string): Promise<unknown[]> {
  const { manifest } = await build({
    inputs,
    cwd,
    out: join(project({}), 'out'),
    manifestOnly: true,
    emit: ['object'],
  });
  return [...new Set(manifest.entries.map((entry) => entry.source))];
}

test('a directory means every source below it, without hidden folders and node_modules', async () => {
  const root = project({
    'package.json': '{}',
    'b.c': '',
    'a.cpp': '',
    'lib/deep/x.ll': '',
    'lib/y.bc': '',
    'lib/z.cc': '',
    'lib/w.cxx': '',
    'lib/upper.C': '',
    '.hidden/no.c': '',
    'lib/.git/no.c': '',
    'node_modules/m/no.c': '',
    'lib/node_modules/no.c': '',
    'readme.txt': '',
    'lib/y.h': '',
    'lib/.c': '',
    'lib/object.o': '',
  });
  const sources = ['a.cpp', 'b.c', 'lib/deep/x.ll', 'lib/upper.C', 'lib/w.cxx', 'lib/y.bc', 'lib/z.cc'];
  expect(await units(['.'], root)).toEqual(sources);
  expect(await units([root], '/')).toEqual(sources);
});

test('a hidden folder or node_modules that is named is taken', async () => {
  const root = project({ 'package.json': '{}', '.hidden/a.c': '', 'node_modules/m/b.c': '' });
  expect(await units(['.hidden', 'node_modules/m'], root)).toEqual(['.hidden/a.c', 'node_modules/m/b.c']);
});

test('a source that is named twice, or named and below a named directory, is built once', async () => {
  const root = project({ 'package.json': '{}', 'src/a.c': '', 'src/b.c': '' });
  expect(await units(['src/a.c', 'src', './src/../src/a.c', join(root, 'src/b.c')], root)).toEqual([
    'src/a.c',
    'src/b.c',
  ]);
});

test('links to files are followed; links to folders, broken and circular links are not', async () => {
  const root = project({ 'package.json': '{}', 'src/a.c': 'int a;', 'other/b.c': 'int b;' });
  symlinkSync('a.c', join(root, 'src/linked.c'));
  symlinkSync('nowhere.c', join(root, 'src/broken.c'));
  symlinkSync('circle.c', join(root, 'src/circle.c'));
  symlinkSync('..', join(root, 'src/up'));
  expect(await units(['src'], root)).toEqual(['src/a.c', 'src/linked.c']);
});

test('a directory may have the ending of a source', async () => {
  const root = project({ 'package.json': '{}', 'src.c/a.c': '' });
  expect(await units(['src.c'], root)).toEqual(['src.c/a.c']);
});

test('a directory without sources is an error that names the directory and the endings', async () => {
  const root = project({ 'docs/readme.md': '', 'a.c': '' });
  mkdirSync(join(root, 'empty'));
  for (const name of ['docs', 'empty'])
    await expect(build({ inputs: ['a.c', name], cwd: root })).rejects.toMatchObject({
      code: 'NO_SOURCES',
      message: expect.stringMatching(new RegExp(`^no sources in '${name}'.*\\.c .*\\.ll \\.bc`)),
    });
});

test('a missing file is an error that names it as written and where it was looked for', async () => {
  const root = project({ 'a.c': '' });
  for (const name of ['b.c', 'a.c/b.c', './no/such/dir'])
    await expect(build({ inputs: ['a.c', name], cwd: root })).rejects.toMatchObject({
      code: 'INPUT_NOT_FOUND',
      message: `no such file or directory: '${name}' (looked in '${root}')`,
    });
});

test('a file that is no source is an error that names the endings', async () => {
  const root = project({ 'a.h': '', 'a.c': '' });
  await expect(build({ inputs: ['a.c', 'a.h'], cwd: root })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringMatching(/^'a\.h' is no source: .*\.c .*\.bc$/),
  });
  await expect(build({ inputs: ['/dev/null'], cwd: root })).rejects.toMatchObject({
    message: "'/dev/null' is neither a file nor a directory",
  });
});

test('names that archives cannot carry are errors', async () => {
  const root = project({ 'line\nbreak.c': '' });
  await expect(build({ inputs: ['.'], cwd: root })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(String.raw`"line\nbreak.c"`),
  });
});

test('the manifest of --manifest-only has the digests of the sources and no archive', async () => {
  const root = project({ 'package.json': '{"name":"m","version":"2.0.0"}', 'a.c': 'this does not even compile' });
  const { manifest } = await build({ inputs: ['.'], cwd: root, out: join(root, 'out'), manifestOnly: true });
  expect(manifestOf(join(root, 'out'))).toEqual(JSON.parse(JSON.stringify(manifest)));
  expect(manifest.archive).toBeNull();
  expect(manifest.entries.map((e) => [e.path, e.sha256, e.size])).toEqual([
    ['bitcode/aarch64-unknown-linux-musl/a.c.bc', null, null],
    ['bitcode/x86_64-unknown-linux-musl/a.c.bc', null, null],
    ['objects/aarch64-unknown-linux-musl/a.c.o', null, null],
    ['objects/x86_64-unknown-linux-musl/a.c.o', null, null],
  ]);
  expect(manifest.provenance.sources.map((s) => s.path)).toEqual(['a.c']);
});

test.each(['-x.c', '@f.c'])(
  '%s, which clang would take for something else, is an error that names it',
  async (name) => {
    const root = project({ 'package.json': '{}', 'a.c': '', [name]: '' });
    await expect(build({ inputs: ['.'], cwd: root, manifestOnly: true })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringMatching(new RegExp(`^the name "${name}" begins with '${name[0]}'.*: rename it`)),
    });
    const nested = project({ 'package.json': '{}', [`src/${name}`]: '' });
    expect(await units(['.'], nested)).toEqual([`src/${name}`]);
  },
);

test('names that no path can say are errors that say so, and no matter where they name no source', async () => {
  const bytes = (root: string, ending: string) =>
    Buffer.concat([Buffer.from(`${root}/x`), Buffer.from([0xff]), Buffer.from(ending)]);
  const root = project({ 'package.json': '{}', 'a.c': '', 'back\\slash.txt': '' });
  writeFileSync(bytes(root, '.txt'), '');
  expect(await units(['.'], root)).toEqual(['a.c']);
  const slash = project({ 'package.json': '{}', 'src/back\\slash.c': '' });
  const raw = project({ 'package.json': '{}', 'src/a.c': '' });
  writeFileSync(bytes(`${raw}/src`, '.c'), '');
  for (const [cwd, name] of [
    [slash, String.raw`"src/back\\slash.c"`],
    [raw, '"src/x\ufffd.c"'],
  ] as const)
    await expect(build({ inputs: ['.'], cwd, manifestOnly: true })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: `the name ${name} contains a backslash or bytes that are not UTF-8: rename it`,
    });
});
