import type { Artifact } from '../artifact/artifact.js';
import { ArtError } from '../errors.js';
import { signatureProblems, type Verifier } from './signature.js';

/**
 * Everything that is wrong with an artifact and with the signature beside it, a line each.
 * @param open opens it; that its manifest is not sound is one of these lines
 * @throws ArtError INPUT_NOT_FOUND
 */
export async function artifactProblems(
  open: () => Promise<Artifact>,
  verifiers: readonly Verifier[],
  requireSignature: boolean,
): Promise<string[]> {
  let artifact: Artifact;
  try {
    artifact = await open();
  } catch (error) {
    if (error instanceof ArtError && error.code === 'MANIFEST_INVALID') return error.message.split('\n').map(printable);
    throw error;
  }
  const problems = [...(await artifact.examine()), ...(await signatureProblems(artifact, verifiers, requireSignature))];
  return problems.map(printable);
}

/** Names from a hostile artifact are shown so that they neither break a line nor steer a terminal. */
function printable(line: string): string {
  return line.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`);
}
