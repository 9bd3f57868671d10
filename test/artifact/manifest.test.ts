import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArtError, build, type Manifest, parseManifest } from 'art-aot';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { project } from '../support/project.js';
import { propertyRuns } from '../support/properties.js';

async function someManifest(): Promise<Manifest> {
  const cwd = project({ 'package.json': '{}', 'a.c': 'int a;' });
  const { manifest } = await build({ inputs: ['.'], cwd, out: 'out', manifestOnly: true, targets: ['x86_64'] });
  return manifest;
}

const rejection = (value: unknown) =>
  parseManifest(typeof value === 'string' ? value : JSON.stringify(value)).then(
    () => 'accepted',
    (error: unknown) => (error instanceof ArtError ? `${error.code}: ${error.message}` : `not an ArtError: ${error}`),
  );

test('what build writes, parseManifest reads', async () => {
  const cwd = project({ 'package.json': '{}', 'a.c': 'int a;' });
  const { manifest } = await build({ inputs: ['.'], cwd, out: 'out', targets: ['x86_64'] });
  const read = await parseManifest(readFileSync(join(cwd, 'out/artifact.json'), 'utf8'));
  expect(read).toEqual(manifest);
  expect(read.schema_version).toBe('1.0');
});

test('the keys stand in the order of the format, two spaces deep, a newline at the end', async () => {
  const cwd = project({ 'package.json': '{}', 'a.c': 'int a;' });
  const { manifest } = await build({ inputs: ['.'], cwd, out: 'out', targets: ['x86_64'] });
  const text = readFileSync(join(cwd, 'out/artifact.json'), 'utf8');
  expect(text).toBe(`${JSON.stringify(JSON.parse(text), null, 2)}\n`);
  expect(Object.keys(JSON.parse(text))).toEqual([
    'schema_version',
    'package',
    'profile_hash',
    'targets',
    'entries',
    'archive',
    'provenance',
  ]);
  expect(Object.keys(manifest.archive ?? {})).toEqual(['path', 'sha256', 'size', 'tar_sha256']);
});

test('unknown keys are passed over, at every level', async () => {
  const manifest = await someManifest();
  const [entry] = manifest.entries;
  const future = {
    ...manifest,
    schema_version: '1.7',
    later: { anything: [1, 2] },
    entries: [{ ...entry, compression: 'zstd' }],
    provenance: { ...manifest.provenance, builder: 'x' },
  };
  expect(await parseManifest(JSON.stringify(future))).toEqual({
    ...manifest,
    schema_version: '1.7',
    entries: [entry],
  });
});

test('an unknown major version is refused by name', async () => {
  for (const version of ['2.0', '10.1', '0.2', '0.10'])
    expect(await rejection({ schema_version: version, entirely: 'different' })).toMatch(
      `MANIFEST_INVALID: artifact.json has schema_version '${version}': this version of art reads 1.x and 0.1`,
    );
});

test('every bad field is reported at once', async () => {
  const manifest = await someManifest();
  const message = await rejection({
    ...manifest,
    package: '',
    profile_hash: 'abc',
    targets: 'x86_64',
    entries: [
      { ...manifest.entries[0], path: '../up.o' },
      { ...manifest.entries[1], size: -1, sha256: 'A'.repeat(64) },
    ],
    provenance: { ...manifest.provenance, source_date_epoch: 1.5 },
  });
  expect(message).toMatch(/^MANIFEST_INVALID/);
  for (const place of [
    'package',
    'profile_hash',
    'targets',
    'entries[0].path',
    'entries[1].size',
    'entries[1].sha256',
    'provenance.source_date_epoch',
  ])
    expect(message).toMatch(
      new RegExp(`^(MANIFEST_INVALID: )?artifact\\.json: ${place.replace(/[[\].]/g, '\\$&')}: `, 'm'),
    );
});

test.each([
  '',
  '/a',
  'a/',
  'a//b',
  '.',
  '..',
  './a',
  'a/..',
  'a/../b',
  'a\\b',
  'a\nb',
  'a\u0000b',
  '../a',
  'a:b',
  'C:/a',
])('an entry may not lie at %j', async (path) => {
  const manifest = await someManifest();
  expect(await rejection({ ...manifest, entries: [{ ...manifest.entries[0], path }] })).toContain('entries[0].path');
});

test.each(['a', 'a/b', '.a', '..a', 'a..b', 'a/...b', 'a b/ü', 'ab;c'])('an entry may lie at %j', async (path) => {
  const manifest = await someManifest();
  expect(await rejection({ ...manifest, entries: [{ ...manifest.entries[0], path }] })).toBe('accepted');
});

test('version 0.1 needs only what RFC 0005 asks for; what it does not say is null', async () => {
  const digest = 'ab'.repeat(32);
  const draft = {
    schema_version: '0.1',
    package: 'mycrate-0.1',
    targets: ['x86_64-unknown-linux-musl'],
    entries: [{ path: 'bitcode/a.bc', type: 'bitcode', sha256: digest }],
  };
  expect(await parseManifest(JSON.stringify(draft))).toEqual({
    ...draft,
    profile_hash: null,
    entries: [{ ...draft.entries[0], size: null, target: null, source: null }],
    archive: null,
    provenance: null,
  });
  // In a 1.x manifest these fields must not be left out.
  const message = await rejection({ ...draft, schema_version: '1.0' });
  for (const place of ['profile_hash', 'entries[0].size', 'archive', 'provenance']) expect(message).toContain(place);
  // But the values that a 0.1 manifest has must be valid.
  expect(await rejection({ ...draft, entries: [{ ...draft.entries[0], path: '/etc/passwd' }] })).toContain(
    'entries[0].path',
  );
});

test('keys that reach for a prototype are data like any other', async () => {
  const manifest = await someManifest();
  const text = JSON.stringify(manifest).replace('{', '{"__proto__":{"polluted":true},"constructor":{"prototype":{}},');
  expect(await parseManifest(text)).toEqual(manifest);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('no JSON and no text makes parseManifest throw anything but ArtError', async () => {
  const sound = JSON.parse(JSON.stringify(await someManifest()));
  const damaged = fc
    .tuple(fc.constantFrom(...Object.keys(sound)), fc.jsonValue())
    .map(([key, value]) => JSON.stringify({ ...sound, [key]: value }));
  const text = fc.oneof(fc.json(), fc.string({ unit: 'binary' }), damaged);
  await fc.assert(
    fc.asyncProperty(text, async (json) => {
      expect(await rejection(json)).not.toMatch(/^not an ArtError/);
    }),
    { numRuns: propertyRuns(500) },
  );
  expect(await rejection('['.repeat(200_000))).toMatch(/^MANIFEST_INVALID/);
  expect(await rejection(`${'['.repeat(5000)}${']'.repeat(5000)}`)).toMatch(/^MANIFEST_INVALID/);
});
