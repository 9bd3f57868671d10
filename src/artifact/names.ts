// The files of an artifact.

export const MANIFEST_NAME = 'artifact.json';
export const ARCHIVE_NAME = 'artifact.tar.gz';
export const BUNDLE_NAME = 'artifact.sigstore.json';
/** artifact.json under the name that it has in the layout dir; its bytes are the same. */
export const DIRECTORY_MANIFEST = 'manifest.json';
