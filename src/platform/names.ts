/** A folder in an output directory, while what is in it takes the place of the files there: docs/format.md, section 8. */
export const PUBLISHING_NAME = '.art-publishing';
/** The folder in it that makes it a publication: its files are the artifact. */
export const PUBLISHED_NAME = 'whole';
