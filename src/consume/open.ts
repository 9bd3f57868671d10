// How an artifact is opened, wherever it is kept: find its layout, open it, check it, trust it, hand it out.
import { type Artifact, openArtifactFiles, type ReadLimits } from '../artifact/artifact.js';
import type { ArtifactFiles } from '../artifact/files.js';
import { findLayout } from '../artifact/layouts/find.js';
import { type ArtifactBytes, filesInMemory } from '../artifact/layouts/memory.js';
import type { ReadingPlatform } from '../platform/types.js';
import type { WebURL } from '../platform/web-types.js';
import { requireSignature } from '../trust/signature.js';

/**
 * An artifact in any layout: the path of its folder, of its artifact.json or of the one JSON file that it is, the URL of
 * one of these (a folder's ends in '/'), or its files in memory.
 */
export type ArtifactSource = string | WebURL | ArtifactBytes;

/** What an artifact from elsewhere must be. */
export interface OpenOptions extends ReadLimits {
  /**
   * Public keys that are trusted, in PEM: in Node the paths of their files, in a browser their texts. One of them must
   * have signed it. Default: none need have.
   */
  keys?: readonly string[];
}

/** Those of some options that say how an artifact is opened. */
export const openOptions = ({ keys, maxSize, sha256 }: OpenOptions): OpenOptions => ({
  ...(keys !== undefined && { keys }),
  ...(maxSize !== undefined && { maxSize }),
  ...(sha256 !== undefined && { sha256 }),
});

/**
 * Opens an artifact: its manifest is read and checked, its archive when entries are asked for.
 * @throws ArtError INPUT_NOT_FOUND; MANIFEST_INVALID; with `keys` KEY_INVALID, and SIGNATURE_INVALID where none of them
 *   signed it
 */
export async function openOn(
  platform: ReadingPlatform,
  source: ArtifactSource,
  { keys = [], ...limits }: OpenOptions = {},
): Promise<Artifact> {
  // A key that cannot be used is said before anything of the artifact is read.
  const verifiers = await Promise.all(keys.map((key) => platform.openVerifier(key)));
  const artifact = await openArtifactFiles(await filesOf(platform, source), platform.sha256, limits);
  if (verifiers.length > 0) await requireSignature(artifact, verifiers);
  return artifact;
}

async function filesOf({ openFolder, sha256 }: ReadingPlatform, source: ArtifactSource): Promise<ArtifactFiles> {
  if (typeof source !== 'string' && !(source instanceof URL)) return filesInMemory(source);
  return findLayout(await openFolder(source), sha256);
}
