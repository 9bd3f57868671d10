// Signed results. Whoever can write to a cache can put anything there; with signatures, results are used only if a
// trusted key made them. Contents need no signature, since results name them by their sha256.
import type { CacheStore, Signer, Verifier } from '../platform/types.js';
import { joined } from '../text/bytes.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('latin1');
/** A signed result: `art-cache-1 <signature in base64>`, a newline, and the result. */
const HEAD = /^art-cache-1 ([A-Za-z0-9+/=]{1,1024})\n/;
const MAX_HEAD = 1100;

/** The bytes that are signed: the result and its key, so that it is not valid under another key. */
function signedBytes(key: string, bytes: Uint8Array): Uint8Array {
  return joined([encoder.encode(`art cache result 1\n${key}\n`), bytes]);
}

/**
 * A store whose results are signed, and used only if a trusted key signed them.
 * @param signer left out: nothing is stored
 * @param warn called once if a result is not signed by a trusted key
 */
export function signedStore(
  store: CacheStore,
  signer: Signer | undefined,
  trusted: readonly Verifier[],
  warn: (message: string) => void,
): CacheStore {
  let isWarned = false;
  return {
    async result(key) {
      const bytes = await store.result(key);
      if (bytes === undefined) return undefined;
      const [head, signature] = HEAD.exec(decoder.decode(bytes.subarray(0, MAX_HEAD))) ?? [];
      const result = bytes.subarray(head?.length ?? 0);
      if (signature !== undefined && (await isSigned(signedBytes(key, result), signature, trusted))) return result;
      if (!isWarned) warn('the remote cache has results that no trusted key signed: they are not used');
      isWarned = true;
      return undefined;
    },
    async putResult(key, bytes) {
      if (!signer) return;
      const signature = btoa(String.fromCharCode(...signer.sign(signedBytes(key, bytes))));
      await store.putResult(key, joined([encoder.encode(`art-cache-1 ${signature}\n`), bytes]));
    },
    content: (sha256) => store.content(sha256),
    async putContent(sha256, bytes) {
      if (signer) await store.putContent(sha256, bytes);
    },
    close: (use) => store.close(use),
  };
}

async function isSigned(bytes: Uint8Array, signature: string, trusted: readonly Verifier[]): Promise<boolean> {
  let raw: Uint8Array;
  try {
    raw = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0));
  } catch {
    return false;
  }
  for (const verify of trusted) if (await verify(bytes, raw)) return true;
  return false;
}
