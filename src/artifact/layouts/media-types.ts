// Media types of the layouts and of their files (RFC 6838, vendor tree). docs/format.md.

/** A whole artifact in one JSON file. */
export const JSON_LAYOUT = 'application/vnd.art-aot.artifact.v1+json';
/** The artifactType that an OCI registry shows. */
export const ARTIFACT_TYPE = 'application/vnd.art-aot.artifact.v1';
/** artifact.json. */
export const MANIFEST_TYPE = 'application/vnd.art-aot.manifest.v1+json';
/** artifact.tar.gz. */
export const ARCHIVE_TYPE = 'application/vnd.art-aot.archive.v1.tar+gzip';
/** artifact.sigstore.json. */
export const SIGNATURE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
