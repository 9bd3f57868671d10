import { isAbsolute, relative } from 'pathe';
import picomatch from 'picomatch';
import type { HostFiles } from '../platform/types.js';

/** Hidden names are the walk's business; and a pattern means the same on every system. */
const OPTIONS: picomatch.PicomatchOptions = { dot: true, windows: false };

/** True for a path that may be meant as a glob. */
export function isGlob(path: string): boolean {
  return picomatch.scan(path, OPTIONS).isGlob;
}

/** The directory that a glob starts from: its part before the first special character; '' for none. */
export function globBase(pattern: string): string {
  return picomatch.scan(pattern, OPTIONS).base;
}

/**
 * A test for absolute paths: do they match a glob, or lie in a directory that does?
 * @param from where relative patterns start
 * @param files say where '..' leads
 */
export function pathMatcher(
  pattern: string,
  from: string,
  files: Pick<HostFiles, 'resolve'>,
): (path: string) => boolean {
  const absolute = isAbsolute(pattern);
  const plain = pattern.replace(/^(\.\/+)+/, '').replace(/\/+$/, '');
  if (plain === '' || plain === '.') return (path) => path === from || path.startsWith(`${from}/`);
  // Parent directories are taken off the pattern, for picomatch knows none.
  const up = plain.startsWith(globBase(plain)) ? (/^(.*\/)?\.\.\//.exec(`${globBase(plain)}/`)?.[0] ?? '') : '';
  const start = files.resolve(from, up);
  const rest = plain.slice(up.length);
  const matches = rest === '' ? () => false : picomatch([rest, `${rest}/**`], OPTIONS);
  // A name may hold what is special in a glob.
  const itself = files.resolve(from, plain);
  return (path) =>
    path === itself || path.startsWith(`${itself}/`) || matches(absolute && up === '' ? path : relative(start, path));
}
