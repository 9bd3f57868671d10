// Signing an artifact, and checking the signature beside one.
import type { Artifact } from '../artifact/artifact.js';
import { messageOf } from '../errors.js';
import { preAuthEncoding, readBundle, writeBundle } from './dsse.js';
import { statementProblems, writeStatement } from './statement.js';

/** Makes signatures with one key. */
export interface Signer {
  /** Names the key: base64 of the sha256 of its SubjectPublicKeyInfo. */
  hint: string;
  /** ECDSA P-256 with SHA-256, DER (RFC 3279), or Ed25519 (RFC 8032). */
  sign(bytes: Uint8Array): Uint8Array;
}

/** Tells whether one key made a signature over some bytes; browsers only tell later. */
export type Verifier = (bytes: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>;

const digestsOf = ({ manifest, manifestDigest }: Artifact) => ({ contents: manifest, manifest: manifestDigest });

/** The text of artifact.sigstore.json for an artifact. */
export function signArtifact(artifact: Artifact, signer: Signer): string {
  const payload = writeStatement(digestsOf(artifact));
  return writeBundle(payload, signer.sign(preAuthEncoding(payload)), signer.hint);
}

/**
 * What is wrong with the signature beside an artifact, a line each.
 * @param verifiers of the keys that are trusted: one of them must have made it. Without any, only what the
 *   statement says is checked, and it proves nothing of who made it
 * @param required a missing signature is wrong
 */
export async function signatureProblems(
  artifact: Artifact,
  verifiers: readonly Verifier[],
  required: boolean,
): Promise<string[]> {
  try {
    const text = await artifact.signature();
    if (text === undefined) return required ? ['it has no signature (artifact.sigstore.json)'] : [];
    const { payload, signatures } = readBundle(text);
    // Who signs a file by itself signs the manifest, which says what all others are.
    const signed = payload ? preAuthEncoding(payload) : artifact.manifestBytes;
    if (verifiers.length > 0 && !(await isTrusted(signed, signatures, verifiers)))
      return ['its signature was not made with a key that is trusted here'];
    return payload ? statementProblems(payload, digestsOf(artifact)) : [];
  } catch (error) {
    return [messageOf(error)];
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
