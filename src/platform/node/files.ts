import {
  accessSync,
  constants,
  createReadStream,
  existsSync,
  promises,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { dirname, isAbsolute, join } from 'pathe';
import type { FileTree } from '../../toolchain/volume.js';
import type { FileKind, HostFiles } from '../types.js';

const kindOf = (s: { isFile(): boolean; isDirectory(): boolean }): FileKind =>
  s.isFile() ? 'file' : s.isDirectory() ? 'directory' : 'other';

/** True for a link that ends at a file; a broken or circular one ends nowhere. */
function linkedFile(link: string): boolean {
  try {
    return statSync(link, { throwIfNoEntry: false })?.isFile() === true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return false;
    throw error;
  }
}

/** The real file system, for planning a build. */
export const nodeFiles: HostFiles = {
  async kind(path) {
    try {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat && kindOf(stat);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
      throw error;
    }
  },
  async list(path) {
    const entries = await promises.readdir(path, { withFileTypes: true });
    return entries.flatMap((entry) => {
      if (!entry.isSymbolicLink()) return [{ name: entry.name, kind: kindOf(entry) }];
      // A link to a directory could lead in a circle, so only files are followed.
      return linkedFile(join(path, entry.name)) ? [{ name: entry.name, kind: 'file' as const }] : [];
    });
  },
  async read(path) {
    return readFileSync(path);
  },
  stream: (path) => createReadStream(path, { highWaterMark: 1 << 18 }),
  async size(path) {
    accessSync(path, constants.R_OK);
    return statSync(path).size;
  },
};

/**
 * A host directory for the compiler, read-only. A path that leads out of all
 * `allowed` directories, by '..' or by a link, is not there for it.
 * @param allowed real paths of every directory that the compiler may see
 */
export function hostTree(root: string, allowed: readonly string[]): FileTree {
  const isAllowed = (path: string) => allowed.some((a) => path === a || path.startsWith(a.endsWith('/') ? a : `${a}/`));
  const real = (path: string) => realpathSync(join(root, path)).replaceAll('\\', '/');
  return {
    kind(path) {
      const stat = statSync(join(root, path), { throwIfNoEntry: false });
      if (!stat || !(stat.isFile() || stat.isDirectory())) return undefined;
      if (!allowed.includes('/') && !isAllowed(real(path))) return undefined;
      return stat.isFile() ? 'file' : 'directory';
    },
    read: (path) => readFileSync(join(root, path)),
    list: (path) => (existsSync(join(root, path)) ? readdirSync(join(root, path)) : []),
    outside(path) {
      const host = isAbsolute(path) ? path : join(root, path);
      // A folder counts: clang does not ask for a file whose folder it cannot see.
      if (host === '/' || !existsSync(host)) return undefined;
      return isAllowed(realpathSync(host).replaceAll('\\', '/')) ? undefined : host;
    },
  };
}

/** The directory of a file of this package, from its URL. */
export function packageRoot(fromFile: string): string {
  for (let at = dirname(fromFile); ; at = dirname(at)) if (existsSync(join(at, 'package.json'))) return at;
}
