// Which files a build read, and that none of them was two files in its course.
import { ArtError } from '../errors.js';
import type { SourceFile } from '../toolchain/requests.js';

/** Digests of the files that were read, by their names in provenance. */
export type Sources = Map<string, string>;

/**
 * Notes what was read.
 * @param shown how the user would name a file
 * @throws ArtError SOURCE_CHANGED, where a file was read before and had other content
 */
export function noteSources(sources: Sources, read: readonly SourceFile[], shown: (path: string) => string): void {
  for (const { path, sha256 } of read) {
    const known = sources.get(path);
    if (known !== undefined && known !== sha256)
      throw new ArtError('SOURCE_CHANGED', `'${shown(path)}' changed during the build: build again`);
    sources.set(path, sha256);
  }
}
