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
/** Interfaces of modules that a unit imports, a file each. */
export const INTERFACES = '/.art/modules';
/** And the standard library's. */
export const STANDARD_MODULES = '/.art/standard-modules';
/** What a unit begins with, as text and as clang compiled it. */
export const PREAMBLE = '/.art/preamble/text';
export const COMPILED_PREAMBLE = '/.art/preamble/compiled.pch';
/** Temporary files of the programs. */
export const TEMPORARY = '/.art/tmp';

/** What of the host is neither here nor in a mount, and on the way between two mounts: the directories above them. */
export const ABOVE = '/.art/above';

/** Removes '.', '..' and empty parts of an absolute path, as text: right where no link stands before a '..'. */
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
 * An absolute path without '.' and '..'. A '..' leads up from where a link before it leads, as in the kernel; all other
 * links stay as they are written. Below what is not there, nothing is.
 * @param real the real path of a directory; undefined where none is there
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
