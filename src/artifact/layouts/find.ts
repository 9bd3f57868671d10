// Finds the layout of an artifact.
import { ArtError } from '../../errors.js';
import type { Folder, Hasher, NamedFolder } from '../../platform/types.js';
import type { ArtifactFiles } from '../files.js';
import { DIRECTORY_MANIFEST, MANIFEST_NAME, PART_NAME, PUBLISHED_NAMES } from '../names.js';
import { archiveLayout } from './archive.js';
import { directoryLayout } from './directory.js';
import { jsonLayout, looksLikeJsonLayout } from './json.js';
import { OCI_LAYOUT_FILE, ociLayout } from './oci.js';

/**
 * @returns the artifact's files, not read yet
 * @throws ArtError INPUT_NOT_FOUND if there is no artifact
 */
export async function findLayout({ folder: there, named }: NamedFolder, sha256: () => Hasher): Promise<ArtifactFiles> {
  // A build may replace the files at the same time.
  const folder = (await there.atOneMoment?.(PUBLISHED_NAMES)) ?? there;
  if (named === MANIFEST_NAME) return archiveLayout(folder);
  if (named?.endsWith('.json')) {
    const open = async () => {
      const file = await folder.open(named);
      if (!file)
        throw new ArtError(
          'INPUT_NOT_FOUND',
          `cannot read ${folder.name}: name an artifact's folder or its ${MANIFEST_NAME}`,
        );
      return file;
    };
    if (looksLikeJsonLayout(await firstBytes(await open()))) return jsonLayout(folder.name, open, sha256);
    if (named === DIRECTORY_MANIFEST) return directoryLayout(folder, sha256);
    if (named !== 'index.json') return archiveLayout(folder, named);
  }
  if (await has(folder, MANIFEST_NAME)) return archiveLayout(folder);
  if (await has(folder, DIRECTORY_MANIFEST)) return directoryLayout(folder, sha256);
  if (await has(folder, OCI_LAYOUT_FILE)) return ociLayout(folder, sha256);
  // Opened as an artifact, so that reading it explains that it is a part.
  if (await has(folder, PART_NAME)) return archiveLayout(folder, PART_NAME);
  throw new ArtError(
    'INPUT_NOT_FOUND',
    `${folder.name} is no artifact: it has no ${MANIFEST_NAME}, ${DIRECTORY_MANIFEST} or ${OCI_LAYOUT_FILE}`,
  );
}

async function has(folder: Folder, path: string): Promise<boolean> {
  const file = await folder.open(path);
  if (file) await firstBytes(file); // which closes it
  return file !== undefined;
}

async function firstBytes(file: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  for await (const chunk of file) return chunk;
  return new Uint8Array(0);
}
