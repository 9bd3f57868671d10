import {
  accessSync,
  type BigIntStats,
  constants,
  existsSync,
  lstatSync,
  promises,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirname, isAbsolute, join, resolve } from 'pathe';
import type { MountedTree } from '../../toolchain/mounts.js';
import { foldUp } from '../../toolchain/paths.js';
import { mountedTrees } from '../mounted.js';
import type { FileKind, HostFiles, Mount } from '../types.js';
import { listChecked, readChecked } from './checked.js';
import { chunksOf } from './chunks.js';

const kindOf = (s: { isFile(): boolean; isDirectory(): boolean }): FileKind =>
  s.isFile() ? 'file' : s.isDirectory() ? 'directory' : 'other';

/** Whether a link leads to a file; false for a broken or circular link. */
function linkedFile(link: string): boolean {
  try {
    return statSync(link, { throwIfNoEntry: false })?.isFile() === true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return false;
    throw error;
  }
}

/**
 * Whether a directory is `from` or above it. `from` may have been removed, as the folder of a build whose commands
 * start there.
 */
const isOnTheWay = (directory: string, from: string) => `${from}/`.startsWith(`${directory}/`);

/** The file system of the host. */
export const nodeFiles: HostFiles = {
  resolve(from, path) {
    // On Windows the system itself resolves '..' as text.
    if (process.platform === 'win32') return resolve(from, path);
    return foldUp(
      isAbsolute(path) ? path : `${from}/${path}`,
      (directory) => realDirectory(directory) ?? (isOnTheWay(directory, from) ? directory : undefined),
    );
  },
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
      // Only links to files are followed, since links to directories could form a circle.
      return linkedFile(join(path, entry.name)) ? [{ name: entry.name, kind: 'file' as const }] : [];
    });
  },
  async read(path) {
    return readFileSync(path);
  },
  stream: (path) => chunksOf(path),
  async size(path) {
    accessSync(path, constants.R_OK);
    return statSync(path).size;
  },
};

/**
 * Resolves a path against the working directory of this process. '..' in paths that are built from the result can be
 * resolved as text.
 */
export const fromHere = (path: string): string => nodeFiles.resolve(process.cwd().replaceAll('\\', '/'), path);

/** Mounts directories of the host for the compiler. @param roots their real paths */
export function hostTrees(
  mounts: readonly Mount[],
  roots: readonly string[] = mounts.map(({ host }) => rootOf(host)),
): MountedTree[] {
  return mountedTrees(mounts, roots, {
    kind(path) {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      return stat?.isSymbolicLink() ? 'link' : stat?.isFile() ? 'file' : stat?.isDirectory() ? 'directory' : undefined;
    },
    real: realPath,
    read: readChecked,
    list: listChecked,
  });
}

/** The real path of a directory to mount. Not by realpathSync, which resolves '..' as text. */
export const rootOf = (directory: string) => realpathSync.native(directory).replaceAll('\\', '/');

/** The path without links; undefined if it leads nowhere. @throws Error ELOOP, EACCES */
function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path).replaceAll('\\', '/');
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
}

/** The real path of a directory, if it can be found out. */
function realDirectory(path: string): string | undefined {
  try {
    return statSync(path).isDirectory() ? realPath(path) : undefined;
  } catch {
    return undefined;
  }
}

/** The root directory of this package, from the URL of one of its files. */
export function packageRoot(fromFile: string): string {
  for (let at = dirname(fromFile); ; at = dirname(at)) if (existsSync(join(at, 'package.json'))) return at;
}

/** A string that changes when the file at a path changes, or the link at the path. */
export function stamp(path: string): string {
  const of = (stat: BigIntStats | undefined) =>
    stat ? `${stat.dev}:${stat.ino}:${stat.mode}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}` : '';
  try {
    const own = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (!own?.isSymbolicLink()) return own?.isDirectory() ? 'directory' : of(own);
    return `${of(own)} ${of(statSync(path, { bigint: true, throwIfNoEntry: false }))}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/**
 * In a checkout of art, the time of its build: there the code that determines results can change while the version
 * stays the same.
 */
export function installation(): string {
  const here = fileURLToPath(import.meta.url);
  if (!existsSync(join(packageRoot(here), 'src'))) return '';
  return String(statSync(here).mtimeMs);
}
