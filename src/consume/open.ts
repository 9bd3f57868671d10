// Opens an artifact, wherever it is stored: finds its layout, reads and checks the manifest, checks the signature.
import { type Artifact, openArtifactFiles, READ_CHECKS, type ReadLimits } from '../artifact/artifact.js';
import type { ArtifactFiles } from '../artifact/files.js';
import { findLayout } from '../artifact/layouts/find.js';
import { type ArtifactBytes, filesInMemory } from '../artifact/layouts/memory.js';
import type { ReadingPlatform } from '../platform/types.js';
import type { WebURL } from '../platform/web-types.js';
import { type Check, checkAll, isTexts } from '../text/checks.js';
import { requireSignature } from '../trust/signature.js';

/**
 * Names an artifact in any layout: the path of its folder, of its artifact.json, or of its single JSON file; the URL of
 * one of these (that of a folder ends in '/'); or its files in memory.
 */
export type ArtifactSource = string | WebURL | ArtifactBytes;

/** Requirements for an artifact that is opened. */
export interface OpenOptions extends ReadLimits {
  /**
   * Trusted public keys in PEM: in Node the paths of their files, in a browser their texts. One of them must have
   * signed the artifact. Default: no signature is required.
   */
  keys?: readonly string[];
}

export const OPEN_CHECKS: { readonly [K in keyof Required<OpenOptions>]: Check } = { ...READ_CHECKS, keys: isTexts };

/** Picks the options that say how an artifact is opened. */
export const openOptions = ({ keys, maxSize, sha256, package: name, notBefore }: OpenOptions): OpenOptions => ({
  ...(keys !== undefined && { keys }),
  ...(maxSize !== undefined && { maxSize }),
  ...(sha256 !== undefined && { sha256 }),
  ...(name !== undefined && { package: name }),
  ...(notBefore !== undefined && { notBefore }),
});

/**
 * Opens an artifact: reads and checks its manifest and its signature. Its archive is read when entries are asked for.
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION; INPUT_NOT_FOUND; MANIFEST_INVALID; SIGNATURE_INVALID if the signature is not for this artifact, or
 *   with `keys` if none of them made it; KEY_INVALID
 */
export async function openOn(
  platform: ReadingPlatform,
  source: ArtifactSource,
  options: OpenOptions = {},
): Promise<Artifact> {
  checkAll(options, OPEN_CHECKS);
  const { keys = [], ...limits } = options;
  // Reports an unusable key before anything of the artifact is read.
  const verifiers = await Promise.all(keys.map((key) => platform.openVerifier(key)));
  const artifact = await openUnsignedOn(platform, source, limits);
  await requireSignature(artifact, verifiers);
  return artifact;
}

/**
 * Opens an artifact without looking at its signature, for callers that check the signature themselves or replace it.
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
 * Opens an artifact for callers that report on it without reading entries: its archive, if it has one, is read and
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
