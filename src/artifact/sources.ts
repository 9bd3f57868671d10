// Artifacts that are not on a disk: by URL, or in memory.
import { ArtError, messageOf } from '../errors.js';
import type { ArtifactFiles } from './artifact.js';
import { BUNDLE_NAME, MANIFEST_NAME } from './manifest.js';

/** The two files of an artifact in memory. */
export interface ArtifactBytes {
  manifest: Uint8Array | string;
  archive: Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
  /** artifact.sigstore.json, where there is one. */
  bundle?: Uint8Array;
}

/** A stream is kept in memory, since it can be read only once. */
export function filesInMemory({ manifest, archive, bundle }: ArtifactBytes): ArtifactFiles {
  let kept: Uint8Array[] | undefined;
  return {
    name: 'the artifact',
    manifest: async () => (typeof manifest === 'string' ? new TextEncoder().encode(manifest) : manifest),
    bundle: async () => bundle,
    async *archive() {
      if (archive instanceof Uint8Array) kept = [archive];
      if (!kept) {
        kept = [];
        for await (const chunk of archive as AsyncIterable<Uint8Array>) kept.push(chunk);
      }
      yield* kept;
    },
  };
}

/**
 * @param url of artifact.json, or of the folder that holds it, ending in '/'
 */
export function filesByURL(url: URL): ArtifactFiles {
  const manifest = url.pathname.endsWith('/') ? new URL(MANIFEST_NAME, url) : url;
  const get = async (from: URL) => {
    const response = await fetch(from).catch((cause) => {
      throw new ArtError('INPUT_NOT_FOUND', `cannot fetch '${from}' (${messageOf(cause)})`, { cause });
    });
    if (!response.ok || !response.body)
      throw new ArtError('INPUT_NOT_FOUND', `cannot fetch '${from}': the server answered ${response.status}`);
    return response;
  };
  return {
    name: `'${url}'`,
    manifest: async () => new Uint8Array(await (await get(manifest)).arrayBuffer()),
    async bundle() {
      const response = await fetch(new URL(BUNDLE_NAME, manifest)).catch(() => undefined);
      return response?.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
    },
    async *archive(path) {
      yield* (await get(new URL(path, manifest))).body as unknown as AsyncIterable<Uint8Array>;
    },
  };
}
