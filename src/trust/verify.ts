import type { Artifact } from '../artifact/artifact.js';
import { ArtError } from '../errors.js';
import { printable } from '../printable.js';
import { checkSignature, type SignatureState, type Verifier } from './signature.js';

/** What was found of an artifact and of the signature beside it. */
export interface Verification {
  /** Everything that is wrong, a line each; empty where nothing is. */
  failures: string[];
  signature: SignatureState;
}

/**
 * Looks at all of an artifact, and at the signature beside it.
 * @param open opens it; that its manifest is not sound is a failure
 * @param required a missing signature is one, too; without keys nothing can be required. Default: where there are keys
 * @throws ArtError INVALID_OPTION; INPUT_NOT_FOUND
 */
export async function verifyArtifact(
  open: () => Promise<Artifact>,
  verifiers: readonly Verifier[],
  required = verifiers.length > 0,
): Promise<Verification> {
  if (required && verifiers.length === 0)
    throw new ArtError(
      'INVALID_OPTION',
      'a signature is required, and there is no key to check it with: name one with --key, or several with --trusted',
    );
  let artifact: Artifact;
  try {
    artifact = await open();
  } catch (error) {
    if (error instanceof ArtError && error.code === 'MANIFEST_INVALID')
      return { failures: error.message.split('\n').map(printable), signature: 'invalid' };
    throw error;
  }
  const failures = await artifact.examine();
  const { problems, state } = await checkSignature(artifact, verifiers, required);
  return { failures: [...failures, ...problems].map(printable), signature: state };
}
