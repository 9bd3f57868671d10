// The layout that art build writes: artifact.json, artifact.tar.gz and, if signed, artifact.sigstore.json.
import { ArtError } from '../../errors.js';
import type { FileSink, Folder } from '../../platform/types.js';
import type { Artifact } from '../artifact.js';
import { MAX_BUNDLE } from '../bounds.js';
import { type ArtifactFiles, readFile, readWhole } from '../files.js';
import { ARCHIVE_NAME, BUNDLE_NAME, MANIFEST_NAME } from '../names.js';

/** @param manifestName name of the manifest's file */
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
 * Writes the layout. The archive's bytes stay the same.
 * @throws ArtError ARCHIVE_INVALID if the archive has the name of the manifest or of the signature
 */
export async function writeArchiveLayout(artifact: Artifact, target: FileSink): Promise<void> {
  const path = artifact.manifest.archive?.path ?? ARCHIVE_NAME;
  if ([MANIFEST_NAME, BUNDLE_NAME].includes(path.split('/', 1)[0]?.toLowerCase() as string))
    throw new ArtError('ARCHIVE_INVALID', `the manifest names '${path}' as its archive, which is another file's name`);
  await target.file(path);
  await artifact.readInto({ open: () => undefined, archive: (chunk) => target.write(chunk) });
  await writeSmallFiles(artifact, target, MANIFEST_NAME);
}

/** Writes the manifest under a given name, and the signature beside it. */
export async function writeSmallFiles(artifact: Artifact, target: FileSink, manifestName: string): Promise<void> {
  await target.file(manifestName);
  await target.write(artifact.manifestBytes);
  const signature = await artifact.signatureBytes();
  if (!signature) return;
  await target.file(BUNDLE_NAME);
  await target.write(signature);
}
