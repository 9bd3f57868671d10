// `art convert`: writes an artifact in another layout, without loss.
import { basename } from 'pathe';
import type { Artifact } from '../artifact/artifact.js';
import { LAYOUTS, type Layout } from '../artifact/files.js';
import { writeLayout } from '../artifact/layouts/write.js';
import { MANIFEST_NAME } from '../artifact/names.js';
import { ArtError } from '../errors.js';
import type { DiskPlatform } from '../platform/types.js';
import { type Check, checkAll, isText } from '../text/checks.js';
import { type ArtifactSource, OPEN_CHECKS, type OpenOptions, openOn } from './open.js';

/** Options of `convert`. */
export interface ConvertOptions extends OpenOptions {
  /** The layout to write. */
  to: Layout;
  /** Path to write: for 'json' a file; for the other layouts a folder that does not exist or is empty. */
  out: string;
}

const CHECKS: { readonly [K in keyof Required<ConvertOptions>]: Check } = {
  ...OPEN_CHECKS,
  to: (v) => (LAYOUTS.includes(v as Layout) ? undefined : `one of ${LAYOUTS.join(', ')}`),
  out: isText,
};

/**
 * Writes an artifact in another layout without loss: manifest, archive and signature can be converted back byte for
 * byte. The artifact is checked as `verify` does, and what was written is read back before it is moved to its place.
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION; of openOn; ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE
 */
export async function convertOn(
  platform: DiskPlatform,
  source: ArtifactSource,
  options: ConvertOptions,
): Promise<void> {
  checkAll(options, CHECKS);
  const { to, out, ...limits } = options;
  if (to === undefined) throw new ArtError('INVALID_OPTION', `no layout: name one with 'to': ${LAYOUTS.join(', ')}`);
  if (out === undefined) throw new ArtError('INVALID_OPTION', "nowhere to write: name a path with 'out'");
  // Opening takes only a name with this ending for a file in the layout 'json'.
  if (to === 'json' && !out.endsWith('.json'))
    throw new ArtError('INVALID_OPTION', `'${out}' does not end in '.json', which the layout 'json' must`);
  // Opening takes this name for the manifest of the layout 'archive'.
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
 * Compares what was written with the artifact it was made from.
 * @throws ArtError ARCHIVE_INVALID if some byte of the artifact would be lost
 */
async function checkConversion(from: Artifact, to: Artifact, layout: Layout): Promise<void> {
  const [problem] = await to.examine();
  // From these layouts the archive is packed again. That gives the same bytes if it was packed as docs/format.md says.
  if (problem && (layout === 'dir' || layout === 'json'))
    throw new ArtError(
      'ARCHIVE_INVALID',
      `it cannot be kept as '${layout}' without loss, but as 'archive' or 'oci': its archive was packed otherwise than art packs, so that its bytes would not come back (${problem})`,
    );
  const same = from.manifestDigest === to.manifestDigest && (await from.signature()) === (await to.signature());
  if (problem || !same)
    throw new ArtError('ARCHIVE_INVALID', `what was written does not read back: ${problem ?? 'other bytes'}`);
}
