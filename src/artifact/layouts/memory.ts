// An artifact in memory: its files one by one.
import { chunksOf } from '../../platform/web-folder.js';
import type { WebBlob, WebByteStream } from '../../platform/web-types.js';
import type { ArtifactFiles } from '../files.js';

/** The two files of an artifact in memory. */
export interface ArtifactBytes {
  manifest: Uint8Array | string | WebBlob;
  /** Bytes, a Blob, or a ReadableStream or another iterable of bytes. */
  archive: Uint8Array | WebBlob | WebByteStream | AsyncIterable<Uint8Array>;
  /** artifact.sigstore.json, where there is one. */
  bundle?: Uint8Array | string | WebBlob;
}

async function bytesOf(content: Uint8Array | string | Blob): Promise<Uint8Array> {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  return content instanceof Blob ? new Uint8Array(await content.arrayBuffer()) : content;
}

/** A stream is kept in memory, since it can be read only once. */
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

/** Chunks up to the one that shows that there are more bytes than `size`: a stream may have no end. */
async function collect(chunks: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array[]> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    // Who made it may use its memory again.
    kept.push(chunk.slice());
    bytes += chunk.length;
    if (bytes > size) break;
  }
  return kept;
}
