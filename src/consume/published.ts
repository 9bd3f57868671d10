import type { ArtifactBytes } from '../artifact/layouts/memory.js';
import { ARCHIVE_NAME, BUNDLE_NAME, MANIFEST_NAME } from '../artifact/names.js';
import type { Published } from '../platform/memory-staging.js';

/** The artifact that a build published in memory. Its archive is empty if only the manifest was made. */
export function artifactIn(
  published: Published,
): ArtifactBytes & { manifest: string; archive: Uint8Array<ArrayBuffer>; bundle?: Uint8Array<ArrayBuffer> } {
  const bytes = (name: string) => published.get(name) ?? new Uint8Array(0);
  const bundle = published.get(BUNDLE_NAME);
  return {
    manifest: new TextDecoder().decode(bytes(MANIFEST_NAME)),
    archive: bytes(ARCHIVE_NAME),
    ...(bundle && { bundle }),
  };
}
