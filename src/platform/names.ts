/** A folder in an output directory, while what is in it takes the place of the files there: docs/format.md, section 8. */
export const PUBLISHING_NAME = '.art-publishing';
