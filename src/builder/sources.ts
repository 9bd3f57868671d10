// Records which files a build has read, and checks that none of them changed meanwhile.
import { ArtError } from '../errors.js';
import type { SourceFile } from '../toolchain/requests.js';

/** The digests of the files that were read, by name in provenance. */
export type Sources = Map<string, string>;

/**
 * Records files that were read.
 * @param shown returns the path that the user would write
 * @throws ArtError SOURCE_CHANGED if a file had other content when it was read before
 */
export function noteSources(sources: Sources, read: readonly SourceFile[], shown: (path: string) => string): void {
  for (const { path, sha256 } of read) {
    const known = sources.get(path);
    if (known !== undefined && known !== sha256)
      throw new ArtError('SOURCE_CHANGED', `'${shown(path)}' changed during the build: build again`);
    sources.set(path, sha256);
  }
}
