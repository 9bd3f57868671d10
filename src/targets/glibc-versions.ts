// Which versions of glibc there are, and their order.

/** The versions that a target may name: glibc is 2.<minor>. */
export const OLDEST_GLIBC = '2.17';
export const NEWEST_GLIBC = '2.43';
/** What a target means that names none: the oldest that Node's own programs and manylinux_2_28 run on. */
export const DEFAULT_GLIBC = '2.28';

/** Whether a version of glibc or of a symbol, such as 2.17 or 2.2.5, is another one or a later one. */
export function atLeast(version: string, other: string): boolean {
  const wanted = other.split('.').map(Number);
  const have = version.split('.').map(Number);
  for (const [i, number] of wanted.entries()) {
    const difference = (have[i] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Whether there is such a version here, spelled as glibc spells it. */
export function isGlibcVersion(version: string): boolean {
  return /^2\.[1-9][0-9]$/.test(version) && atLeast(version, OLDEST_GLIBC) && atLeast(NEWEST_GLIBC, version);
}
