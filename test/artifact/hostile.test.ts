// Hostile artifacts: each is refused with a reason, and nothing of it is unpacked.
import { spawnSync } from 'node:child_process';
import {
  type Dirent,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, relative } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { convert, openArtifact, verify } from 'art-aot';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AnyManifest,
  MEMBERS,
  manifestOf,
  paxRecord,
  type RawMember,
  rawTar,
  soundArtifact,
  textOf,
  withTar,
} from '../support/artifact.js';
import { art, project, sha256 } from '../support/project.js';
import { propertyRuns } from '../support/properties.js';
import { swapping } from '../support/swapper.js';

/** How many seconds an attacker tries to win a race. */
const RACE_SECONDS = 8;

const [first, second] = MEMBERS as [(typeof MEMBERS)[0], (typeof MEMBERS)[0]];
const honest: readonly RawMember[] = MEMBERS.map(({ path, bytes }) => ({ name: path, bytes }));
const later = honest.slice(1);

/** Verifies and unpacks an artifact; no file may appear anywhere, and not even the folder. */
async function refused(manifest: string | Buffer, archive: Buffer): Promise<string> {
  const place = project({ 'artifact/artifact.json': manifest, 'artifact/artifact.tar.gz': archive });
  const source = join(place, 'artifact');
  const problems = await verify(source);
  expect(problems.length).toBeGreaterThan(0);
  for (const problem of problems) expect(problem).toMatch(/^[^\p{C}\n]+$/u);
  await expect(openArtifact(source).then((opened) => opened.extract(join(place, 'out')))).rejects.toMatchObject({
    code: expect.stringMatching(/^(MANIFEST|ARCHIVE)_INVALID$/),
  });
  expect(readdirSync(place)).toEqual(['artifact']);
  return problems.join('\n');
}

test('the same made soundly is accepted', async () => {
  const { manifest, archive } = withTar(MEMBERS, rawTar(honest));
  expect(await verify({ manifest: textOf(manifest), archive })).toEqual([]);
});

describe('a tar with', () => {
  const evil = (change: RawMember): RawMember[] => [{ name: first.path, bytes: first.bytes, ...change }, ...later];
  const pax = (...records: Buffer[]): RawMember => ({ name: 'PaxHeader', type: 'x', bytes: Buffer.concat(records) });
  const big = Buffer.alloc(12);
  big.writeUInt8(0x80);
  big.writeBigUInt64BE(1n << 33n, 4);
  test.each<[string, RawMember[], string]>([
    ['an absolute path', evil({ name: '/tmp/evil' }), "'/tmp/evil' is not in the manifest"],
    ['a path upwards', evil({ name: '../../evil' }), "'../../evil' is not in the manifest"],
    ['a path upwards in its prefix', evil({ prefix: '..', name: 'evil' }), "'../evil' is not in the manifest"],
    ['a hard link', evil({ type: '1', link: '/etc/passwd' }), 'is not a regular file'],
    ['a symbolic link', evil({ type: '2', link: '/etc' }), 'is not a regular file'],
    ['a file that names a link', evil({ link: '/etc' }), 'is a link'],
    ['a character device', evil({ type: '3' }), 'is not a regular file'],
    ['a block device', evil({ type: '4' }), 'is not a regular file'],
    ['a directory', evil({ type: '5' }), 'is not a regular file'],
    ['a pipe', evil({ type: '6' }), 'is not a regular file'],
    ['a long name of GNU tar', evil({ type: 'L' }), 'is not a regular file'],
    ['a global pax header', [{ ...pax(paxRecord('path', 'x')), type: 'g' }, ...honest], 'is not a regular file'],
    ['an entry twice', [honest[0] as RawMember, ...honest], `'${first.path}' is not in the manifest`],
    ['an entry in another case', evil({ name: first.path.toUpperCase() }), 'is not in the manifest'],
    ['a name with a NUL', evil({ name: 'asm/\0/../../evil' }), 'a name has bytes after its end'],
    ['a name with control bytes', evil({ name: 'asm/\x1b[2J\r\n.s' }), "'asm/\\u{1b}[2J\\u{d}\\u{a}.s' is not in"],
    ['a name that turns text round', evil({ name: 'asm/\u202es.c.s' }), "'asm/\\u{202e}s.c.s' is not in"],
    ['a size of 8 GB', evil({ size: '77777777777\0' }), 'has 8589934591 bytes, not 16'],
    ['a size of 8 GB in base 256', evil({ size: big }), 'a number is not written in octal'],
    ['a negative size', evil({ size: '-0000000001\0' }), 'a number is not written in octal'],
    [
      'a pax path over its name',
      [pax(paxRecord('path', '../evil')), ...honest],
      "is called '../evil' by its pax header",
    ],
    [
      'a sound pax path over an evil name',
      [pax(paxRecord('path', first.path)), ...evil({ name: '../../evil' })],
      `'../../evil' is called '${first.path}' by its pax header`,
    ],
    [
      'a pax path over its beginning',
      [pax(paxRecord('path', first.path)), ...evil({ name: first.path.slice(0, 10) })],
      'by its pax header',
    ],
    [
      'a pax size over its size',
      [pax(paxRecord('size', '8589934592')), ...honest],
      `'${first.path}' has 16 bytes, and 8589934592 by its pax header`,
    ],
    [
      'a pax size that hides entries from others (CVE-2025-62518)',
      [pax(paxRecord('size', '16')), ...evil({ size: '00000000000\0' })],
      `'${first.path}' has 0 bytes, and 16 by its pax header`,
    ],
    ['a pax link', [pax(paxRecord('linkpath', '/etc')), ...honest], 'holds more than a path and a size'],
    ['a pax path twice', [pax(paxRecord('path', first.path), paxRecord('path', 'x')), ...honest], 'holds more than'],
    ['a pax record that lies', [pax(Buffer.from('999 path=x\n')), ...honest], 'holds more than a path and a size'],
    [
      'a pax header over another',
      [pax(paxRecord('path', 'x')), pax(paxRecord('path', first.path)), ...honest],
      'a pax header stands where a file should',
    ],
    ['a pax header without end', Array(2000).fill(pax(paxRecord('size', '16'))), 'stands where a file should'],
    ['a pax header of its own size', [pax(Buffer.alloc(1 << 17, 'a')), ...honest], 'a pax header is too large'],
    ['a set-user-ID bit', evil({ header: (h) => h.write('0004755', 100) }), 'has the permissions 4755, neither 644'],
    ['permissions for all', evil({ header: (h) => h.write('0000666', 100) }), 'has the permissions 666, neither 644'],
    ['an owner', evil({ header: (h) => h.write('0001750', 108) }), 'has the owner 1000:0, not 0:0'],
    ['a group', evil({ header: (h) => h.write('0001750', 116) }), 'has the owner 0:1000, not 0:0'],
    ["an owner's name", evil({ header: (h) => h.write('root', 265) }), 'has an owner with a name'],
    ["a group's name", evil({ header: (h) => h.write('wheel', 297) }), 'has an owner with a name'],
    ['another time', evil({ header: (h) => h.write('00000000001', 136) }), 'has the time 1, not 0'],
    ['one entry less', later, `'${second.path}' stands where '${first.path}' should`],
    ['one entry more', [...honest, { name: 'zz', bytes: Buffer.from('x') }], "'zz' is not in the manifest"],
    ['the bytes of another entry', evil({ bytes: Buffer.alloc(first.bytes.length, 'x') }), 'has another sha256'],
  ])('%s', async (_, members, message) => {
    const { manifest, archive } = withTar(MEMBERS, rawTar(members));
    expect(await refused(textOf(manifest), archive)).toContain(message);
  });
});

describe('a gzip with', () => {
  const tar = rawTar(honest);
  const gzip = gzipSync(tar);
  const header = (flags: number, more: Buffer) =>
    Buffer.concat([gzip.subarray(0, 3), Buffer.from([flags]), gzip.subarray(4, 10), more, gzip.subarray(10)]);
  test.each<[string, Buffer, string]>([
    ['bytes after its end', Buffer.concat([gzip, Buffer.alloc(1)]), 'there are bytes after its end'],
    ['a second member', Buffer.concat([gzip, gzipSync('more')]), 'there are bytes after its end'],
    ['an empty member first', Buffer.concat([gzipSync(''), gzip]), 'there are bytes after its end'],
    ['a tar that goes on', gzipSync(Buffer.concat([tar, tar])), 'there are bytes after its end'],
    ['a bomb behind the tar', gzipSync(Buffer.concat([tar, Buffer.alloc(1 << 26)])), 'there are bytes after its end'],
    ['its last byte cut off', gzip.subarray(0, -1), 'its end is missing'],
    ['its middle cut out', Buffer.concat([gzip.subarray(0, 40), gzip.subarray(60)]), 'cannot be read on'],
    [
      'a wrong checksum',
      Buffer.concat([gzip.subarray(0, -8), Buffer.alloc(4), gzip.subarray(-4)]),
      'cannot be read on',
    ],
    ['another method', Buffer.concat([Buffer.from([0x1f, 0x8b, 7]), gzip.subarray(3)]), 'cannot be read on'],
    ['nothing', Buffer.alloc(0), 'its end is missing'],
  ])('%s', async (_, archive, message) => {
    expect(await refused(textOf(manifestOf(MEMBERS, archive, sha256(tar))), archive)).toContain(message);
  });

  test('a name of its own, which no reader uses, is not what was declared', async () => {
    const { manifest } = withTar(MEMBERS, tar);
    expect(await refused(textOf(manifest), header(8, Buffer.from('evil\0')))).toContain('it has more than its');
  });
});

describe('a manifest with', () => {
  const change = (edit: (manifest: AnyManifest) => void) => edit;
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  test.each<[string, (manifest: AnyManifest) => void, string]>([
    [
      'an absolute path',
      change((m) => (m.entries[0].path = '/etc/passwd')),
      'entries[0].path: must be a relative path',
    ],
    ['a path upwards', change((m) => (m.entries[0].path = 'a/../../b')), 'entries[0].path: must be a relative path'],
    ['a NUL in a path', change((m) => (m.entries[0].path = 'a\0b')), 'entries[0].path: must be a relative path'],
    ['a line break in a path', change((m) => (m.entries[0].path = 'a\nb')), 'entries[0].path: must be a relative'],
    ['a drive of Windows', change((m) => (m.entries[0].path = 'C:/x')), 'entries[0].path: must be a relative'],
    ['a control character of C1', change((m) => (m.entries[0].path = 'a\u009b2J')), 'entries[0].path: must be a rel'],
    ['text that turns round', change((m) => (m.entries[0].path = 'a\u202eb')), 'entries[0].path: must be a relative'],
    ['half a surrogate', change((m) => (m.entries[0].path = 'a\ud800b')), 'entries[0].path: must be a relative path'],
    ['a source on a drive', change((m) => (m.entries[0].source = 'c:/x.c')), 'entries[0].source: must be a relative'],
    ['a path of many bytes', change((m) => (m.entries[0].path = '€'.repeat(1366))), 'must have at most 4096 bytes'],
    [
      'a path that is a file of its own',
      change((m) => (m.entries[0].path = 'artifact.json')),
      'must not begin with artifact.json',
    ],
    [
      'a path below a file of its own',
      change((m) => (m.entries[0].path = 'MANIFEST.json/x')),
      'must not begin with artifact.json',
    ],
    ['an archive elsewhere', change((m) => (m.archive.path = '../x.tar.gz')), 'archive.path: must be a relative path'],
    ['an entry twice', change((m) => m.entries.push(m.entries[0])), 'have one name where case is ignored'],
    [
      'names that differ in case',
      change((m) => (m.entries[1].path = first.path.toUpperCase())),
      'where case is ignored',
    ],
    [
      'names that differ in their Unicode form',
      change((m) => {
        m.entries[0].path = 'asm/é.s';
        m.entries[1].path = 'asm/e\u0301.s';
      }),
      'where case is ignored',
    ],
    [
      'a file that is a folder',
      change((m) => (m.entries[1].path = `${first.path}/b`)),
      'would be a file and the folder',
    ],
    ['more bytes than the tar', change((m) => (m.entries[1].size += 1)), 'has 1600 bytes, not 1601'],
    ['more bytes than allowed', change((m) => (m.entries[1].size = 2 ** 40)), 'must be at most 8589934591'],
    ['a size that is no number', change((m) => (m.entries[1].size = '16')), 'entries[1].size: must be'],
    ['a digest of another case', change((m) => (m.entries[0].sha256 = 'A'.repeat(64))), '64 lower-case hex digits'],
    ['a larger archive', change((m) => (m.archive.size += 1)), 'bytes, not'],
    ['a smaller archive', change((m) => (m.archive.size -= 1)), 'it has more than its'],
    ['another tar', change((m) => (m.archive.tar_sha256 = '0'.repeat(64))), 'the tar has another sha256'],
    ['entries in another order', change((m) => m.entries.reverse()), 'stands where'],
    ['an entry for no target of its own', change((m) => (m.targets = ['x'])), 'which is not among its targets'],
    [
      'an entry of another architecture',
      change((m) => (m.entries[0].type = 'asm/aarch64')),
      "is 'asm/aarch64' and for 'x86_64-unknown-linux-musl'",
    ],
    [
      'a later major version',
      change((m) => (m.schema_version = '2.0')),
      "schema_version '2.0': this version of art reads",
    ],
  ])('%s', async (_, edit, message) => {
    const { manifest, archive } = await soundArtifact();
    edit(manifest);
    expect(await refused(textOf(manifest), archive)).toContain(message);
  });

  test.each<[string, string | Buffer, string]>([
    ['the deepest nesting', deep, 'artifact.json'],
    ['a deep prototype', `{"__proto__":{"polluted":1},"constructor":${deep}}`, 'artifact.json'],
    [
      'a deep value for a text',
      `{"schema_version":"1.0","package":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
      'nests deeper than the 32 levels allowed',
    ],
    ['a key twice', '{"schema_version":"1.0","package":"a","\\u0070ackage":"b"}', 'has the key "package" twice'],
    ['a key twice, deep inside', '{"x":[{"a":{"b":1,"c":[],"b":2}}]}', 'has the key "b" twice in one object'],
    ['more bytes than are read', Buffer.alloc((1 << 24) + 1, 0x20), 'more than the 16777216 bytes allowed'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'is not UTF-8'],
    ['a byte order mark', '\ufeff{}', 'is not JSON'],
  ])('%s', async (_, manifest, message) => {
    expect(await refused(manifest, Buffer.alloc(0))).toContain(message);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('keys that reach for a prototype, where all else is sound', async () => {
    const { manifest, archive } = await soundArtifact();
    const text = textOf(manifest).replaceAll('{\n', '{\n"__proto__": {"polluted": 1},\n');
    expect(await verify({ manifest: text, archive })).toEqual([]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

test.each([
  ['a', 'A'],
  ['s', 'ſ'],
  ['σ', 'ς'],
  ['ß', 'ẞ'],
  ['ß', 'SS'],
  ['é', 'E\u0301'],
  ['K', '\u212a'],
])("the names '%s' and '%s' are one where case is ignored, also as a folder's", async (one, other) => {
  const { manifest, archive } = await soundArtifact();
  manifest.entries[0].path = one;
  for (const [path, message] of [
    [other, 'have one name where case is ignored'],
    [`${other}/x`, 'would be a file and the folder of'],
  ]) {
    manifest.entries[1].path = path;
    expect((await verify({ manifest: textOf(manifest), archive })).join()).toContain(message);
  }
});

test('names that only look alike at their beginning are apart', async () => {
  const made = await soundArtifact(
    ['asm/a', 'asm/a-b', 'asm/a.s', 'asm/ab/c'].map((path) => ({ path, bytes: Buffer.from(path) })),
  );
  expect(await verify({ manifest: textOf(made.manifest), archive: made.archive })).toEqual([]);
});

describe('a manifest that is small for what it asks takes no time:', () => {
  const MAX_SECONDS = 10;
  const many = (n: number, value: unknown) => Array(n).fill(value);
  test.each<[string, (manifest: AnyManifest) => void, string]>([
    [
      'a path of a million parts',
      (m) => (m.entries[0].path = `${'a/'.repeat(1e6)}b`),
      'has a string of more than the 65536',
    ],
    ['a million entries of nothing', (m) => (m.entries = many(1e6, {})), 'more than the 1000000 values allowed'],
    ['bad paths without end', (m) => (m.entries = many(3e4, { path: '../x' })), 'entries[0].path: must be'],
    ['sources of nothing', (m) => (m.provenance.sources = many(6e4, {})), 'provenance.sources[0].path: is missing'],
    [
      'flags of nothing, in a list of lists',
      (m) => (m.provenance.unit_flags = [{ source: 'a.c', flags: many(9e5, 1) }]),
      'provenance.unit_flags[0].flags[0]: must be a string, not 1',
    ],
    ['targets of nothing', (m) => (m.targets = many(1000, '')), 'targets[0]: '],
    [
      'more entries than allowed',
      (m) => (m.entries = many(30_001, m.entries[0])),
      'has 30001 entries, more than the 30000',
    ],
    [
      'more sources than allowed',
      (m) => (m.provenance.sources = many(60_001, { path: 'a', sha256: '0'.repeat(64) })),
      'has 60001 provenance.sources, more than the 60000',
    ],
    [
      'long paths without end',
      (m) =>
        (m.entries = Array.from({ length: 3800 }, (_, i) => ({ ...m.entries[0], path: `${'É'.repeat(2000)}${i}` }))),
      'cannot be read on',
    ],
    ['an entry many times', (m) => (m.entries = many(3e4, m.entries[0])), 'have one name where case is ignored'],
  ])('%s', async (_, edit, message) => {
    const { manifest, archive } = await soundArtifact();
    edit(manifest);
    const text = JSON.stringify(manifest);
    // Processor time of this process, which does not depend on other work on the machine.
    const started = process.cpuUsage();
    const failures = await verify({ manifest: text, archive });
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(MAX_SECONDS);
    expect(failures.join('\n')).toContain(message);
    expect(failures.length).toBeLessThan(50);
  });
});

test('every mistake of a manifest has a line', async () => {
  const { manifest, archive } = await soundArtifact();
  manifest.entries[0].path = '../a';
  manifest.entries[1].size = -1;
  const folder = project({ 'artifact.json': textOf(manifest), 'artifact.tar.gz': archive });
  const { status, stderr } = art(['verify', folder]);
  expect(status).toBe(1);
  const lines = stderr.trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).toMatch(/^art: error: .*: artifact\.json: entries\[[01]\]\.(path|size): /);
});

test('a pipe where a file should be keeps nobody waiting', async () => {
  const { manifest } = await soundArtifact();
  const folder = project({ 'artifact.json': textOf(manifest) });
  expect(spawnSync('mkfifo', [join(folder, 'artifact.tar.gz')]).status).toBe(0);
  expect((await verify(folder)).join()).toContain('it is not a regular file');
});

describe('an extraction', () => {
  /** An artifact with entries in several folders, and a folder to extract it to. */
  async function artifactIn(files: Record<string, string>) {
    const { manifest, archive } = await soundArtifact(
      Array.from({ length: 12 }, (_, i) => ({ path: `asm/${i % 3}/${i}.s`, bytes: Buffer.from(`new ${i}`) })).sort(
        (a, b) => (a.path < b.path ? -1 : 1),
      ),
    );
    const place = project({
      ...files,
      'artifact/artifact.json': textOf(manifest),
      'artifact/artifact.tar.gz': archive,
    });
    return { place, artifact: await openArtifact(join(place, 'artifact')) };
  }
  const tree = (folder: string): Record<string, string> =>
    Object.fromEntries(
      (readdirSync(folder, { recursive: true, withFileTypes: true }) as Dirent[])
        .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
        .map(({ entry, path }) => [
          relative(folder, path),
          entry.isFile() ? readFileSync(path, 'utf8') : entry.isSymbolicLink() ? `-> ${readlinkSync(path)}` : '',
        ]),
    );

  test.each<[string, Record<string, string>, (out: string) => void]>([
    ['a link', { 'outside/x': 'x' }, (out) => symlinkSync('../../outside', join(out, 'asm/2'))],
    ['a file', {}, (out) => writeFileSync(join(out, 'asm/2'), 'mine')],
    ["a folder in a file's place", {}, (out) => mkdirSync(join(out, 'asm/2/11.s'), { recursive: true })],
  ])('that %s keeps from its end leaves nothing, and what it had replaced', async (_, files, spoil) => {
    const { place, artifact } = await artifactIn({ ...files, 'out/asm/0/0.s': 'old', 'out/asm/1/mine': 'mine' });
    const out = join(place, 'out');
    spoil(out);
    const before = tree(place);
    await expect(artifact.extract(out)).rejects.toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' });
    expect(tree(place)).toEqual(before);
  });

  test('that fails where all of it is new leaves none of the folders that it made', async () => {
    const { place, artifact } = await artifactIn({});
    const out = join(place, 'a/b/out');
    const extracting = artifact.extract(out);
    // As soon as the folder exists, something is put at the path of an entry.
    const watch = setInterval(() => {
      if (!existsSync(out)) return;
      clearInterval(watch);
      mkdirSync(join(out, 'asm/2/11.s'), { recursive: true });
    }, 0);
    await expect(extracting).rejects.toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' });
    expect(Object.keys(tree(join(place, 'a'))).sort()).toEqual([
      'b',
      'b/out',
      'b/out/asm',
      'b/out/asm/2',
      'b/out/asm/2/11.s',
    ]);
  });

  test('replaces files, and a link by a file', async () => {
    const { place, artifact } = await artifactIn({ 'out/asm/0/0.s': 'old', 'outside/x': 'x' });
    symlinkSync('../../../outside/x', join(place, 'out/asm/0/3.s'));
    await artifact.extract(join(place, 'out'));
    expect(tree(place)).toMatchObject({ 'out/asm/0/0.s': 'new 0', 'out/asm/0/3.s': 'new 3', 'outside/x': 'x' });
    expect(readdirSync(join(place, 'out'))).toEqual(['asm']);
  });

  test.skipIf(process.platform !== 'linux')(
    'beside somebody who swaps a folder for a link puts nothing outside',
    { timeout: 60_000 },
    async () => {
      const { place, artifact } = await artifactIn({ 'outside/x': 'x', 'out/asm/1/mine': 'mine' });
      const swapper = await swapping(join(place, 'out/asm/1'), join(place, 'outside'));
      const counts = { extracted: 0, failed: 0 };
      for (const end = performance.now() + RACE_SECONDS * 1000; performance.now() < end; )
        await artifact.extract(join(place, 'out')).then(
          () => counts.extracted++,
          (error) => {
            expect(error).toMatchObject({ code: 'OUTPUT_NOT_WRITABLE' });
            counts.failed++;
          },
        );
      await swapper.stop();
      expect(readdirSync(join(place, 'outside'))).toEqual(['x']);
      // Fewer attempts would not test the race.
      expect(counts.extracted + counts.failed).toBeGreaterThan(10);
      expect(counts.failed).toBeGreaterThan(0);
    },
  );
});

test('a manifest leads no fetch elsewhere, and an endless answer ends', async () => {
  const { manifest } = await soundArtifact();
  const asked: string[] = [];
  let closed = 0;
  const server = createServer((request, response) => {
    asked.push(request.url as string);
    if (request.url === '/a/artifact.json') return response.end(textOf(manifest));
    const more = () => void (response.destroyed || response.write(Buffer.alloc(1 << 16), () => setImmediate(more)));
    response.on('close', () => closed++);
    return more();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    for (const path of ['%2e%2e/secret', 'https%3Asecret', 'x?y#z']) {
      manifest.archive.path = path;
      expect((await verify(`${base}/a/artifact.json`)).join()).toContain('cannot be read on');
      const [step, ...more] = path.split('/') as [string];
      expect(asked).toContain(['/a', encodeURIComponent(step), ...more].join('/'));
      expect(asked.every((url) => url.startsWith('/a/'))).toBe(true);
    }
    // A manifest that never ends is refused as well.
    expect((await verify(`${base}/b/artifact.json`)).join()).toContain('more than the 16777216 bytes allowed');
    await expect.poll(() => closed).toBeGreaterThanOrEqual(4);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('memory does not grow with the archive', async () => {
  const peak = async (megabytes: number) => {
    const bytes = Buffer.alloc(megabytes << 20);
    const { manifest, archive } = withTar([{ path: 'asm/big.s', bytes }], rawTar([{ name: 'asm/big.s', bytes }]));
    const folder = project({ 'artifact.json': textOf(manifest), 'artifact.tar.gz': archive });
    const script = `import { verify } from 'art-aot';
      const failures = await verify(${JSON.stringify(folder)});
      console.log(JSON.stringify([failures, process.resourceUsage().maxRSS / 1024]));`;
    const done = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    const [failures, rss] = JSON.parse(done.stdout) as [string[], number];
    expect(failures).toEqual([]);
    return rss;
  };
  // Held in memory, the larger one would take 192 MiB more; how much garbage there is differs by some 60.
  expect((await peak(200)) - (await peak(8))).toBeLessThan(120);
});

describe('every change is found', () => {
  const mutation = (length: number) => {
    const place = fc.nat({ max: length - 1 });
    return fc.oneof(
      fc.record({ kind: fc.constant('flip' as const), at: place, bits: fc.integer({ min: 1, max: 255 }) }),
      fc.record({ kind: fc.constant('cut' as const), at: place, to: place }),
      fc.record({ kind: fc.constant('splice' as const), at: place, to: place }),
    );
  };
  type Mutation = { kind: 'flip'; at: number; bits: number } | { kind: 'cut' | 'splice'; at: number; to: number };
  function mutate(bytes: Buffer, change: Mutation): Buffer {
    if (change.kind === 'flip') {
      const flipped = Buffer.from(bytes);
      flipped[change.at] = (flipped[change.at] as number) ^ change.bits;
      return flipped;
    }
    if (change.kind === 'cut') return bytes.subarray(0, change.at);
    return Buffer.concat([bytes.subarray(0, change.at), bytes.subarray(change.to)]);
  }

  test('unsigned: in the archive, and in a manifest that is named by its digest', async () => {
    const { manifest, archive } = await soundArtifact();
    const text = Buffer.from(textOf(manifest));
    await fc.assert(
      fc.asyncProperty(mutation(archive.length), mutation(text.length), async (inArchive, inManifest) => {
        const other = mutate(archive, inArchive);
        if (!other.equals(archive)) expect(await verify({ manifest: text, archive: other })).not.toEqual([]);
        const changed = mutate(text, inManifest);
        if (changed.equals(text)) return;
        expect(await verify({ manifest: changed, archive }, { sha256: sha256(text) })).not.toEqual([]);
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  test('unsigned, by itself: a manifest that is accepted says the same of every entry and of the archive', async () => {
    const { manifest, archive } = await soundArtifact();
    const text = Buffer.from(textOf(manifest));
    await fc.assert(
      fc.asyncProperty(mutation(text.length), async (change) => {
        const changed = mutate(text, change);
        if ((await verify({ manifest: changed, archive })).length > 0) return;
        const said = JSON.parse(changed.toString());
        const facts = (m: AnyManifest) => [
          m.entries.map((e: AnyManifest) => [e.path, e.sha256, e.size]),
          [m.archive.sha256, m.archive.size, m.archive.tar_sha256],
        ];
        expect(facts(said)).toEqual(facts(manifest));
      }),
      { numRuns: propertyRuns(300) },
    );
  });

  test('signed: any change of the manifest, the archive or what was signed', async () => {
    const { manifest, archive } = await soundArtifact();
    const text = Buffer.from(textOf(manifest));
    const folder = project({ 'artifact.json': text, 'artifact.tar.gz': archive });
    expect(art(['keygen', '--out', join(folder, 'k'), '--type', 'ed25519', '--no-passphrase']).status).toBe(0);
    expect(art(['sign', folder, '--key', join(folder, 'k.key')]).status).toBe(0);
    const opened = await openArtifact(folder);
    const bundle = Buffer.from((await opened.signature()) as string);
    const keys = [join(folder, 'k.pub')];
    const check = (m: Uint8Array, a: Uint8Array, b: Uint8Array) =>
      verify({ manifest: m, archive: a, bundle: b }, { keys });
    expect(await check(text, archive, bundle)).toEqual([]);
    await fc.assert(
      fc.asyncProperty(
        mutation(text.length),
        mutation(archive.length),
        mutation(bundle.length),
        async (inManifest, inArchive, inBundle) => {
          const [m, a, b] = [mutate(text, inManifest), mutate(archive, inArchive), mutate(bundle, inBundle)];
          if (!m.equals(text)) expect(await check(m, archive, bundle)).not.toEqual([]);
          if (!a.equals(archive)) expect(await check(text, a, bundle)).not.toEqual([]);
          // Fields outside the envelope may change without effect, such as the key's hint, but the signed bytes may
          // not.
          if ((await check(text, archive, b)).length > 0) return;
          const envelope = (bytes: Buffer) => Buffer.from(JSON.parse(bytes.toString()).dsseEnvelope.payload, 'base64');
          expect(envelope(b).equals(envelope(bundle))).toBe(true);
        },
      ),
      { numRuns: propertyRuns(200) },
    );
  });
});

test('an archive that others packed is kept as archive and oci, and not as json or dir', async () => {
  const { manifest, archive } = withTar(MEMBERS, gunzipSync(gzipSync(rawTar(honest), { level: 1 })));
  const folder = project({ 'a/artifact.json': textOf(manifest), 'a/artifact.tar.gz': archive });
  for (const to of ['json', 'dir'] as const)
    await expect(convert(join(folder, 'a'), { to, out: join(folder, `${to}.json`) })).rejects.toMatchObject({
      code: 'ARCHIVE_INVALID',
      message: expect.stringContaining('packed otherwise than art packs'),
    });
  mkdirSync(join(folder, 'empty'));
  await convert(join(folder, 'a'), { to: 'oci', out: join(folder, 'empty') });
  expect(await verify(join(folder, 'empty'))).toEqual([]);
  writeFileSync(join(folder, 'file'), '');
  await expect(convert(join(folder, 'a'), { to: 'oci', out: join(folder, 'empty') })).rejects.toMatchObject({
    code: 'OUTPUT_NOT_WRITABLE',
  });
  expect(readdirSync(folder).sort()).toEqual(['a', 'empty', 'file']);
});
