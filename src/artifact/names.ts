// The files of an artifact.

export const MANIFEST_NAME = 'artifact.json';
export const ARCHIVE_NAME = 'artifact.tar.gz';
export const BUNDLE_NAME = 'artifact.sigstore.json';
/** What a build publishes together; the manifest, which says what the others are, comes last to its place. */
export const ARTIFACT_NAMES: readonly string[] = [ARCHIVE_NAME, BUNDLE_NAME, MANIFEST_NAME];
/** What `art build --shard` publishes in their stead: a part of an artifact. */
export const PART_NAME = 'part.json';
export const PART_ARCHIVE_NAME = 'part.tar.gz';
/** Of all this, a folder holds what was published there last. */
export const PUBLISHED_NAMES: readonly string[] = [PART_ARCHIVE_NAME, PART_NAME, ...ARTIFACT_NAMES];
/** artifact.json under the name that it has in the layout dir; its bytes are the same. */
export const DIRECTORY_MANIFEST = 'manifest.json';
