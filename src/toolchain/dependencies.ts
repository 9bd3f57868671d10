// Dependency files: rules of make(1) that name what a unit was compiled from, or what was linked.

/** A name after the ':', and what parts it from the one before: clang indents lines by two spaces, lld by one. */
const OWN = /(?: \\\n)? +\/\.art\/\S*/g;
/** A rule without prerequisites, as -MP and lld add for every file. */
const OWN_RULE = /^\/\.art\/\S*:\n\n?/gm;

/**
 * A dependency file without this package's own headers and libraries: they are no files of the
 * host, and ninja builds anew, every time, what depends on a file that is not there.
 */
export function withoutOwnFiles(text: string): string {
  return text.replace(OWN_RULE, '').replace(OWN, '');
}

/** The same file with ours where a folder of the host has them, as make(1) reads names with blanks, '#' and '$'. */
export function withFilesBelow(folder: string, text: string): string {
  const escaped = folder.replace(/[ #]/g, '\\$&').replaceAll('$', '$$$$');
  return text.replace(/\/\.art\/(clang|sysroot)\//g, (_, place: string) => `${escaped}/${place}/`);
}
