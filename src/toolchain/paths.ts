// Where things lie in the compiler's file system. These names reach debug info
// and diagnostics, so they are part of what makes a build reproducible.

/** The project; also the working directory, so paths in the project are relative. */
export const PROJECT = '/src';
/** All else lies in one hidden folder: a drop-in compiler shows the host's own root around it. */
export const OWN = '/.art';
/** clang's own headers, and below lib/ compiler-rt: its resource directory. */
export const RESOURCES = '/.art/clang';
/** One folder a triple. */
export const SYSROOTS = '/.art/sysroot';
/** A sysroot of the user's. */
export const USER_SYSROOT = '/.art/user-sysroot';
/** What a run writes. */
export const OUTPUT = '/.art/out';
/** Files of a command that are not on the host. */
export const INPUTS = '/.art/in';
/** The profile that a build is given. */
export const PROFILE = '/.art/profile/profile';
/** Temporary files of the programs. */
export const TEMPORARY = '/.art/tmp';

/** Removes '.', '..' and empty parts of an absolute path, as text: there are no links. */
export function normalise(path: string): string {
  if (!path.includes('/.') && !path.includes('//') && !path.endsWith('/')) return path;
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
