import { ArtError, messageOf } from '../errors.js';
import type { Hasher } from '../platform/types.js';
import { printable } from '../text/printable.js';
import { kindProblem, PREFIX_BYTES } from './entry-kind.js';
import { gunzip } from './gunzip.js';
import type { ReadManifest } from './manifest.js';
import { readTar, type TarFile } from './tar-reader.js';

export type Entry = ReadManifest['entries'][number];

/** What of a manifest describes an archive. */
type Described = Pick<ReadManifest, 'entries' | 'archive'> & { provenance?: { source_date_epoch: number } | null };

type Take = (chunk: Uint8Array) => Promise<void> | void;

/** Receives entries while they are read, before it is known whether the archive is sound. */
export interface EntrySink {
  /**
   * Returns a function that receives the pieces of an entry, or undefined if the entry is not wanted. An empty entry
   * has no pieces.
   */
  open(entry: Entry): Promise<Take | undefined> | Take | undefined;
  /** Receives the bytes of the archive file itself. */
  archive?: Take;
}

/** The default limit on the total size of the entries: 16 GiB. */
export const DEFAULT_MAX_SIZE = 2 ** 34;

/** How an archive is read. */
export interface Examination {
  sha256: () => Hasher;
  /** Receives the entries. They may be used only if nothing is found wrong. */
  sink?: EntrySink;
  /** Limit on the total size of the entries, in bytes. Default: DEFAULT_MAX_SIZE. */
  maxSize?: number;
}

async function* tee(source: AsyncIterable<Uint8Array>, hash: Hasher, take?: Take): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk);
    await take?.(chunk);
    yield chunk;
  }
}

/** Stops a source that has more bytes than declared; a server could send without end. */
async function* upTo(size: number, source: AsyncIterable<Uint8Array>, counted: { bytes: number }) {
  for await (const chunk of source) {
    // The contents come first, since errors in them say more.
    yield chunk;
    counted.bytes += chunk.length;
    if (counted.bytes > size) throw new Error(`it has more than its ${size} bytes`);
  }
}

/**
 * Reads an archive and compares it with its manifest: the digests of the file and of the tar, and the position, name,
 * type, size and digest of every entry. Memory does not grow with the archive.
 * @returns everything that is wrong, one line each; if the archive cannot be read further, its rest is not checked
 */
export async function examineArchive(
  manifest: Described,
  source: AsyncIterable<Uint8Array>,
  { sha256, sink = { open: () => undefined }, maxSize = DEFAULT_MAX_SIZE }: Examination,
): Promise<string[]> {
  const declared = manifest.entries.reduce((sum, entry) => sum + (entry.size ?? 0), 0);
  if (declared > maxSize) return [`its entries have ${declared} bytes, more than the ${maxSize} allowed (--max-size)`];
  const failures: string[] = [];
  const missing = new Set(manifest.entries);
  const fileHash = sha256();
  const tarHash = sha256();
  const size = manifest.archive?.size ?? 0;
  const counted = { bytes: 0 };
  const time = manifest.provenance?.source_date_epoch;
  let index = 0;
  try {
    const file = tee(upTo(size, source, counted), fileHash, sink.archive);
    for await (const member of readTar(tee(gunzip(file), tarHash))) {
      const entry = manifest.entries[index++];
      if (entry?.path === member.path) failures.push(...(await examineEntry(entry, member, time, sha256, sink)));
      else {
        const known = manifest.entries.find((e) => e.path === member.path && missing.has(e));
        if (!known) throw new Error(`'${member.path}' is not in the manifest`);
        throw new Error(`'${member.path}' stands where '${entry?.path}' should`);
      }
      missing.delete(entry);
    }
  } catch (error) {
    // An error of the sink when writing is not an error of the archive.
    if (error instanceof ArtError && error.code === 'OUTPUT_NOT_WRITABLE') throw error;
    return [...failures, `cannot be read on: ${messageOf(error)}`];
  }
  for (const entry of missing) failures.push(`'${entry.path}' is missing`);
  if (counted.bytes < size) failures.push(`the file has ${counted.bytes} bytes, not ${size}`);
  if (tarHash.digest() !== manifest.archive?.tar_sha256) failures.push('the tar has another sha256');
  if (fileHash.digest() !== manifest.archive?.sha256) failures.push('the file has another sha256');
  return failures;
}

async function examineEntry(
  entry: Entry,
  file: TarFile,
  time: number | undefined,
  sha256: () => Hasher,
  sink: EntrySink,
): Promise<string[]> {
  // An entry is not read beyond its declared size.
  if (file.size !== entry.size) throw new Error(`'${file.path}' has ${file.size} bytes, not ${entry.size}`);
  const failures: string[] = [];
  if (file.executable !== entry.type.startsWith('executable/'))
    failures.push(`'${file.path}' has the permissions of another type`);
  if (file.mtime !== (time ?? file.mtime)) failures.push(`'${file.path}' has the time ${file.mtime}, not ${time}`);
  const take = await sink.open(entry);
  const hash = sha256();
  const prefix = new Uint8Array(Math.min(file.size, PREFIX_BYTES));
  let at = 0;
  for await (const chunk of file.chunks) {
    hash.update(chunk);
    if (at < prefix.length) prefix.set(chunk.subarray(0, prefix.length - at), at);
    at += chunk.length;
    await take?.(chunk);
  }
  if (hash.digest() !== entry.sha256) failures.push(`'${file.path}' has another sha256`);
  const problem = kindProblem(entry, prefix);
  if (problem) failures.push(`'${file.path}' ${problem}`);
  return failures;
}

/**
 * Reads and checks an archive.
 * @throws ArtError ARCHIVE_INVALID, naming the first thing that is wrong
 */
export async function checkArchive(
  manifest: Described,
  source: AsyncIterable<Uint8Array>,
  examination: Examination,
): Promise<void> {
  const [first] = await examineArchive(manifest, source, examination);
  if (first) throw new ArtError('ARCHIVE_INVALID', `the archive does not match its manifest: ${printable(first)}`);
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
