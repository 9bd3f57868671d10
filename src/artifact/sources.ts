// Artifacts that are not on a disk: by URL, or in memory.
import { ArtError, messageOf } from '../errors.js';
import type { ArtifactFiles } from './artifact.js';
import type { Folder } from './layouts/folder.js';

/** The first byte of every gzip file (RFC 1952). */
const GZIP_MAGIC = 0x1f;

/** The two files of an artifact in memory. */
export interface ArtifactBytes {
  manifest: Uint8Array | string | Blob;
  archive: Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
  /** artifact.sigstore.json, where there is one. */
  bundle?: Uint8Array | string | Blob;
}

async function bytesOf(content: Uint8Array | string | Blob): Promise<Uint8Array> {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  return content instanceof Blob ? new Uint8Array(await content.arrayBuffer()) : content;
}

/** A stream's chunks; not every browser lets one iterate over streams. */
export async function* chunksOf(
  source: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  if (!(source instanceof ReadableStream)) {
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

/** A folder on the web, and the file in it that a URL names; one that ends in '/' names the folder. */
export function folderByURL(url: URL): { folder: Folder; named: string | undefined } {
  const last = url.pathname.split('/').at(-1);
  const folder: Folder = {
    name: `'${url}'`,
    async open(path) {
      // Each step is only a name: what a URL has a meaning for ('?', '%2e%2e', 'https:') has none here.
      const from = path === last ? url : new URL(`./${path.split('/').map(encodeURIComponent).join('/')}`, url);
      // It may hold what gives access.
      from.search = url.search;
      const response = await fetch(from).catch((cause) => {
        throw new ArtError('INPUT_NOT_FOUND', `cannot fetch '${from}' (${messageOf(cause)})`, { cause });
      });
      if (response.ok && response.body) return asSent(chunksOf(response.body), from, response.headers);
      await response.body?.cancel();
      if (response.status === 404 || response.status === 410) return undefined;
      throw new ArtError('INPUT_NOT_FOUND', `cannot fetch '${from}': the server answered ${response.status}`);
    },
  };
  return { folder, named: last === '' ? undefined : last };
}

/** Says why where a server made of an archive what is no archive: fetch undoes the encoding that it names. */
async function* asSent(chunks: AsyncIterable<Uint8Array>, from: URL, headers: Headers): AsyncGenerator<Uint8Array> {
  const encoding = headers.get('content-encoding');
  let isFirst = encoding !== null && from.pathname.endsWith('.gz');
  for await (const chunk of chunks) {
    if (isFirst && chunk.length > 0 && chunk[0] !== GZIP_MAGIC)
      throw new Error(
        `'${from}' comes with 'Content-Encoding: ${encoding}', which unpacks it on the way: have the server send it as it is`,
      );
    isFirst &&= chunk.length === 0;
    yield chunk;
  }
}
