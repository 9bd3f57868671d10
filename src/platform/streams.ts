// Streams of bytes.
import { joined } from '../text/bytes.js';
import type { WebByteStream } from './web-types.js';

/** Iterates over the chunks of a stream, which not every browser supports directly. */
export async function* chunksOf(source: WebByteStream | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (!('getReader' in source)) {
    yield* source;
    return;
  }
  const reader = source.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel();
  }
}

/** All of a stream; undefined if there are more bytes than `most`. */
export async function bytesUpTo(source: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return joined(chunks);
}
