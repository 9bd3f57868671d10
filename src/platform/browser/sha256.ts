import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Hasher } from '../types.js';

/** A SHA-256 that takes its input in pieces, which WebCrypto's cannot. */
export function openHasher(): Hasher {
  const hash = sha256.create();
  return { update: (bytes) => void hash.update(bytes), digest: () => bytesToHex(hash.digest()) };
}

/** The digest of some bytes, in hex. */
export const hashBytes = (bytes: Uint8Array): string => bytesToHex(sha256(bytes));

/**
 * As hashBytes, but without blocking this thread if the browser offers WebCrypto, as it does on https and on localhost.
 */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const { subtle } = crypto as Partial<Crypto>;
  return subtle ? bytesToHex(new Uint8Array(await subtle.digest('SHA-256', bytes))) : hashBytes(bytes);
}
