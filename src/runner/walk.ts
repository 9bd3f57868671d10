// Where a path of a program's leads: below the directory that it starts from, and nowhere else.
import { type Directory, SYMBOLIC_LINK } from './directory.js';
import { Failure } from './errno.js';

/** As many as Linux follows. */
const MAX_LINKS = 40;
/** Longer than any system takes; links may have made it so. */
const MAX_PARTS = 4096;

const isNothing = (part: string) => part === '' || part === '.';

function isLink(directory: Directory, name: string): boolean {
  try {
    return directory.status(name).kind === SYMBOLIC_LINK;
  } catch {
    return false; // whoever uses the name is told why
  }
}

/**
 * Follows a path, as the kernel does, but for this: '..' above the start, and links to absolute paths, lead nowhere.
 * @param follow a link at its end as well
 * @param use is given the directory that the path ends in; the name there, '.' for the directory itself; and whether only
 *   a directory may be meant. The directory is closed afterwards, unless it is the start.
 * @throws Failure ENOTCAPABLE where it leads out; whatever the system throws
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
