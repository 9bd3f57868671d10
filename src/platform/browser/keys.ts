// Reads public keys for WebCrypto. PEM with SubjectPublicKeyInfo (RFC 5280).
import { ArtError } from '../../errors.js';
import type { Verifier } from '../types.js';

const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const ECDSA = { name: 'ECDSA', hash: 'SHA-256' };
const ED25519 = { name: 'Ed25519' };
/** Length in bytes of each of the two numbers of a P-256 signature. */
const P256_BYTES = 32;

/**
 * Makes a function that checks signatures with a public key.
 * @param pem text of an ECDSA P-256 or Ed25519 key
 * @throws ArtError KEY_INVALID
 */
export async function openVerifier(pem: string): Promise<Verifier> {
  const { subtle } = crypto as Partial<Crypto>;
  if (!subtle)
    throw new ArtError(
      'KEY_INVALID',
      'signatures cannot be checked on this page: browsers allow it only on https pages',
    );
  const der = decodePem(pem);
  const imported = async (algorithm: typeof P256 | typeof ED25519) =>
    subtle.importKey('spki', der, algorithm, false, ['verify']).catch(() => undefined);
  const p256 = await imported(P256);
  if (p256) return async (bytes, signature) => subtle.verify(ECDSA, p256, rawSignature(signature), copyOf(bytes));
  const ed25519 = await imported(ED25519);
  if (ed25519) return async (bytes, signature) => subtle.verify(ED25519, ed25519, copyOf(signature), copyOf(bytes));
  throw new ArtError(
    'KEY_INVALID',
    'a key is of a type that this browser does not support: expected ECDSA P-256 or, in browsers of 2025 and later, Ed25519',
  );
}

const copyOf = (bytes: Uint8Array) => new Uint8Array(bytes);

function decodePem(pem: string): Uint8Array<ArrayBuffer> {
  const base64 = /-----BEGIN PUBLIC KEY-----([\sA-Za-z0-9+/=]+)-----END PUBLIC KEY-----/.exec(pem)?.[1];
  try {
    if (base64) return Uint8Array.from(atob(base64.replace(/\s/g, '')), (c) => c.charCodeAt(0));
  } catch {
    // reported below
  }
  throw new ArtError('KEY_INVALID', 'a key is not a public key in PEM: expected -----BEGIN PUBLIC KEY-----');
}

/**
 * Converts a signature from DER (RFC 3279: a sequence of two integers) to the two numbers side by side (IEEE P1363), as
 * WebCrypto needs it. Anything else becomes a signature that is never valid.
 */
function rawSignature(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const raw = new Uint8Array(2 * P256_BYTES);
  const none = new Uint8Array(0);
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return none;
  let at = 2;
  for (const end of [P256_BYTES, 2 * P256_BYTES]) {
    const length = der[at + 1] ?? 0;
    const number = der.subarray(at + 2, at + 2 + length);
    if (der[at] !== 0x02 || length === 0 || number.length !== length) return none;
    const digits = number[0] === 0 ? number.subarray(1) : number;
    if (digits.length > P256_BYTES) return none;
    raw.set(digits, end - digits.length);
    at += 2 + length;
  }
  return at === der.length ? raw : none;
}
