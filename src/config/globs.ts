import { isAbsolute, relative } from 'pathe';
import picomatch from 'picomatch';
import type { HostFiles } from '../platform/types.js';

/** The directory walk decides about hidden names; and a pattern means the same on every system. */
const OPTIONS: picomatch.PicomatchOptions = { dot: true, windows: false };

/** Whether a path can be meant as a glob. */
export function isGlob(path: string): boolean {
  return picomatch.scan(path, OPTIONS).isGlob;
}

/** The directory from which a glob starts: its part before the first special character; '' if it has none. */
export function globBase(pattern: string): string {
  return picomatch.scan(pattern, OPTIONS).base;
}

/**
 * Makes a test whether an absolute path matches a glob, or is in a directory that does.
 * @param from the directory that relative patterns are resolved against
 * @param files resolve '..'
 */
export function pathMatcher(
  pattern: string,
  from: string,
  files: Pick<HostFiles, 'resolve'>,
): (path: string) => boolean {
  const absolute = isAbsolute(pattern);
  const plain = pattern.replace(/^(\.\/+)+/, '').replace(/\/+$/, '');
  if (plain === '' || plain === '.') return (path) => path === from || path.startsWith(`${from}/`);
  // '..' is removed from the pattern, since picomatch does not support it.
  const up = plain.startsWith(globBase(plain)) ? (/^(.*\/)?\.\.\//.exec(`${globBase(plain)}/`)?.[0] ?? '') : '';
  const start = files.resolve(from, up);
  const rest = plain.slice(up.length);
  const matches = rest === '' ? () => false : picomatch([rest, `${rest}/**`], OPTIONS);
  // A name may contain characters that are special in a glob.
  const itself = files.resolve(from, plain);
  return (path) =>
    path === itself || path.startsWith(`${itself}/`) || matches(absolute && up === '' ? path : relative(start, path));
}
