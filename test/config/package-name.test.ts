import { basename, join } from 'node:path';
import { type BuildOptions, build } from 'art-aot';
import { expect, test } from 'vitest';
import { findProject } from '../../src/config/project.js';
import type { HostFiles } from '../../src/platform/types.js';
import { project } from '../support/project.js';

async function plan(cwd: string, options: Partial<BuildOptions>) {
  const { manifest } = await build({
    inputs: ['.'],
    cwd,
    out: join(project({}), 'out'),
    manifestOnly: true,
    ...options,
  });
  return { name: manifest.package, sources: [...new Set(manifest.entries.map((e) => e.source))] };
}

test('name and version come from the nearest package.json at or above the inputs', async () => {
  const root = project({
    'package.json': '{"name":"outer","version":"9.9.9"}',
    'inner/package.json': '{"name":"@scope/inner","version":"1.2.3-rc.1"}',
    'inner/src/deep/a.c': '',
    'b.c': '',
  });
  const inner = { name: '@scope/inner-1.2.3-rc.1', sources: ['src/deep/a.c'] };
  expect(await plan(root, { inputs: ['inner/src/deep/a.c'] })).toEqual(inner);
  expect(await plan(join(root, 'inner/src'), { inputs: ['deep'] })).toEqual(inner);
  // Inputs from both projects: the nearest package.json above all of them is the outer one.
  expect(await plan(root, { inputs: ['inner/src/deep/a.c', 'b.c'] })).toEqual({
    name: 'outer-9.9.9',
    sources: ['b.c', 'inner/src/deep/a.c'],
  });
});

test('what package.json leaves out is left out, or comes from the directory', async () => {
  const unnamed = project({ 'package.json': '{"private":true,"version":"1.0.0"}', 'a.c': '' });
  expect((await plan(unnamed, {})).name).toBe(basename(unnamed));
  const unversioned = project({ 'package.json': '{"name":"plain","version":7}', 'a.c': '' });
  expect((await plan(unversioned, {})).name).toBe('plain');
  const nothing = project({ 'package.json': 'null', 'a.c': '' });
  expect((await plan(nothing, {})).name).toBe(basename(nothing));
});

test("without a package.json it is the inputs' common directory", async () => {
  const root = project({ 'lib/src/a.c': '', 'lib/test/b.c': '' });
  expect(await plan(root, { inputs: ['lib/src/a.c', 'lib/test'] })).toEqual({
    name: 'lib',
    sources: ['src/a.c', 'test/b.c'],
  });
  expect(await plan(root, { inputs: ['lib/src/a.c'] })).toEqual({ name: 'src', sources: ['a.c'] });
});

test('--package wins', async () => {
  const root = project({ 'package.json': '{"name":"n","version":"1.0.0"}', 'a.c': '' });
  expect((await plan(root, { package: 'Grüße 2.0' })).name).toBe('Grüße 2.0');
});

test('a package.json that is no JSON is an error that names it', async () => {
  const root = project({ 'package.json': '{"name":', 'a.c': '' });
  await expect(plan(root, {})).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining(`'${root}/package.json' is not readable as JSON`),
  });
});

test('inputs that share no directory but the root are an error', async () => {
  const files = { kind: async () => undefined } as unknown as HostFiles;
  await expect(findProject(['/home/me/a', '/srv/b'], files)).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    message: expect.stringContaining("share no directory but '/'"),
  });
});

test('a package.json that cannot be read is no matter where the name is given', async () => {
  const root = project({ 'package.json': '{"name":', 'a.c': '' });
  expect(await plan(root, { package: 'given-1.0' })).toEqual({ name: 'given-1.0', sources: ['a.c'] });
});
