// DSSE, the Dead Simple Signing Envelope, protocol v1 (github.com/secure-systems-lab/dsse),
// inside a Sigstore bundle v0.3 with a public key and no transparency log.
import { BUNDLE_BOUNDS, MAX_SIGNATURES } from '../artifact/bounds.js';
import { BUNDLE_NAME } from '../artifact/names.js';
import { ArtError, messageOf } from '../errors.js';
import { parseWithin } from '../text/bounded-json.js';
import { shownValue } from '../text/schema-issues.js';

const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** The content of a bundle: a signed payload, or only the signature of a file. */
export interface SignedPayload {
  /** Undefined if the signature is that of a file. */
  payload: Uint8Array | undefined;
  /** The signatures, each over preAuthEncoding(payload), or over the file. */
  signatures: Uint8Array[];
}

const encoder = new TextEncoder();

/** PAE, the bytes that are signed; they include the type of the payload. */
export function preAuthEncoding(payload: Uint8Array): Uint8Array {
  const head = encoder.encode(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `);
  const all = new Uint8Array(head.length + payload.length);
  all.set(head);
  all.set(payload, head.length);
  return all;
}

/**
 * Makes the text of a bundle. It depends only on payload, signature and key.
 * @param hint identifies the key: base64 of the sha256 of its SubjectPublicKeyInfo, as cosign does
 */
export function writeBundle(payload: Uint8Array, signature: Uint8Array, hint: string): string {
  const bundle = {
    mediaType: BUNDLE_TYPE,
    verificationMaterial: { publicKey: { hint }, tlogEntries: [] },
    dsseEnvelope: {
      payload: toBase64(payload),
      payloadType: PAYLOAD_TYPE,
      signatures: [{ sig: toBase64(signature) }],
    },
  };
  return `${JSON.stringify(bundle, null, 2)}\n`;
}

/**
 * Reads a bundle of art or of cosign: of `cosign attest-blob`, or of `cosign sign-blob`.
 * @throws ArtError SIGNATURE_INVALID, naming what is missing
 */
export function readBundle(text: string): SignedPayload {
  const fail = (what: string, cause?: unknown) =>
    new ArtError('SIGNATURE_INVALID', `${BUNDLE_NAME} is no Sigstore bundle with a DSSE envelope: ${what}`, { cause });
  let json: Record<string, unknown> | null;
  try {
    json = parseWithin(text, BUNDLE_BOUNDS) as typeof json;
  } catch (cause) {
    throw fail(`it ${messageOf(cause)}`, cause);
  }
  const mediaType = json?.mediaType;
  if (
    typeof mediaType !== 'string' ||
    !/^application\/vnd\.dev\.sigstore\.bundle(\.v0\.3\+json|\+json;version=0\.[123])$/.test(mediaType)
  )
    throw fail(`its mediaType is ${shownValue(mediaType)}, expected "${BUNDLE_TYPE}"`);
  const message = json?.messageSignature as { signature?: unknown } | undefined;
  if (message) {
    try {
      return { payload: undefined, signatures: [fromBase64(message.signature)] };
    } catch (cause) {
      throw fail('its signature is not base64', cause);
    }
  }
  const envelope = json?.dsseEnvelope as { payload?: unknown; payloadType?: unknown; signatures?: unknown } | undefined;
  if (!envelope) throw fail('it has no dsseEnvelope');
  if (envelope.payloadType !== PAYLOAD_TYPE) throw fail(`its payloadType is not "${PAYLOAD_TYPE}"`);
  const { signatures } = envelope;
  if (!Array.isArray(signatures) || signatures.length === 0) throw fail('it has no signatures');
  if (signatures.length > MAX_SIGNATURES)
    throw fail(`it has ${signatures.length} signatures, more than the ${MAX_SIGNATURES} allowed`);
  try {
    return {
      payload: fromBase64(envelope.payload),
      signatures: signatures.map((s: { sig?: unknown } | null) => fromBase64(s?.sig)),
    };
  } catch (cause) {
    throw fail('a payload or signature is not base64', cause);
  }
}

function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 1 << 15) text += String.fromCharCode(...bytes.subarray(at, at + (1 << 15)));
  return btoa(text);
}

function fromBase64(text: unknown): Uint8Array {
  if (typeof text !== 'string') throw new TypeError('not a string');
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
