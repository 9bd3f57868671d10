// Writes an artifact in a layout.
import type { FileSink, Hasher } from '../../platform/types.js';
import type { Artifact } from '../artifact.js';
import type { Layout } from '../files.js';
import { writeArchiveLayout } from './archive.js';
import { writeDirectoryLayout } from './directory.js';
import { writeJsonLayout } from './json.js';
import { writeOciLayout } from './oci.js';

/**
 * Writes an artifact in a layout, and checks it at the same time.
 * @param fileName name of the single file of the layout json
 * @throws ArtError ARCHIVE_INVALID: what was written must then not be used
 */
export async function writeLayout(
  artifact: Artifact,
  layout: Layout,
  target: FileSink,
  fileName: string,
  sha256: () => Hasher,
): Promise<void> {
  if (layout === 'archive') await writeArchiveLayout(artifact, target);
  else if (layout === 'dir') await writeDirectoryLayout(artifact, target);
  else if (layout === 'json') await writeJsonLayout(artifact, target, fileName);
  else await writeOciLayout(artifact, target, sha256);
}
