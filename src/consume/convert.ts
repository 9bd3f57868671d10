// `art convert`: from one layout to another, without loss.
import { basename } from 'pathe';
import type { Artifact } from '../artifact/artifact.js';
import { LAYOUTS, type Layout } from '../artifact/files.js';
import { writeLayout } from '../artifact/layouts/write.js';
import { MANIFEST_NAME } from '../artifact/names.js';
import { ArtError } from '../errors.js';
import type { DiskPlatform } from '../platform/types.js';
import { type ArtifactSource, type OpenOptions, openOn } from './open.js';

/** How an artifact is converted. */
export interface ConvertOptions extends OpenOptions {
  to: Layout;
  /** A file for 'json'; for the others a folder that is new or empty. */
  out: string;
}

/**
 * Writes an artifact in another layout, from which all of its bytes come back: manifest, archive and signature.
 * It is checked as `verify` does, and what was written is read back before it appears.
 * @throws ArtError INVALID_OPTION; of openOn; ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE
 */
export async function convertOn(
  platform: DiskPlatform,
  source: ArtifactSource,
  { to, out, ...limits }: ConvertOptions,
): Promise<void> {
  if (!LAYOUTS.includes(to))
    throw new ArtError('INVALID_OPTION', `unknown layout '${to}': expected ${LAYOUTS.join(', ')}`);
  // Only a name that ends so is taken for a file when it is opened.
  if (to === 'json' && !out.endsWith('.json'))
    throw new ArtError('INVALID_OPTION', `'${out}' does not end in '.json', which the layout 'json' must`);
  // That name is taken for the manifest beside an archive.
  if (to === 'json' && basename(out) === MANIFEST_NAME)
    throw new ArtError('INVALID_OPTION', `'${out}' is the name of a manifest: name the file otherwise`);
  const artifact = await openOn(platform, source, limits);
  const staged = await platform.stageLayout(out, to === 'json');
  try {
    await writeLayout(artifact, to, staged, basename(out), platform.sha256);
    await staged.complete();
    await checkConversion(artifact, await openOn(platform, staged.path, limits), to);
    await staged.publish();
  } finally {
    await staged.discard();
  }
}

/**
 * Holds what was written against what it was written from.
 * @throws ArtError ARCHIVE_INVALID where not every byte of the artifact would come back
 */
async function checkConversion(from: Artifact, to: Artifact, layout: Layout): Promise<void> {
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
