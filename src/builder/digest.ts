import type { Hasher } from '../platform/types.js';

/** The sha256 of bytes that come in chunks, in hex. @param hash a new one */
export async function digestOf(chunks: AsyncIterable<Uint8Array>, hash: Hasher): Promise<string> {
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest();
}
