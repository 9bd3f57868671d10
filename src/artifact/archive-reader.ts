import { ArtError, messageOf } from '../errors.js';
import type { Hasher } from '../platform/types.js';
import { gunzip } from './gunzip.js';
import type { ReadManifest } from './manifest.js';
import { readTar } from './tar-reader.js';

type Entry = ReadManifest['entries'][number];

/** Takes what is read, before it is known to be sound. */
export interface EntrySink {
  /** Gives a function for the pieces of an entry, or nothing where it is not wanted. */
  open(entry: Entry): ((chunk: Uint8Array) => Promise<void> | void) | undefined;
}

/** Entries together may not be larger than this, unless the caller allows more: 16 GiB. */
export const DEFAULT_MAX_SIZE = 2 ** 34;

async function* tee(source: AsyncIterable<Uint8Array>, hash: Hasher): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

/**
 * Reads an archive through and holds it against its manifest: the digests of
 * the file and of the tar, and every entry's place, name, type, size and digest.
 * Memory does not grow with the archive.
 * @param sink is given every entry as it comes; what it was given counts only where this resolves
 * @param maxSize bytes that all entries together may have
 * @throws ArtError ARCHIVE_INVALID, naming the first thing that differs
 */
export async function checkArchive(
  manifest: Pick<ReadManifest, 'entries' | 'archive'>,
  source: AsyncIterable<Uint8Array>,
  sha256: () => Hasher,
  sink: EntrySink = { open: () => undefined },
  maxSize = DEFAULT_MAX_SIZE,
): Promise<void> {
  const fail = (what: string, cause?: unknown) =>
    new ArtError('ARCHIVE_INVALID', `the archive does not match its manifest: ${what}`, { cause });
  const declared = manifest.entries.reduce((sum, entry) => sum + (entry.size ?? 0), 0);
  if (declared > maxSize) throw fail(`its entries have ${declared} bytes, more than the ${maxSize} allowed`);
  const fileHash = sha256();
  const tarHash = sha256();
  let index = 0;
  try {
    for await (const file of readTar(tee(gunzip(tee(source, fileHash)), tarHash))) {
      const expected = manifest.entries[index++];
      if (!expected) throw fail(`'${file.path}' is not in the manifest`);
      if (file.path !== expected.path) throw fail(`'${file.path}' stands where '${expected.path}' should`);
      if (file.size !== expected.size) throw fail(`'${file.path}' has ${file.size} bytes, not ${expected.size}`);
      if (file.executable !== expected.type.startsWith('executable/'))
        throw fail(`'${file.path}' has the permissions of another type`);
      const take = sink.open(expected);
      const hash = sha256();
      for await (const chunk of file.chunks) {
        hash.update(chunk);
        await take?.(chunk);
      }
      if (hash.digest() !== expected.sha256) throw fail(`'${file.path}' has another sha256`);
    }
  } catch (cause) {
    throw cause instanceof ArtError ? cause : fail(`it is no gzipped tar of ours (${messageOf(cause)})`, cause);
  }
  const missing = manifest.entries[index];
  if (missing) throw fail(`'${missing.path}' is missing`);
  if (tarHash.digest() !== manifest.archive?.tar_sha256) throw fail('the tar has another sha256');
  if (fileHash.digest() !== manifest.archive.sha256) throw fail('the file has another sha256');
}

/** A sink that keeps some entries in memory. */
export function keepEntries(wanted: (entry: Entry) => boolean): EntrySink & { kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    open(entry) {
      if (!wanted(entry)) return undefined;
      const bytes = new Uint8Array(entry.size ?? 0);
      kept.set(entry.path, bytes);
      let at = 0;
      return (chunk) => {
        bytes.set(chunk, at);
        at += chunk.length;
      };
    },
  };
}
