// The supported versions of glibc, and their order.

/** The oldest and the newest version that a target may name; versions are 2.<minor>. */
export const OLDEST_GLIBC = '2.17';
export const NEWEST_GLIBC = '2.43';
/**
 * The version for a target that names none: the oldest on which Node's own binaries run, and that of manylinux_2_28.
 */
export const DEFAULT_GLIBC = '2.28';

/** Whether a version of glibc or of a symbol, such as 2.17 or 2.2.5, is equal to another one or later. */
export function atLeast(version: string, other: string): boolean {
  const wanted = other.split('.').map(Number);
  const have = version.split('.').map(Number);
  for (const [i, number] of wanted.entries()) {
    const difference = (have[i] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Whether a version is supported and written as glibc writes it. */
export function isGlibcVersion(version: string): boolean {
  return /^2\.[1-9][0-9]$/.test(version) && atLeast(version, OLDEST_GLIBC) && atLeast(NEWEST_GLIBC, version);
}
