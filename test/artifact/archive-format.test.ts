// The artifact.tar.gz of a real build, checked byte by byte and with the system's tools.
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type BuildOptions, build } from 'art-aot';
import { expect, test } from 'vitest';
import { writeArchive } from '../support/archive.js';
import { project, sha256, unpack } from '../support/project.js';

async function built(files: Record<string, string>, options: Partial<BuildOptions> = {}) {
  const cwd = project({ 'package.json': '{"name":"p","version":"1.0.0"}', ...files });
  const { manifest } = await build({ inputs: ['.'], cwd, out: 'out', flags: ['-O1'], ...options });
  const out = join(cwd, 'out');
  const file = readFileSync(join(out, 'artifact.tar.gz'));
  return { manifest, out, file, tar: gunzipSync(file) };
}

const text = (block: Uint8Array, at: number, length: number) => {
  const bytes = Buffer.from(block.subarray(at, at + length));
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? length : end);
};

/** The members of an artifact's archive, as the system's tar lists them. */
function listed(out: string): string[] {
  const { stdout } = spawnSync('tar', ['-tzf', join(out, 'artifact.tar.gz'), '--quoting-style=literal'], {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  });
  return stdout.trimEnd().split('\n');
}

interface Header {
  name: string;
  fields: Record<string, string>;
}

/** The header fields of every member, read without a library. */
function headers(tar: Uint8Array): Header[] {
  const found: Header[] = [];
  for (let at = 0; tar[at] !== 0; ) {
    const block = tar.subarray(at, at + 512);
    const field = (from: number, length: number) => text(block, from, length).trim();
    const prefix = field(345, 155);
    found.push({
      name: (prefix ? `${prefix}/` : '') + field(0, 100),
      fields: {
        mode: field(100, 8),
        uid: field(108, 8),
        gid: field(116, 8),
        mtime: field(136, 12),
        type: field(156, 1),
        magic: Buffer.from(block.subarray(257, 265)).toString('latin1'),
        uname: field(265, 32),
        gname: field(297, 32),
      },
    });
    at += 512 + Math.ceil(Number.parseInt(field(124, 12), 8) / 512) * 512;
  }
  return found;
}

const PLAIN = { type: '0', magic: 'ustar\u000000', uname: '', gname: '', mtime: 0, mode: 0o644, uid: 0, gid: 0 };
const numbers = ({ mode, uid, gid, mtime, ...rest }: Record<string, string>) => ({
  ...rest,
  ...Object.fromEntries(
    Object.entries({ mode, uid, gid, mtime }).map(([k, v]) => [k, Number.parseInt(v as string, 8)]),
  ),
});

test('every member is a plain ustar file without owner, time or other trace of the machine', async () => {
  const { tar, manifest } = await built({ 'b.c': 'int b;', 'a/z.c': 'int z;' });
  const found = headers(tar);
  expect(found.map((h) => h.name)).toEqual(manifest.entries.map((e) => e.path));
  for (const { fields } of found) expect(numbers(fields)).toEqual(PLAIN);
  expect(tar.length % 512).toBe(0);
  expect(tar.subarray(-1024).every((byte) => byte === 0)).toBe(true);
});

test('sourceDateEpoch is the time of every member, and of nothing in the gzip header', async () => {
  const { tar, file } = await built({ 'a.c': 'int a;' }, { sourceDateEpoch: 1700000000, targets: ['x86_64'] });
  for (const { fields } of headers(tar)) expect(numbers(fields)).toEqual({ ...PLAIN, mtime: 1700000000 });
  expect(file.readUInt32LE(4)).toBe(0);
});

test('the gzip is one member with no name, no time and no system', async () => {
  const { file, tar } = await built({ 'a.c': 'int a;' }, { targets: ['x86_64'] });
  expect([...file.subarray(0, 4)]).toEqual([0x1f, 0x8b, 8, 0]);
  expect(file.readUInt32LE(4)).toBe(0);
  expect(file[9]).toBe(255);
  // The gzip trailer has the size of the whole tar, so there is no second gzip member.
  expect(file.readUInt32LE(file.length - 4)).toBe(tar.length);
});

test('members are in the order of their UTF-8 bytes', async () => {
  const names = ['a.c', 'a/b.c', 'a-b.c', 'Z.c', 'z.c2.c', 'é.c', '\u{10000}.c', '\uff5e.c', 'a0.c'];
  const { out, manifest } = await built(Object.fromEntries(names.map((name) => [name, ''])), { targets: ['x86_64'] });
  const order = manifest.entries.map((e) => e.path);
  expect(order).toHaveLength(2 * names.length);
  expect(order).toEqual([...order].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  expect(listed(out)).toEqual(order);
});

test("the system's tar and sha256sum agree with the manifest", async () => {
  const long = `${'directory-of-some-length/'.repeat(4)}${'n'.repeat(90)}`;
  const longest = `${'x'.repeat(120)}/${'y'.repeat(200)}`;
  const { manifest, out } = await built({
    'a.c': 'int a(int x) { return x * 3; }',
    [`${long}.c`]: 'int b;',
    [`${longest}.c`]: 'int c;',
    'Größe/naïve 文件.c': 'int d;',
    'it\'s "quoted" $HOME.c': 'int e;',
  });
  const folder = unpack(out);
  expect(manifest.entries).toHaveLength(20);
  for (const entry of manifest.entries) {
    const bytes = readFileSync(join(folder, entry.path));
    expect([entry.path, sha256(bytes), bytes.length]).toEqual([entry.path, entry.sha256, entry.size]);
    expect(statSync(join(folder, entry.path)).mtimeMs).toBe(0);
  }
  const sums = [
    ...manifest.entries.map((e) => `${e.sha256}  ${join(folder, e.path)}`),
    `${manifest.archive?.sha256}  ${join(out, 'artifact.tar.gz')}`,
  ];
  const check = spawnSync('sha256sum', ['--check', '--strict', '--quiet'], { input: `${sums.join('\n')}\n` });
  expect(check.status).toBe(0);
  expect(listed(out)).toEqual(manifest.entries.map((e) => e.path));
  const tar = gunzipSync(readFileSync(join(out, 'artifact.tar.gz')));
  expect(manifest.archive).toMatchObject({
    tar_sha256: sha256(tar),
    size: statSync(join(out, 'artifact.tar.gz')).size,
  });
});

test('a pax header stands only where a name does not fit, and carries nothing but the name', async () => {
  const names = ['short', 'p'.repeat(100), `${'d'.repeat(150)}/${'f'.repeat(99)}`, 'x'.repeat(260), 'é'];
  const { file } = await writeArchive(names.map((path) => ({ path, bytes: Buffer.from('.') })));
  const tar = gunzipSync(file);
  const pax = headers(tar).filter((h) => h.fields.type !== '0');
  for (const { fields } of pax) expect(numbers(fields)).toEqual({ ...PLAIN, type: 'x' });
  expect(pax).toHaveLength(2);
  const records = [...tar.toString('utf8').matchAll(/(?<=\n|\0)\d+ ([a-zA-Z.]+)=/g)].map((m) => m[1]);
  expect(new Set(records)).toEqual(new Set(['path']));
});
