import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { checkArchive } from '../../src/artifact/archive-reader.js';
import type { ReadManifest } from '../../src/artifact/manifest.js';
import { type Archive, sha256Stream, writeArchive } from '../support/archive.js';
import { sha256 } from '../support/project.js';
import { propertyRuns } from '../support/properties.js';

type Checked = Pick<ReadManifest, 'entries' | 'archive'>;

const ENTRIES: Archive[] = [
  { path: 'bitcode/x/a.bc', bytes: Buffer.from('BC\u00c0\u00de'.repeat(300)) },
  { path: 'objects/x/a.o', bytes: Buffer.alloc(700, 7) },
  { path: 'objects/x/empty.o', bytes: Buffer.alloc(0) },
];

let file: Buffer;
let manifest: Checked;

async function archiveOf(entries: Archive[]): Promise<{ file: Buffer; manifest: Checked }> {
  const written = await writeArchive(entries);
  return {
    file: written.file,
    manifest: {
      archive: written.digest,
      entries: entries.map(({ path, bytes }) => ({
        path,
        type: 'ir',
        sha256: sha256(bytes),
        size: bytes.length,
        target: 'x',
        source: 'a.c',
      })),
    },
  };
}

beforeAll(async () => {
  ({ file, manifest } = await archiveOf(ENTRIES));
});

/** What checkArchive reports about bytes that arrive in pieces of a given size. */
async function verdict(bytes: Uint8Array, against = manifest, piece = 1 << 16): Promise<string> {
  async function* stream() {
    for (let at = 0; at < bytes.length; at += piece) yield bytes.subarray(at, at + piece);
  }
  return checkArchive(against, stream(), { sha256: sha256Stream }).then(
    () => 'sound',
    (error) => (error.code === 'ARCHIVE_INVALID' ? error.message : `not an ArtError: ${error.stack}`),
  );
}

test('a sound archive is sound, however it arrives', async () => {
  for (const piece of [1, 7, 512, 1 << 20]) expect(await verdict(file, manifest, piece)).toBe('sound');
});

test('any flipped bit is found', async () => {
  const places = Array.from({ length: file.length }, (_, at) => at);
  for (const at of places) {
    const damaged = Buffer.from(file);
    damaged[at] = (damaged[at] as number) ^ (1 << (at % 8));
    expect(await verdict(damaged), `byte ${at}`).toMatch(/^the archive does not match its manifest: /);
  }
});

test('any other byte anywhere is found', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const damaged = Buffer.from(file);
      damaged[at] = (damaged[at] as number) ^ mask;
      expect(await verdict(damaged)).toMatch(/^the archive does not match its manifest: /);
    }),
    { numRuns: propertyRuns(300) },
  );
});

test('an archive that is cut off anywhere is found', async () => {
  for (let length = 0; length < file.length; length++)
    expect(await verdict(file.subarray(0, length)), `${length} bytes`).toMatch(/^the archive does not match/);
});

test('bytes, and further gzip members, behind the archive are found', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2000 }), async (more) => {
      expect(await verdict(Buffer.concat([file, more]))).toMatch(/^the archive does not match/);
    }),
    { numRuns: propertyRuns(100) },
  );
  expect(await verdict(Buffer.concat([file, file]))).toMatch(/^the archive does not match/);
});

test('an entry that is missing, added, renamed, changed or out of order is named', async () => {
  const [first, second, third] = ENTRIES as [Archive, Archive, Archive];
  const compare = async (entries: Archive[]) => verdict((await archiveOf(entries)).file);
  expect(await compare([first, second])).toContain("'objects/x/empty.o' is missing");
  expect(await compare([...ENTRIES, { ...third, path: 'zusatz' }])).toContain("'zusatz' is not in the manifest");
  expect(await compare([first, third, second])).toContain("'objects/x/empty.o' stands where 'objects/x/a.o'");
  expect(await compare([first, { ...second, bytes: Buffer.alloc(701) }, third])).toContain(
    "'objects/x/a.o' has 701 bytes, not 700",
  );
  expect(await compare([first, { ...second, bytes: Buffer.alloc(700, 8) }, third])).toContain(
    "'objects/x/a.o' has another sha256",
  );
});

test('the digests of the file and of the tar are held against it', async () => {
  const other = 'ab'.repeat(32);
  const archive = manifest.archive as NonNullable<Checked['archive']>;
  expect(await verdict(file, { ...manifest, archive: { ...archive, sha256: other } })).toContain(
    'the file has another sha256',
  );
  expect(await verdict(file, { ...manifest, archive: { ...archive, tar_sha256: other } })).toContain(
    'the tar has another sha256',
  );
});

test('arbitrary bytes are found', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
      expect(await verdict(bytes)).toMatch(/^the archive does not match/);
    }),
    { numRuns: propertyRuns(100) },
  );
});
