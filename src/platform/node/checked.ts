// Reads files by handle. Between looking at a path and opening it, somebody may replace a folder by a link, so the path
// of the opened file is checked, and only that file is read.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';

/** What the kernel appends to the path of a file whose name has been removed. */
const GONE = / \(deleted\)$/;
/** O_NONBLOCK, so that opening a pipe does not block. Windows has neither flag. */
const { O_RDONLY, O_NONBLOCK = 0, O_DIRECTORY = 0 } = constants;

type IsAllowed = (real: string) => boolean;

/**
 * Reads a file.
 * @param path its real path
 * @param isAllowed whether the file at a real path may be read
 * @throws Error of the system; EACCES if it has been replaced by a file that may not be read
 */
export function readChecked(path: string, isAllowed: IsAllowed): Uint8Array {
  return withChecked(path, O_RDONLY | O_NONBLOCK, isAllowed, (fd) => readFileSync(fd));
}

/** The names in a directory; none if it cannot be read or has been replaced. */
export function listChecked(path: string, isAllowed: IsAllowed): string[] {
  try {
    if (procPath === undefined) return readdirSync(path);
    return withChecked(path, O_RDONLY | O_DIRECTORY, isAllowed, (fd) => readdirSync(procPath(fd)));
  } catch {
    return [];
  }
}

function withChecked<T>(path: string, flags: number, isAllowed: IsAllowed, use: (fd: number) => T): T {
  const fd = openSync(path, flags);
  try {
    if (!isAllowed('/') && !isAllowed(placeOf(fd, path)))
      throw Object.assign(new Error(`it is not what was looked at: '${path}'`), { code: 'EACCES' });
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** On Linux: a path of an open file, through which it, or what is below it, can be accessed without its name. */
export const procPath: ((fd: number) => string) | undefined =
  process.platform === 'linux' && isProcMounted() ? (fd) => `/proc/self/fd/${fd}` : undefined;

function isProcMounted(): boolean {
  try {
    return lstatSync('/proc/self/fd').isDirectory();
  } catch {
    return false;
  }
}

/** The real path of an open file; '' if the path now leads to another file. */
function placeOf(fd: number, path: string): string {
  if (procPath) return readlinkSync(procPath(fd)).replace(GONE, '');
  const real = realpathSync.native(path);
  const [open, now] = [fstatSync(fd), lstatSync(real)];
  return open.dev === now.dev && open.ino === now.ino ? real.replaceAll('\\', '/') : '';
}
