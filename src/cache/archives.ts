// Caches whole archives: compressing one takes longer than everything else in a build that compiles nothing.
import type { ArchiveDigest } from '../artifact/manifest.js';
import { ARCHIVE_NAME } from '../artifact/names.js';
import type { ResultCache } from './cache.js';
import { bytesOf, isFields, textIn } from './entries.js';

/** Finds the archive that the cache stores for these entries. The caller checks that it really contains them. */
export async function findArchive(
  cache: ResultCache,
  entries: unknown,
): Promise<{ bytes: Uint8Array; digest: ArchiveDigest } | undefined> {
  const found = await cache.findMade(entries);
  if (!isFields(found)) return undefined;
  const tar_sha256 = textIn(found, 'tar_sha256');
  const bytes = await bytesOf(found.sha256, cache.nearest);
  if (!bytes || tar_sha256 === undefined) return undefined;
  return { bytes, digest: { path: ARCHIVE_NAME, sha256: found.sha256 as string, size: bytes.length, tar_sha256 } };
}

export async function keepArchive(
  cache: ResultCache,
  entries: unknown,
  bytes: Uint8Array,
  { sha256, tar_sha256 }: ArchiveDigest,
): Promise<void> {
  await cache.nearest.putContent(sha256, bytes);
  await cache.keepMade(entries, { sha256, tar_sha256 });
}
