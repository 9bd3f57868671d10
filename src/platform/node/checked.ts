// Reading by handle: what was looked at by its path may be another file by the time that it is opened, where somebody
// swaps a folder for a link. The file that is open is asked where it lies, and it alone is read.
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

/** What the kernel adds to the path of a file whose name is gone. */
const GONE = / \(deleted\)$/;
/** A pipe in place of the file keeps nobody waiting. Windows has neither. */
const { O_RDONLY, O_NONBLOCK = 0, O_DIRECTORY = 0 } = constants;

type IsAllowed = (real: string) => boolean;

/**
 * The bytes of a file.
 * @param path its real path
 * @param isAllowed whether what lies at a real path may be read
 * @throws Error of the system; EACCES where it is another file by now, which may not be read
 */
export function readChecked(path: string, isAllowed: IsAllowed): Uint8Array {
  return withChecked(path, O_RDONLY | O_NONBLOCK, isAllowed, (fd) => readFileSync(fd));
}

/** The names in a directory; none where it cannot be read, or is another by now. */
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

/** Linux's path of an open file, through which it, and what lies below it, can be had without its name. */
export const procPath: ((fd: number) => string) | undefined =
  process.platform === 'linux' && isProcMounted() ? (fd) => `/proc/self/fd/${fd}` : undefined;

function isProcMounted(): boolean {
  try {
    return lstatSync('/proc/self/fd').isDirectory();
  } catch {
    return false;
  }
}

/** The real path of an open file; '' where it is not the one that has the path now. */
function placeOf(fd: number, path: string): string {
  if (procPath) return readlinkSync(procPath(fd)).replace(GONE, '');
  const real = realpathSync.native(path);
  const [open, now] = [fstatSync(fd), lstatSync(real)];
  return open.dev === now.dev && open.ino === now.ino ? real.replaceAll('\\', '/') : '';
}
