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
export const openOptions = ({ keys, maxSize, sha256, package: name, notBefore }: OpenOptions): OpenOptions => ({
  ...(keys !== undefined && { keys }),
  ...(maxSize !== undefined && { maxSize }),
  ...(sha256 !== undefined && { sha256 }),
  ...(name !== undefined && { package: name }),
  ...(notBefore !== undefined && { notBefore }),
});

/**
 * Opens an artifact: its manifest and the signature beside it are read and checked, its archive when entries are asked for.
 * @throws ArtError INPUT_NOT_FOUND; MANIFEST_INVALID; SIGNATURE_INVALID where the signature is not of this artifact, or
 *   with `keys` where none of them made it; KEY_INVALID
 */
export async function openOn(
  platform: ReadingPlatform,
  source: ArtifactSource,
  { keys = [], ...limits }: OpenOptions = {},
): Promise<Artifact> {
  // A key that cannot be used is said before anything of the artifact is read.
  const verifiers = await Promise.all(keys.map((key) => platform.openVerifier(key)));
  const artifact = await openUnsignedOn(platform, source, limits);
  await requireSignature(artifact, verifiers);
  return artifact;
}

/**
 * The same for those who say themselves what is wrong with the signature, or write another in its place: it is not looked at.
 * @throws ArtError INPUT_NOT_FOUND; MANIFEST_INVALID
 */
export async function openUnsignedOn(
  platform: ReadingPlatform,
  source: ArtifactSource,
  limits: ReadLimits = {},
): Promise<Artifact> {
  return openArtifactFiles(await filesOf(platform, source), platform.sha256, limits);
}

/**
 * Opens an artifact for those who tell of it and read no entries: its archive, where it has one, is read through and
 * checked as well.
 * @throws ArtError of openOn; ARCHIVE_INVALID
 */
export async function openCheckedOn(
  platform: ReadingPlatform,
  source: ArtifactSource,
  options: OpenOptions,
): Promise<Artifact> {
  const artifact = await openOn(platform, source, options);
  if (artifact.manifest.archive) await artifact.readInto({ open: () => undefined });
  return artifact;
}

async function filesOf({ openFolder, sha256 }: ReadingPlatform, source: ArtifactSource): Promise<ArtifactFiles> {
  if (typeof source !== 'string' && !(source instanceof URL)) return filesInMemory(source);
  return findLayout(await openFolder(source), sha256);
}
