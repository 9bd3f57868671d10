// Artifacts that are not on a disk: by URL, or in memory.
import { ArtError, messageOf } from '../errors.js';
import type { ArtifactFiles } from './artifact.js';
import type { Folder } from './layouts/folder.js';

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
  let kept: Uint8Array[] | undefined;
  return {
    layout: 'archive',
    name: 'the artifact',
    manifest: () => bytesOf(manifest),
    bundle: async () => (bundle === undefined ? undefined : bytesOf(bundle)),
    async *archive() {
      if (archive instanceof Blob) {
        yield* chunksOf(archive.stream());
        return;
      }
      if (!kept) {
        kept = [];
        if (archive instanceof Uint8Array) kept.push(archive);
        else for await (const chunk of chunksOf(archive)) kept.push(chunk);
      }
      yield* kept;
    },
  };
}

/** A folder on the web, and the file in it that a URL names; one that ends in '/' names the folder. */
export function folderByURL(url: URL): { folder: Folder; named: string | undefined } {
  const last = url.pathname.split('/').at(-1);
  const folder: Folder = {
    name: `'${url}'`,
    async open(path) {
      // Each step is only a name: what a URL has a meaning for ('?', '%2e%2e', 'https:') has none here.
      const from = path === last ? url : new URL(`./${path.split('/').map(encodeURIComponent).join('/')}`, url);
      const response = await fetch(from).catch((cause) => {
        throw new ArtError('INPUT_NOT_FOUND', `cannot fetch '${from}' (${messageOf(cause)})`, { cause });
      });
      if (response.ok && response.body) return chunksOf(response.body);
      await response.body?.cancel();
      if (response.status === 404 || response.status === 410) return undefined;
      throw new ArtError('INPUT_NOT_FOUND', `cannot fetch '${from}': the server answered ${response.status}`);
    },
  };
  return { folder, named: last === '' ? undefined : last };
}
