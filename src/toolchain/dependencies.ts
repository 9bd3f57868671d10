// Dependency files: rules of make(1) that name what a unit was compiled from.

/** A name after the ':', and what parts it from the one before. */
const OWN = /(?: \\\n )? \/\.art\/\S*/g;
/** A rule without prerequisites, as -MP adds for every header. */
const OWN_RULE = /^\/\.art\/\S*:\n\n?/gm;

/**
 * A dependency file without this package's own headers: they are no files of the
 * host, and ninja builds anew, every time, what depends on a file that is not there.
 */
export function withoutOwnHeaders(text: string): string {
  return text.replace(OWN_RULE, '').replace(OWN, '');
}
