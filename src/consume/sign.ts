// `art sign`: signs an artifact on disk.
import { dirname } from 'pathe';
import { BUNDLE_NAME, PUBLISHED_NAMES } from '../artifact/names.js';
import { ArtError } from '../errors.js';
import type { DiskPlatform, Signer } from '../platform/types.js';
import { type Check, checkAll, isDigest, isFunction, isSigner, isText } from '../text/checks.js';
import { printable } from '../text/printable.js';
import { signArtifact } from '../trust/signature.js';
import { openUnsignedOn } from './open.js';

/** Options of `sign`. */
export interface SignOptions {
  /** The private key: the path of a PEM file, or what `openKey` returns. */
  key: string | Signer;
  /** Called for the passphrase if the key is encrypted. */
  passphrase?: () => Promise<string | undefined>;
  /** Called with a warning if other users may read the key's file. */
  onWarning?: (message: string) => void;
  /**
   * The sha256, in hex, that artifact.json must have, so that nothing is signed that has taken the artifact's place in
   * the meantime.
   */
  sha256?: string;
}

const CHECKS: { readonly [K in keyof Required<SignOptions>]: Check } = {
  key: (v) => isText(v) && isSigner(v) && 'the path of a PEM file, or a key as openKey gives it',
  passphrase: isFunction,
  onWarning: isFunction,
  sha256: isDigest,
};

/**
 * Checks an artifact on disk, signs it, and writes artifact.sigstore.json beside its manifest.
 * @returns the path of that file
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION; KEY_INVALID; INPUT_NOT_FOUND, MANIFEST_INVALID, ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE; SOURCE_CHANGED
 *   if a build replaced the artifact while it was signed; INVALID_OPTION for the layouts 'json' and 'oci', which are
 *   signed before they are converted
 */
export async function signOn(platform: DiskPlatform, artifact: string, options: SignOptions): Promise<string> {
  checkAll(options, CHECKS);
  const { key, passphrase = async () => undefined, onWarning, sha256 } = options;
  if (key === undefined) throw new ArtError('INVALID_OPTION', "no key: name the path of a PEM file with 'key'");
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
