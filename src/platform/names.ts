/**
 * A folder in an output directory that exists while its content replaces the files there: docs/format.md, section 8.
 */
export const PUBLISHING_NAME = '.art-publishing';
/** The folder in it whose files are the artifact. */
export const PUBLISHED_NAME = 'whole';
