// `art extract`: entries of an artifact as files.
import type { Artifact, EntryFilter } from '../artifact/artifact.js';
import type { StagedFiles } from '../platform/types.js';

/**
 * Writes entries, each at its path. They are collected out of sight and only moved to their places when the whole archive
 * has been checked.
 * @param staged where they go
 * @returns their paths, in the archive's order
 * @throws ArtError ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE
 */
export async function extractInto(artifact: Artifact, filter: EntryFilter, staged: StagedFiles): Promise<string[]> {
  const wanted = artifact.entries(filter).map(({ path }) => path);
  const isWanted = new Set(wanted);
  try {
    await artifact.readInto({
      async open({ path, type }) {
        if (!isWanted.has(path)) return undefined;
        await staged.file(path, type.startsWith('executable/'));
        return (chunk) => staged.write(chunk);
      },
    });
    await staged.publish();
    return wanted;
  } finally {
    await staged.discard();
  }
}
