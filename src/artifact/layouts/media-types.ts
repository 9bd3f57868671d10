// What the layouts are called where a name for a kind of data is wanted (RFC 6838, vendor tree). docs/format.md.

/** A whole artifact in one JSON file. */
export const JSON_LAYOUT = 'application/vnd.art-aot.artifact.v1+json';
/** What an OCI registry shows for an artifact. */
export const ARTIFACT_TYPE = 'application/vnd.art-aot.artifact.v1';
/** artifact.json. */
export const MANIFEST_TYPE = 'application/vnd.art-aot.manifest.v1+json';
/** artifact.tar.gz. */
export const ARCHIVE_TYPE = 'application/vnd.art-aot.archive.v1.tar+gzip';
/** artifact.sigstore.json. */
export const SIGNATURE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
