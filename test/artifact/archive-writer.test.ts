// The archive must be readable by common decoders. The encoder is a streaming one, and such encoders have corrupted
// data before, so the tests try many inputs:
// ART_PROPERTY_RUNS=100000 npx vitest run --testTimeout=0 test/artifact/archive-writer.test.ts
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { extract } from 'tar-stream';
import { expect, test } from 'vitest';
import { type Archive, writeArchive } from '../support/archive.js';
import { propertyRuns } from '../support/properties.js';

async function unpacked(tar: Uint8Array): Promise<{ name: string; bytes: Buffer }[]> {
  const stream = extract();
  stream.end(tar);
  const entries = [];
  for await (const entry of stream) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    entries.push({ name: entry.header.name, bytes: Buffer.concat(chunks) });
  }
  return entries;
}

/** Bytes with a structure as in compiler output: runs, near and far repeats, noise, small alphabets. */
const structured = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => ({ bytes, times: 1 })),
      fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }), times: fc.integer({ min: 1, max: 80 }) }),
      fc.record({
        bytes: fc.uint8Array({ minLength: 1, maxLength: 3, max: 3 }),
        times: fc.integer({ min: 1, max: 400 }),
      }),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => Buffer.concat(pieces.flatMap(({ bytes, times }) => Array<Uint8Array>(times).fill(bytes))));

/** Bytes that do not compress. */
function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let i = 0, x = 1; i < length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) | 0;
    bytes[i] = x >>> 24;
  }
  return bytes;
}

const part = fc.stringMatching(/^[^/\\\p{Cc}\ud800-\udfff]{1,40}$/u).filter((s) => s !== '.' && s !== '..');
const path = fc.array(part, { minLength: 1, maxLength: 9 }).map((parts) => parts.join('/'));

test('what goes into an archive comes out of it', async () => {
  const entries = fc.uniqueArray(fc.record({ path, bytes: structured }), { selector: (e) => e.path, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(entries, async (wanted) => {
      const { file } = await writeArchive(wanted);
      const found = await unpacked(gunzipSync(file));
      expect(found.map((e) => e.name)).toEqual(wanted.map((e) => e.path));
      for (const [i, { bytes }] of found.entries()) expect(bytes.equals((wanted[i] as Archive).bytes)).toBe(true);
    }),
    { numRuns: propertyRuns(200) },
  );
});

test('large entries come out as they went in', async () => {
  const once = noise(40_000);
  const wanted = [
    { path: 'a', bytes: noise(3_000_000) },
    { path: 'b', bytes: Buffer.alloc(5_000_000) },
    { path: 'c', bytes: Buffer.concat([once, once]) },
    { path: 'd', bytes: Buffer.alloc(0) },
  ];
  const { file } = await writeArchive(wanted);
  const found = await unpacked(gunzipSync(file));
  for (const [i, { bytes }] of found.entries()) expect(bytes.equals((wanted[i] as Archive).bytes)).toBe(true);
});

test('how the bytes arrive does not change the archive', async () => {
  const wanted = [
    { path: 'x', bytes: Buffer.from('the same bytes '.repeat(20_000)) },
    { path: 'y', bytes: Buffer.alloc(100_000, 'abc') },
  ];
  const fast = await writeArchive(wanted);
  const slow = await writeArchive(wanted, { slow: true });
  expect(slow.file.equals(fast.file)).toBe(true);
  expect(slow.digest).toEqual(fast.digest);
});

test('an archive that cannot be written says why, instead of waiting for ever', async () => {
  const full = new Error('the disk is full');
  const many = Array.from({ length: 40 }, (_, i) => ({ path: `e${i}`, bytes: Buffer.alloc(200_000, i) }));
  const one = [{ path: 'noise', bytes: noise(1_000_000) }];
  for (const wanted of [many, one])
    for (const slow of [false, true])
      await expect(writeArchive(wanted, { slow, failAfter: { bytes: 10, error: full } })).rejects.toThrow(full);
});
