// Encrypts a private key with a passphrase: PKCS #8 with PBES2 (RFC 5958, RFC 8018), in PEM. Own code, since
// node:crypto uses 2,048 rounds and has no option for more.
import { createCipheriv, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

/** The number of rounds that OWASP recommends for PBKDF2 with HMAC-SHA256 (Password Storage Cheat Sheet, 2023). */
const ROUNDS = 600_000;
const KEY_BYTES = 32;

/** Encodes a value in DER (X.690): a tag, the length in its shortest form, the contents. */
function der(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(body.length.toString(16).padStart(body.length < 0x100 ? 2 : 4, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

const sequence = (...contents: Uint8Array[]) => der(0x30, ...contents);
const octets = (bytes: Uint8Array) => der(0x04, bytes);
const object = (hex: string) => der(0x06, Buffer.from(hex, 'hex'));
const NULL = der(0x05);

const PBES2 = object('2a864886f70d01050d');
const PBKDF2 = object('2a864886f70d01050c');
const HMAC_SHA256 = object('2a864886f70d0209');
const AES_256_CBC = object('60864801650304012a');
/** ROUNDS as an INTEGER. */
const ITERATIONS = der(0x02, Buffer.from(ROUNDS.toString(16).padStart(6, '0'), 'hex'));

/**
 * @param key PKCS #8 in DER, shorter than 32 KiB
 * @returns PEM, which OpenSSL and everything else that supports PBES2 can read
 */
export async function protectKey(key: Uint8Array, passphrase: string): Promise<string> {
  const salt = randomBytes(16);
  const iv = randomBytes(16);
  const secret = await promisify(pbkdf2)(passphrase, salt, ROUNDS, KEY_BYTES, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', secret, iv);
  const encrypted = Buffer.concat([cipher.update(key), cipher.final()]);
  const derivation = sequence(PBKDF2, sequence(octets(salt), ITERATIONS, sequence(HMAC_SHA256, NULL)));
  const algorithm = sequence(PBES2, sequence(derivation, sequence(AES_256_CBC, octets(iv))));
  const base64 = sequence(algorithm, octets(encrypted)).toString('base64');
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${base64.replace(/.{1,64}/g, '$&\n')}-----END ENCRYPTED PRIVATE KEY-----\n`;
}
