// The layout that art writes: artifact.json, artifact.tar.gz and, where it is signed, artifact.sigstore.json.
import { ArtError } from '../../errors.js';
import type { FileSink, Folder } from '../../platform/types.js';
import type { Artifact } from '../artifact.js';
import { MAX_BUNDLE } from '../bounds.js';
import { type ArtifactFiles, readFile, readWhole } from '../files.js';
import { ARCHIVE_NAME, BUNDLE_NAME, MANIFEST_NAME } from '../names.js';

/** @param manifestName of the manifest in its folder */
export function archiveLayout(folder: Folder, manifestName = MANIFEST_NAME): ArtifactFiles {
  return {
    layout: 'archive',
    name: folder.name,
    manifest: () => readFile(folder, manifestName),
    async bundle() {
      const file = await folder.open(BUNDLE_NAME);
      return file && readWhole(file, BUNDLE_NAME, MAX_BUNDLE);
    },
    async *archive({ archive }) {
      const path = archive?.path ?? ARCHIVE_NAME;
      const file = await folder.open(path);
      if (!file) throw new ArtError('INPUT_NOT_FOUND', `${folder.name} has no '${path}', which its manifest names`);
      yield* file;
    },
  };
}

/**
 * Writes the layout; the archive keeps its bytes.
 * @throws ArtError ARCHIVE_INVALID where the archive would lie where the manifest or the signature does
 */
export async function writeArchiveLayout(artifact: Artifact, target: FileSink): Promise<void> {
  const path = artifact.manifest.archive?.path ?? ARCHIVE_NAME;
  if ([MANIFEST_NAME, BUNDLE_NAME].includes(path.split('/', 1)[0]?.toLowerCase() as string))
    throw new ArtError('ARCHIVE_INVALID', `the manifest names '${path}' as its archive, which is another file's name`);
  await target.file(path);
  await artifact.readInto({ open: () => undefined, archive: (chunk) => target.write(chunk) });
  await writeSmallFiles(artifact, target, MANIFEST_NAME);
}

/** The manifest under some name, and the signature beside it. */
export async function writeSmallFiles(artifact: Artifact, target: FileSink, manifestName: string): Promise<void> {
  await target.file(manifestName);
  await target.write(artifact.manifestBytes);
  const signature = await artifact.signatureBytes();
  if (!signature) return;
  await target.file(BUNDLE_NAME);
  await target.write(signature);
}
