// `art sign`: a signature beside an artifact on disk.
import { dirname } from 'pathe';
import { BUNDLE_NAME, PUBLISHED_NAMES } from '../artifact/names.js';
import { ArtError } from '../errors.js';
import type { DiskPlatform, Signer } from '../platform/types.js';
import { printable } from '../text/printable.js';
import { signArtifact } from '../trust/signature.js';
import { openUnsignedOn } from './open.js';

/** How an artifact is signed. */
export interface SignOptions {
  /** Path of the private key, in PEM; or the key, as `openKey` gives it. */
  key: string | Signer;
  /** Asked for where the key is protected. */
  passphrase?: () => Promise<string | undefined>;
  /** Told where others may read the key's file. */
  onWarning?: (message: string) => void;
  /** sha256, in hex, that artifact.json must have: nothing else is signed, whatever lies there by then. */
  sha256?: string;
}

/**
 * Signs an artifact on disk: checks it, and writes artifact.sigstore.json beside it.
 * @returns the path of what was written
 * @throws ArtError KEY_INVALID; INPUT_NOT_FOUND, MANIFEST_INVALID, ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE;
 *   SOURCE_CHANGED where a build replaced it meanwhile;
 *   INVALID_OPTION for a layout that has no place beside it
 */
export async function signOn(
  platform: DiskPlatform,
  artifact: string,
  { key, passphrase = async () => undefined, onWarning, sha256 }: SignOptions,
): Promise<string> {
  const signer = typeof key === 'string' ? await platform.openSigner(key, passphrase, onWarning) : key;
  const opened = await openUnsignedOn(platform, artifact, sha256 === undefined ? {} : { sha256 });
  if (opened.layout === 'json' || opened.layout === 'oci')
    throw new ArtError(
      'INVALID_OPTION',
      `'${artifact}' has the layout '${opened.layout}': sign it as 'archive' or 'dir', and convert it then`,
    );
  const [problem] = await opened.examine();
  if (problem)
    throw new ArtError('ARCHIVE_INVALID', `'${artifact}' is not sound, and is not signed: ${printable(problem)}`);
  const folder = (await platform.files.kind(artifact)) === 'directory' ? artifact : dirname(artifact);
  const signature = new TextEncoder().encode(signArtifact(opened, signer));
  const isCurrent = async () => (await openUnsignedOn(platform, artifact)).manifestDigest === opened.manifestDigest;
  if (!(await platform.writeBeside(folder, BUNDLE_NAME, signature, PUBLISHED_NAMES, isCurrent)))
    throw new ArtError('SOURCE_CHANGED', `'${artifact}' was replaced while it was signed: sign it again`);
  return `${folder}/${BUNDLE_NAME}`;
}
