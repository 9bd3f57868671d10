// Resolves a path of a program: below the directory that it starts from, and nowhere else.
import { type Directory, SYMBOLIC_LINK } from './directory.js';
import { Failure } from './errno.js';

/** How many links are followed, as on Linux. */
const MAX_LINKS = 40;
/** More parts than any system accepts; links can make a path that long. */
const MAX_PARTS = 4096;

const isNothing = (part: string) => part === '' || part === '.';

function isLink(directory: Directory, name: string): boolean {
  try {
    return directory.status(name).kind === SYMBOLIC_LINK;
  } catch {
    return false; // using the name reports the error
  }
}

/**
 * Resolves a path as the kernel does, except that '..' above the start, and links to absolute paths, are errors.
 * @param follow whether to follow a link at the end of the path
 * @param use gets the directory in which the path ends; the name there, '.' for the directory itself; and whether only
 *   a directory is meant. The directory is closed afterwards, unless it is the start
 * @throws Failure ENOTCAPABLE if the path leads outside; errors of the system
 */
export function walk<T>(
  start: Directory,
  path: string,
  follow: boolean,
  use: (directory: Directory, name: string, onlyDirectory: boolean) => T,
): T {
  if (path === '') throw new Failure('ENOENT');
  if (path.startsWith('/')) throw new Failure('ENOTCAPABLE');
  const opened: Directory[] = [];
  const here = () => opened.at(-1) ?? start;
  let rest = path.split('/');
  let links = 0;
  try {
    for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
      if (isNothing(part)) continue;
      if (part === '..') {
        const left = opened.pop();
        if (!left) throw new Failure('ENOTCAPABLE');
        left.close();
        continue;
      }
      const isLast = rest.every(isNothing);
      const onlyDirectory = rest.length > 0;
      if ((follow || onlyDirectory) && isLink(here(), part)) {
        const target = here().readLink(part);
        if (target.startsWith('/')) throw new Failure('ENOTCAPABLE');
        rest = [...target.split('/'), ...rest];
        if (++links > MAX_LINKS || rest.length > MAX_PARTS) throw new Failure('ELOOP');
      } else if (isLast) return use(here(), part, onlyDirectory);
      else opened.push(here().directory(part));
    }
    return use(here(), '.', true);
  } finally {
    for (const directory of opened) directory.close();
  }
}
