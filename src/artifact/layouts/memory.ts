// An artifact whose files are in memory.
import { chunksOf } from '../../platform/streams.js';
import type { WebBlob, WebByteStream } from '../../platform/web-types.js';
import type { ArtifactFiles } from '../files.js';

/** The files of an artifact in memory. */
export interface ArtifactBytes {
  /** artifact.json. */
  manifest: Uint8Array | string | WebBlob;
  /** artifact.tar.gz: bytes, a Blob, a ReadableStream of bytes, or another async iterable of bytes. */
  archive: Uint8Array | WebBlob | WebByteStream | AsyncIterable<Uint8Array>;
  /** artifact.sigstore.json, if there is one. */
  bundle?: Uint8Array | string | WebBlob;
}

async function bytesOf(content: Uint8Array | string | Blob): Promise<Uint8Array> {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  return content instanceof Blob ? new Uint8Array(await content.arrayBuffer()) : content;
}

/** A stream can be read only once, so its bytes are kept in memory. */
export function filesInMemory({ manifest, archive, bundle }: ArtifactBytes): ArtifactFiles {
  let kept: Promise<Uint8Array[]> | undefined;
  return {
    layout: 'archive',
    name: 'the artifact',
    manifest: () => bytesOf(manifest),
    bundle: async () => (bundle === undefined ? undefined : bytesOf(bundle)),
    async *archive(manifest) {
      if (archive instanceof Uint8Array) yield archive;
      else if (archive instanceof Blob) yield* chunksOf(archive.stream());
      else {
        kept ??= collect(chunksOf(archive), manifest.archive?.size ?? 0);
        yield* await kept;
      }
    },
  };
}

/** Collects chunks. It stops when there are more than `size` bytes, since a stream may have no end. */
async function collect(chunks: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array[]> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    // The producer of the stream may reuse the memory of a chunk.
    kept.push(chunk.slice());
    bytes += chunk.length;
    if (bytes > size) break;
  }
  return kept;
}
