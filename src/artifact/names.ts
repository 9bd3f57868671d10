// Names of the files of an artifact.

export const MANIFEST_NAME = 'artifact.json';
export const ARCHIVE_NAME = 'artifact.tar.gz';
export const BUNDLE_NAME = 'artifact.sigstore.json';
/** The files that a build publishes together. The manifest, which describes the others, is moved to its place last. */
export const ARTIFACT_NAMES: readonly string[] = [ARCHIVE_NAME, BUNDLE_NAME, MANIFEST_NAME];
/** The file that `art build --shard` publishes instead of artifact.json: a part of an artifact. */
export const PART_NAME = 'part.json';
export const PART_ARCHIVE_NAME = 'part.tar.gz';
/** All names that can be published. A folder has those of the last publication. */
export const PUBLISHED_NAMES: readonly string[] = [PART_ARCHIVE_NAME, PART_NAME, ...ARTIFACT_NAMES];
/** The name of artifact.json in the layout dir; its bytes are the same. */
export const DIRECTORY_MANIFEST = 'manifest.json';
