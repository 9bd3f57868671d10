// Packs the archive of an artifact again from its entries, to the same bytes, for layouts that do not store it.

import { chunksOf } from '../../platform/streams.js';
import type { Hasher } from '../../platform/types.js';
import type { Entry } from '../archive-reader.js';
import { ArchiveWriter } from '../archive-writer.js';
import type { ReadManifest } from '../manifest.js';

/**
 * Packs the archive. Memory does not grow with the entries.
 * @param open returns the bytes of an entry; it is called for each entry in the manifest's order
 * @param done called after the last entry
 * @throws Error naming an entry whose bytes differ from what the manifest says
 */
export function packArchive(
  manifest: ReadManifest,
  sha256: () => Hasher,
  open: (entry: Entry) => Promise<AsyncIterable<Uint8Array>>,
  done: () => Promise<void> = async () => {},
): AsyncIterable<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const out = writable.getWriter();
  const writer = new ArchiveWriter(
    { sha256, append: (bytes) => out.write(bytes) },
    manifest.provenance?.source_date_epoch ?? 0,
  );
  const pack = async () => {
    for (const entry of manifest.entries) {
      const size = entry.size ?? 0;
      await writer.addStream(entry.path, size, exactly(entry, size, await open(entry)), isProgram(entry));
    }
    await done();
    await writer.finish();
    await out.close();
  };
  // The reader gets the error; if nobody reads any more, it does not matter.
  pack().catch((error) => out.abort(error).catch(() => {}));
  return chunksOf(readable);
}

const isProgram = ({ type }: Entry) => type.startsWith('executable/');

async function* exactly({ path }: Entry, size: number, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const chunk of chunks) {
    left -= chunk.length;
    if (left < 0) throw new Error(`'${path}' has more than its ${size} bytes`);
    yield chunk;
  }
  if (left > 0) throw new Error(`'${path}' has ${size - left} bytes, not ${size}`);
}
