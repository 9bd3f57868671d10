// Signing an artifact, and checking the signature beside one.
import type { Artifact } from '../artifact/artifact.js';
import { ArtError, messageOf } from '../errors.js';
import type { Signer, Verifier } from '../platform/types.js';
import { printable } from '../text/printable.js';
import { preAuthEncoding, readBundle, writeBundle } from './dsse.js';
import { statementProblems, writeStatement } from './statement.js';

/** What names an artifact. */
type Named = Pick<Artifact, 'manifest' | 'manifestDigest'>;

const digestsOf = ({ manifest, manifestDigest }: Named) => ({ contents: manifest, manifest: manifestDigest });

/** The text of artifact.sigstore.json for an artifact. */
export function signArtifact(artifact: Named, signer: Signer): string {
  const payload = writeStatement(digestsOf(artifact));
  return writeBundle(payload, signer.sign(preAuthEncoding(payload)), signer.hint);
}

/**
 * What is known of the signature beside an artifact: `trusted`, one of the keys made it; `unchecked`, there is one and no
 * key was given to check it with, so that it proves nothing; `none`; `invalid`, see the problems.
 */
export type SignatureState = 'trusted' | 'unchecked' | 'none' | 'invalid';

/**
 * Looks at the signature beside an artifact.
 * @param verifiers of the keys that are trusted: one of them must have made it. Without any, only its form and what
 *   its statement says are looked at
 * @param required a missing signature is wrong
 * @returns what is wrong, a line each
 */
export async function checkSignature(
  artifact: Artifact,
  verifiers: readonly Verifier[],
  required: boolean,
): Promise<{ state: SignatureState; problems: string[] }> {
  const invalid = (...problems: string[]) => ({ state: 'invalid' as const, problems });
  try {
    const text = await signatureText(artifact, verifiers.length === 0 && !required);
    if (text === undefined)
      return required ? invalid('it has no signature (artifact.sigstore.json)') : { state: 'none', problems: [] };
    const { payload, signatures } = readBundle(text);
    // Who signs a file by itself signs the manifest, which says what all others are.
    const signed = payload ? preAuthEncoding(payload) : artifact.manifestBytes;
    if (verifiers.length > 0 && !(await isTrusted(signed, signatures, verifiers)))
      return invalid('its signature was not made with a key that is trusted here');
    const problems = payload ? statementProblems(payload, digestsOf(artifact)) : [];
    if (problems.length > 0) return invalid(...problems);
    return { state: verifiers.length > 0 ? 'trusted' : 'unchecked', problems };
  } catch (error) {
    return invalid(messageOf(error));
  }
}

/**
 * For those that look into an artifact: one of the keys must have signed it, where any are named; a signature that no key
 * could have made of this artifact is wrong without them.
 * @throws ArtError SIGNATURE_INVALID, naming the first thing that is wrong
 */
export async function requireSignature(artifact: Artifact, verifiers: readonly Verifier[]): Promise<void> {
  const [problem] = (await checkSignature(artifact, verifiers, verifiers.length > 0)).problems;
  if (!problem) return;
  const what = verifiers.length > 0 ? 'is not signed as asked' : 'has a signature that cannot hold';
  throw new ArtError('SIGNATURE_INVALID', `the artifact ${what}: ${printable(problem)}`);
}

/** Some servers answer 403 where nothing is; and what cannot be had would prove nothing without a key. */
async function signatureText(artifact: Artifact, mayBeOutOfReach: boolean): Promise<string | undefined> {
  try {
    return await artifact.signature();
  } catch (error) {
    if (mayBeOutOfReach && error instanceof ArtError && error.code === 'INPUT_NOT_FOUND') return undefined;
    throw error;
  }
}

async function isTrusted(
  signed: Uint8Array,
  signatures: readonly Uint8Array[],
  verifiers: readonly Verifier[],
): Promise<boolean> {
  for (const signature of signatures)
    for (const verifier of verifiers) if (await verifier(signed, signature)) return true;
  return false;
}
