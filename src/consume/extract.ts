// `art extract`: writes entries of an artifact as files.
import type { Artifact, EntryFilter } from '../artifact/artifact.js';
import type { StagedFiles } from '../platform/types.js';

/**
 * Writes entries, each to its path. They are collected in a temporary place and moved to their paths after the whole
 * archive has been checked.
 * @param staged the staging area of the directory
 * @returns their paths, in the archive's order
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION; ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE
 */
export async function extractInto(artifact: Artifact, filter: EntryFilter, staged: StagedFiles): Promise<string[]> {
  try {
    const wanted = artifact.entries(filter).map(({ path }) => path);
    const isWanted = new Set(wanted);
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
