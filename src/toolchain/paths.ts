// Paths in the compiler's file system. They reach debug info and diagnostics, so a build is reproducible only if they
// stay the same.

/** The project; also the working directory, so paths in the project are relative. */
export const PROJECT = '/src';
/** The folder for everything that is art's own. For compiler commands, the host's own root is around it. */
export const OWN = '/.art';
/** clang's own headers, and below lib/ compiler-rt: its resource directory. */
export const RESOURCES = '/.art/clang';
/** The sysroots, one folder for each. */
export const SYSROOTS = '/.art/sysroot';
/** The user's sysroot. */
export const USER_SYSROOT = '/.art/user-sysroot';
/** The outputs of a run. */
export const OUTPUT = '/.art/out';
/** Input files of a command that are not on the host. */
export const INPUTS = '/.art/in';
/** The profile of the build. */
export const PROFILE = '/.art/profile/profile';
/** The interfaces of modules that a unit imports, one file each. */
export const INTERFACES = '/.art/modules';
/** The modules of the standard library. */
export const STANDARD_MODULES = '/.art/standard-modules';
/** The preamble of a unit: its text, and what clang compiled from it. */
export const PREAMBLE = '/.art/preamble/text';
export const COMPILED_PREAMBLE = '/.art/preamble/compiled.pch';
/** Temporary files of the programs. */
export const TEMPORARY = '/.art/tmp';

/**
 * Represents the host's directories above the mounts. Programs do not see what is in them, but a path may pass through
 * them with '..'.
 */
export const ABOVE = '/.art/above';

/**
 * Removes '.', '..' and empty parts of an absolute path as text. This is correct only if no link comes before a '..'.
 */
export function normalise(path: string): string {
  if (!path.includes('/.') && !path.includes('//') && !path.endsWith('/')) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/**
 * Removes '.' and '..' from an absolute path. A '..' after a link means the parent of the link's target, as in the
 * kernel; other links stay in the path. Below a missing directory nothing is resolved.
 * @param real returns the real path of a directory; undefined if there is none
 */
export function foldUp(path: string, real: (directory: string) => string | undefined): string {
  if (!/(^|\/)\.\.(\/|$)/.test(path)) return normalise(path);
  let parts: string[] = [];
  let isThere = true;
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') {
      parts.push(part);
      continue;
    }
    if (!isThere || parts.length === 0) continue;
    const at = real(`/${parts.join('/')}`);
    isThere = at !== undefined;
    if (at === undefined) continue;
    const name = parts.pop();
    const above = real(`/${parts.join('/')}`) ?? '';
    if (at !== `${above === '/' ? '' : above}/${name}`) parts = at.split('/').slice(1, -1);
  }
  return `/${parts.join('/')}`;
}
