// Dependency files: rules of make(1) that name what a unit was compiled from, or what was linked.

/** A file name after the ':', with the separator before it: clang indents lines by two spaces, lld by one. */
const OWN = /(?: \\\n)? +\/\.art\/\S*/g;
/** A rule without prerequisites, as -MP and lld add for every file. */
const OWN_RULE = /^\/\.art\/\S*:\n\n?/gm;

/**
 * Removes art's own headers and libraries from a dependency file: they are not files of the host, and ninja rebuilds
 * every time what depends on a missing file.
 */
export function withoutOwnFiles(text: string): string {
  return text.replace(OWN_RULE, '').replace(OWN, '');
}

/**
 * Replaces art's own headers and libraries by their copies in a folder of the host. Blanks, '#' and '$' are escaped as
 * make(1) needs.
 */
export function withFilesBelow(folder: string, text: string): string {
  const escaped = folder.replace(/[ #]/g, '\\$&').replaceAll('$', '$$$$');
  return text.replace(/\/\.art\/(clang|sysroot)\//g, (_, place: string) => `${escaped}/${place}/`);
}
