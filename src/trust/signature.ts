// Signs an artifact, and checks the signature of one.
import type { Artifact } from '../artifact/artifact.js';
import { ArtError, messageOf } from '../errors.js';
import type { Signer, Verifier } from '../platform/types.js';
import { printable } from '../text/printable.js';
import { preAuthEncoding, readBundle, writeBundle } from './dsse.js';
import { statementProblems, writeStatement } from './statement.js';

/** What identifies an artifact. */
type Named = Pick<Artifact, 'manifest' | 'manifestDigest'>;

const digestsOf = ({ manifest, manifestDigest }: Named) => ({ contents: manifest, manifest: manifestDigest });

/**
 * Signs an artifact.
 * @returns the text of its artifact.sigstore.json
 */
export function signArtifact(artifact: Named, signer: Signer): string {
  const payload = writeStatement(digestsOf(artifact));
  return writeBundle(payload, signer.sign(preAuthEncoding(payload)), signer.hint);
}

/**
 * What is known about the signature of an artifact. `trusted`: one of the keys made it; `unchecked`: there is one, but
 * no key was given to check it with, so it proves nothing; `none`: there is none; `invalid`: it is wrong, as the
 * failures say.
 */
export type SignatureState = 'trusted' | 'unchecked' | 'none' | 'invalid';

/**
 * Checks the signature of an artifact.
 * @param verifiers of the trusted keys, one of which must have made it. If there are none, only the form of the
 *   signature and what its statement says are checked
 * @param required whether a missing signature is wrong
 * @returns what is wrong, one line each
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
    // A signature without a statement is over artifact.json, which has the digests of all other files.
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
 * For callers that read an artifact: if there are keys, one of them must have signed it. Without keys, a signature that
 * does not belong to this artifact is still an error.
 * @throws ArtError SIGNATURE_INVALID, naming the first thing that is wrong
 */
export async function requireSignature(artifact: Artifact, verifiers: readonly Verifier[]): Promise<void> {
  const [problem] = (await checkSignature(artifact, verifiers, verifiers.length > 0)).problems;
  if (!problem) return;
  const what = verifiers.length > 0 ? 'is not signed as asked' : 'has a signature that cannot hold';
  throw new ArtError('SIGNATURE_INVALID', `the artifact ${what}: ${printable(problem)}`);
}

/**
 * Reads the signature. Without a key it would prove nothing, so one that cannot be fetched counts as none: some servers
 * answer 403 where no file is.
 */
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
