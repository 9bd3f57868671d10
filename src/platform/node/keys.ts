// Reads and writes keys on disk. PEM with PKCS #8 (RFC 5958) and SubjectPublicKeyInfo (RFC 5280).
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { ArtError, messageOf } from '../../errors.js';
import { KEY_LIMIT, shownBytes } from '../../text/limits.js';
import type { Signer, Verifier } from '../types.js';
import { protectKey } from './protected-key.js';

/** Permissions of the group and of all others. */
const FOR_OTHERS = 0o077;

export const KEY_TYPES = ['ecdsa-p256', 'ed25519'] as const;
/** A type of key pairs: ECDSA P-256 or Ed25519. */
export type KeyType = (typeof KEY_TYPES)[number];

/**
 * Makes a key pair: `<prefix>.key`, which only its owner can read, and `<prefix>.pub`.
 * @param passphrase encrypts the private key; undefined leaves it unencrypted
 * @returns the paths of both files
 * @throws ArtError OUTPUT_NOT_WRITABLE; an existing key is never replaced
 */
export async function generateKeys(prefix: string, type: KeyType, passphrase: string | undefined): Promise<string[]> {
  const { privateKey, publicKey } =
    type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const text =
    passphrase === undefined
      ? privateKey.export({ type: 'pkcs8', format: 'pem' })
      : await protectKey(privateKey.export({ type: 'pkcs8', format: 'der' }), passphrase);
  const files = [
    { path: `${prefix}.key`, text, mode: 0o600 },
    { path: `${prefix}.pub`, text: publicKey.export({ type: 'spki', format: 'pem' }), mode: 0o644 },
  ];
  const made: string[] = [];
  for (const { path, text, mode } of files) {
    try {
      const file = await open(path, 'wx', mode);
      made.push(path);
      await file.writeFile(text);
      await file.close();
    } catch (cause) {
      // Half of a pair is of no use.
      for (const half of made) await rm(half, { force: true }).catch(() => {});
      throw new ArtError(
        'OUTPUT_NOT_WRITABLE',
        `cannot write the key '${path}' (${messageOf(cause)}): name another place with --out`,
        {
          cause,
        },
      );
    }
  }
  return files.map(({ path }) => path);
}

/**
 * Reads a private key.
 * @param passphrase called if the key is encrypted
 * @param onWarning called with a warning if other users may read the key
 * @throws ArtError KEY_INVALID
 */
export async function openSigner(
  path: string,
  passphrase: () => Promise<string | undefined>,
  onWarning?: (message: string) => void,
): Promise<Signer & { verify: Verifier }> {
  const pem = readKey(path);
  const permissions = statSync(path).mode & 0o777;
  if (process.platform !== 'win32' && permissions & FOR_OTHERS)
    onWarning?.(
      `others may read the private key '${path}' (its permissions are ${permissions.toString(8)}): forbid that with chmod 600`,
    );
  const isProtected = pem.includes('ENCRYPTED');
  const secret = isProtected ? await passphrase() : undefined;
  if (isProtected && secret === undefined)
    throw new ArtError(
      'KEY_INVALID',
      `cannot use the key '${path}': it is encrypted, and no passphrase was given: set ART_KEY_PASSPHRASE, or sign on a terminal, where art asks for it`,
    );
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: pem, ...(secret !== undefined && { passphrase: secret }) });
  } catch (cause) {
    const why = isProtected
      ? 'the passphrase is wrong: set ART_KEY_PASSPHRASE'
      : 'it is not a private key in PEM: make one with art keygen';
    throw new ArtError('KEY_INVALID', `cannot use the key '${path}': ${why}`, { cause });
  }
  checkType(path, key);
  const publicKey = createPublicKey(key);
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return {
    hint: createHash('sha256').update(spki).digest('base64'),
    sign: (bytes) => sign(algorithmOf(key), bytes, key),
    verify: (bytes, signature) => verify(algorithmOf(key), bytes, publicKey, signature),
  };
}

const algorithmOf = (key: KeyObject) => (key.asymmetricKeyType === 'ed25519' ? null : 'sha256');

/**
 * Makes a function that checks signatures with a public key.
 * @throws ArtError KEY_INVALID
 */
export async function openVerifier(path: string): Promise<Verifier> {
  let key: KeyObject;
  try {
    key = createPublicKey(readKey(path));
  } catch (cause) {
    if (cause instanceof ArtError) throw cause;
    throw new ArtError('KEY_INVALID', `'${path}' is no public key in PEM`, { cause });
  }
  checkType(path, key);
  return (bytes, signature) => verify(algorithmOf(key), bytes, key, signature);
}

/**
 * Reads the keys for a team's cache, private and public ones. All of them are trusted, and the private one signs.
 * @param passphrase called if a key is encrypted
 * @param onWarning called with a warning if other users may read a private key
 * @throws ArtError KEY_INVALID
 */
export async function openCacheKeys(
  paths: readonly string[],
  passphrase: () => Promise<string | undefined>,
  onWarning?: (message: string) => void,
): Promise<{ signer?: Signer; trusted: Verifier[] }> {
  const trusted: Verifier[] = [];
  let signer: Signer | undefined;
  for (const path of paths) {
    if (!readKey(path).includes('PRIVATE KEY')) trusted.push(await openVerifier(path));
    else if (signer)
      throw new ArtError('KEY_INVALID', `'${path}' is a second private key for the cache: name one, and public keys`);
    else {
      const opened = await openSigner(path, passphrase, onWarning);
      signer = opened;
      trusted.push(opened.verify);
    }
  }
  return { ...(signer && { signer }), trusted };
}

/** Reads a key up to the limit of its size: the path may be that of a device without end. */
function readKey(path: string): string {
  let bytes: Buffer;
  try {
    bytes = firstBytes(path, KEY_LIMIT.bytes + 1);
  } catch (cause) {
    throw new ArtError('KEY_INVALID', `cannot read the key '${path}' (${messageOf(cause)})`, { cause });
  }
  if (bytes.length <= KEY_LIMIT.bytes) return bytes.toString();
  throw new ArtError('KEY_INVALID', `'${path}' is no key: it is larger than ${shownBytes(KEY_LIMIT.bytes)}`);
}

/** Reads the beginning of a file, which may be a pipe. */
function firstBytes(path: string, most: number): Buffer {
  const bytes = Buffer.alloc(most);
  const file = openSync(path, 'r');
  try {
    let size = 0;
    for (let read = -1; read !== 0 && size < most; size += read) read = readSync(file, bytes, size, most - size, null);
    return bytes.subarray(0, size);
  } finally {
    closeSync(file);
  }
}

function checkType(path: string, key: KeyObject): void {
  const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  if (!isP256 && key.asymmetricKeyType !== 'ed25519')
    throw new ArtError(
      'KEY_INVALID',
      `'${path}' is a key of type ${key.asymmetricKeyType}: expected ECDSA P-256 or Ed25519`,
    );
}
