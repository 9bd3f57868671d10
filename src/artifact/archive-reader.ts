import { extract } from 'tar-stream';
import { ArtError, messageOf } from '../errors.js';
import type { Hasher } from '../platform/types.js';
import type { ReadManifest } from './manifest.js';

/** Unpacks one gzip member, as a stream, with the platform's own decoder. */
async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const stream = new DecompressionStream('gzip');
  const writer = stream.writable.getWriter();
  const pump = (async () => {
    for await (const chunk of source) await writer.write(chunk as Uint8Array<ArrayBuffer>);
    await writer.close();
  })();
  pump.catch(() => {}); // the reading side reports it
  yield* stream.readable;
  await pump;
}

async function* tee(source: AsyncIterable<Uint8Array>, hash: Hasher): AsyncIterable<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

/**
 * Reads an archive through and holds it against its manifest: the digests of
 * the file and of the tar, and every entry's place, name, type, size and digest.
 * Memory does not grow with the archive, but for the entries that are kept.
 * @param keep which entries to give back, by path
 * @throws ArtError ARCHIVE_INVALID, naming the first thing that differs
 */
export async function checkArchive(
  manifest: Pick<ReadManifest, 'entries' | 'archive'>,
  source: AsyncIterable<Uint8Array>,
  sha256: () => Hasher,
  keep: (path: string) => boolean = () => false,
): Promise<Map<string, Uint8Array>> {
  const fail = (what: string, cause?: unknown) =>
    new ArtError('ARCHIVE_INVALID', `the archive does not match its manifest: ${what}`, { cause });
  const fileHash = sha256();
  const tarHash = sha256();
  const tar = extract();
  const feeding = feed(tee(gunzip(tee(source, fileHash)), tarHash), tar);
  feeding.catch(() => {});
  const kept = new Map<string, Uint8Array>();
  let index = 0;
  try {
    for await (const entry of tar) {
      const expected = manifest.entries[index++];
      const { name, size, type } = entry.header;
      if (!expected) throw fail(`'${name}' is not in the manifest`);
      if (name !== expected.path || type !== 'file')
        throw fail(`'${name}' (${type}) stands where '${expected.path}' should`);
      if (size !== expected.size) throw fail(`'${name}' has ${size} bytes, not ${expected.size}`);
      const hash = sha256();
      const bytes = keep(name) ? new Uint8Array(size) : undefined;
      let at = 0;
      for await (const chunk of entry) {
        hash.update(chunk as Uint8Array);
        bytes?.set(chunk as Uint8Array, at);
        at += (chunk as Uint8Array).length;
      }
      if (bytes) kept.set(name, bytes);
      if (hash.digest() !== expected.sha256) throw fail(`'${name}' has another sha256`);
    }
    await feeding;
  } catch (cause) {
    throw cause instanceof ArtError ? cause : fail(`it is no gzipped tar (${messageOf(cause)})`, cause);
  }
  const missing = manifest.entries[index];
  if (missing) throw fail(`'${missing.path}' is missing`);
  if (tarHash.digest() !== manifest.archive?.tar_sha256) throw fail('the tar has another sha256');
  if (fileHash.digest() !== manifest.archive.sha256) throw fail('the file has another sha256');
  return kept;
}

async function feed(source: AsyncIterable<Uint8Array>, tar: ReturnType<typeof extract>): Promise<void> {
  try {
    for await (const chunk of source)
      if (!tar.write(chunk)) await new Promise<void>((resolve) => tar.once('drain', () => resolve()));
    tar.end(undefined);
  } catch (error) {
    tar.destroy(error as Error);
    throw error;
  }
}
