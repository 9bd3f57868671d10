// From one layout to another, without loss.
import { ArtError } from '../../errors.js';
import type { Hasher } from '../../platform/types.js';
import type { Artifact } from '../artifact.js';
import { writeArchiveLayout } from './archive.js';
import { writeDirectoryLayout } from './directory.js';
import type { Layout, LayoutTarget } from './folder.js';
import { writeJsonLayout } from './json.js';
import { writeOciLayout } from './oci.js';

/**
 * Writes an artifact in a layout, while it is checked.
 * @param fileName of the one file that the layout json is
 * @throws ArtError ARCHIVE_INVALID: what was written is then not to be used
 */
export async function writeLayout(
  artifact: Artifact,
  layout: Layout,
  target: LayoutTarget,
  fileName: string,
  sha256: () => Hasher,
): Promise<void> {
  if (layout === 'archive') await writeArchiveLayout(artifact, target);
  else if (layout === 'dir') await writeDirectoryLayout(artifact, target);
  else if (layout === 'json') await writeJsonLayout(artifact, target, fileName);
  else await writeOciLayout(artifact, target, sha256);
}

/**
 * Holds what was written against what it was written from.
 * @throws ArtError ARCHIVE_INVALID where not every byte of the artifact would come back
 */
export async function checkConversion(from: Artifact, to: Artifact, layout: Layout): Promise<void> {
  const [problem] = await to.examine();
  // The archive is packed again from its entries: to the same bytes, where it was packed as docs/format.md says.
  if (problem && (layout === 'dir' || layout === 'json'))
    throw new ArtError(
      'ARCHIVE_INVALID',
      `it cannot be kept as '${layout}' without loss, but as 'archive' or 'oci': its archive was packed otherwise than art packs, so that its bytes would not come back (${problem})`,
    );
  const same = from.manifestDigest === to.manifestDigest && (await from.signature()) === (await to.signature());
  if (problem || !same)
    throw new ArtError('ARCHIVE_INVALID', `what was written does not read back: ${problem ?? 'other bytes'}`);
}
