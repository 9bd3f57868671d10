import { Z_NO_FLUSH, Z_OK, Z_STREAM_END, ZStream, zlibInflate, zlibInflateEnd, zlibInflateInit2 } from 'pako';

/** zlib's windowBits for gzip with the largest window; its CRC is checked. */
const GZIP = 31;
/** Deflate compresses at most 1032:1, so a slice of this size expands to at most 17 MB. */
const SLICE = 1 << 14;
const OUTPUT = 1 << 18;

/**
 * Decompresses a stream that is exactly one gzip member (RFC 1952), with nothing after it: many readers stop after the
 * first member and do not see the rest.
 * @throws Error saying what is wrong
 */
export async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = new ZStream();
  zlibInflateInit2(stream, GZIP);
  let ended = false;
  try {
    for await (const chunk of source)
      for (let at = 0; at < chunk.length; at += SLICE) {
        if (ended) throw new Error('there are bytes after its end');
        stream.input = chunk.subarray(at, at + SLICE);
        stream.next_in = 0;
        stream.avail_in = stream.input.length;
        do {
          stream.output = new Uint8Array(OUTPUT);
          stream.next_out = 0;
          stream.avail_out = OUTPUT;
          const status = zlibInflate(stream, Z_NO_FLUSH);
          if (stream.next_out > 0) yield stream.output.subarray(0, stream.next_out);
          if (status === Z_STREAM_END) ended = true;
          // Z_BUF_ERROR only means that there is no more input.
          else if (status !== Z_OK && stream.avail_in > 0) throw new Error(stream.msg || 'its data is damaged');
        } while (!ended && (stream.avail_in > 0 || stream.avail_out === 0));
        if (ended && stream.avail_in > 0) throw new Error('there are bytes after its end');
      }
  } finally {
    zlibInflateEnd(stream);
  }
  if (!ended) throw new Error('its end is missing');
}
