// The layout `dir` (RFC 0005, option 3): a directory with manifest.json and every entry at its path (bitcode/,
// objects/, …).
import type { FileSink, Folder, Hasher } from '../../platform/types.js';
import type { Artifact } from '../artifact.js';
import { MAX_BUNDLE } from '../bounds.js';
import { type ArtifactFiles, readFile, readWhole, strangers } from '../files.js';
import { BUNDLE_NAME, DIRECTORY_MANIFEST } from '../names.js';
import { writeSmallFiles } from './archive.js';
import { packArchive } from './pack.js';

export function directoryLayout(folder: Folder, sha256: () => Hasher): ArtifactFiles {
  return {
    layout: 'dir',
    name: folder.name,
    manifest: () => readFile(folder, DIRECTORY_MANIFEST, true),
    async bundle() {
      const file = await folder.open(BUNDLE_NAME, true);
      return file && readWhole(file, BUNDLE_NAME, MAX_BUNDLE);
    },
    archive: (manifest) =>
      packArchive(manifest, sha256, async ({ path }) => {
        const file = await folder.open(path, true);
        if (!file) throw new Error(`'${path}' is missing`);
        return file;
      }),
    problems: ({ entries }) =>
      strangers(folder, [DIRECTORY_MANIFEST, BUNDLE_NAME, ...entries.map(({ path }) => path)], 'the manifest'),
  };
}

/**
 * Writes the layout. No entry can have the path of the manifest or of the signature, since a manifest with such an
 * entry is not read.
 */
export async function writeDirectoryLayout(artifact: Artifact, target: FileSink): Promise<void> {
  await artifact.readInto({
    async open({ path, type }) {
      await target.file(path, type.startsWith('executable/'));
      return (chunk) => target.write(chunk);
    },
  });
  await writeSmallFiles(artifact, target, DIRECTORY_MANIFEST);
}
