// `art verify`: checks a whole artifact and its signature.
import type { Artifact } from '../artifact/artifact.js';
import { ArtError } from '../errors.js';
import type { ReadingPlatform } from '../platform/types.js';
import { type Check, checkAll, isBoolean } from '../text/checks.js';
import { printable } from '../text/printable.js';
import { checkSignature, type SignatureState } from '../trust/signature.js';
import { type ArtifactSource, OPEN_CHECKS, type OpenOptions, openUnsignedOn } from './open.js';

/** Options of `verify` and `check`. */
export interface VerifyOptions extends OpenOptions {
  /** Whether an artifact without a signature fails; needs `keys`. Default: true if `keys` has any. */
  requireSignature?: boolean;
}

const CHECKS: { readonly [K in keyof Required<VerifyOptions>]: Check } = {
  ...OPEN_CHECKS,
  requireSignature: isBoolean,
};

/** The result of `check`. */
export interface Verification {
  /** Everything that is wrong, one line each; empty if nothing is. */
  failures: string[];
  /** What is known about the signature. */
  signature: SignatureState;
}

/**
 * Checks a whole artifact and its signature. Without `keys` a signature proves nothing.
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION; INPUT_NOT_FOUND; KEY_INVALID
 */
export async function verifyOn(
  platform: ReadingPlatform,
  source: ArtifactSource,
  options: VerifyOptions = {},
): Promise<Verification> {
  checkAll(options, CHECKS);
  const { keys = [], requireSignature: required = keys.length > 0, ...limits } = options;
  const verifiers = await Promise.all(keys.map((key) => platform.openVerifier(key)));
  if (required && verifiers.length === 0)
    throw new ArtError(
      'INVALID_OPTION',
      'a signature is required, and there is no key to check it with: name one with --key, or several with --trusted',
    );
  let artifact: Artifact;
  try {
    artifact = await openUnsignedOn(platform, source, limits);
  } catch (error) {
    // A manifest that is damaged, or not the wanted one, is a failure of the artifact and not an error of this call.
    if (error instanceof ArtError && error.code === 'MANIFEST_INVALID')
      return { failures: error.message.split('\n').map(printable), signature: 'invalid' };
    throw error;
  }
  const failures = await artifact.examine();
  const { problems, state } = await checkSignature(artifact, verifiers, required);
  return { failures: [...failures, ...problems].map(printable), signature: state };
}
