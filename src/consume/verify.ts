// `art verify`: all of an artifact, and the signature beside it.
import type { Artifact } from '../artifact/artifact.js';
import { ArtError } from '../errors.js';
import type { ReadingPlatform } from '../platform/types.js';
import { printable } from '../text/printable.js';
import { checkSignature, type SignatureState } from '../trust/signature.js';
import { type ArtifactSource, type OpenOptions, openUnsignedOn } from './open.js';

/** What a verification asks for. */
export interface VerifyOptions extends OpenOptions {
  /** An artifact without a signature is not accepted, which takes `keys`. Default: true where `keys` names any. */
  requireSignature?: boolean;
}

/** What was found of an artifact and of the signature beside it. */
export interface Verification {
  /** Everything that is wrong, a line each; empty where nothing is. */
  failures: string[];
  signature: SignatureState;
}

/**
 * Checks an artifact, and the signature beside it, from end to end. Without `keys` a signature proves nothing.
 * @throws ArtError INVALID_OPTION; INPUT_NOT_FOUND; KEY_INVALID
 */
export async function verifyOn(
  platform: ReadingPlatform,
  source: ArtifactSource,
  { keys = [], requireSignature: required = keys.length > 0, ...limits }: VerifyOptions = {},
): Promise<Verification> {
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
    // That its manifest is not sound, or not the one that was wanted, is a failure of the artifact.
    if (error instanceof ArtError && error.code === 'MANIFEST_INVALID')
      return { failures: error.message.split('\n').map(printable), signature: 'invalid' };
    throw error;
  }
  const failures = await artifact.examine();
  const { problems, state } = await checkSignature(artifact, verifiers, required);
  return { failures: [...failures, ...problems].map(printable), signature: state };
}
