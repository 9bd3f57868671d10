// File trees, and the absolute paths at which programs see them.

export type EntryKind = 'file' | 'directory';

/**
 * A read-only file tree. A file is read when a program first asks for it. Paths are relative to the root of the tree;
 * '' is the root.
 * @template Bytes the result type of `read`: a promise in a page, which has to wait for the bytes
 */
export interface FileTree<Bytes = Uint8Array> {
  /** The kind of entry at a path. No directory on the way to it is a link. */
  kind(path: string): EntryKind | 'link' | undefined;
  /** @throws Error if the file exists but cannot be read */
  read(path: string): Bytes;
  /** The names in a directory; only for trees whose directories programs list. */
  list?(path: string): string[];
  /**
   * The final target of a link: its path in the volume, without links; undefined if the volume shows nothing there. The
   * root may be a link if the same directory is visible elsewhere too.
   * @throws Error with the code ELOOP
   */
  follow?(path: string): string | undefined;
  /** The path in the volume of the directory above the root. Default: the directory above the mount. */
  above?(): string;
  /**
   * The host file that `path`, relative or absolute on the host, names and that this tree may not show because it lies
   * outside of it.
   */
  outside?(path: string): string | undefined;
}

/** A tree, and the absolute path at which programs see it. */
export interface MountedTree<Bytes = Uint8Array> {
  at: string;
  tree: FileTree<Bytes>;
  /** Whether it shows files of the host, which may change. */
  isHost?: boolean;
}

export const holds = ({ at }: MountedTree<unknown>, path: string) => path.startsWith(at === '/' ? at : `${at}/`);
/** Converts an absolute path to a path in the mount's tree. */
export const inside = ({ at }: MountedTree<unknown>, path: string) => path.slice(at === '/' ? 1 : at.length + 1);

/** A path in a tree, and the kind of entry at it. */
export interface Lookup<Bytes = Uint8Array> {
  tree: FileTree<Bytes>;
  path: string;
  kind: EntryKind | 'link';
}

/** Sorts mounts so that the deepest come first; mounts at the same path keep their order. */
export const inOrder = <Bytes>(mounts: readonly MountedTree<Bytes>[]): MountedTree<Bytes>[] =>
  [...mounts].sort((a, b) => b.at.length - a.at.length);

/**
 * Finds the mounted tree that has an entry at a path.
 * @param mounts in the order of inOrder
 * @returns 'none' if no tree has an entry there; undefined if nothing is mounted there
 */
export function lookUp<Bytes>(mounts: readonly MountedTree<Bytes>[], at: string): Lookup<Bytes> | 'none' | undefined {
  let isMounted = false;
  for (const mount of mounts) {
    if (mount.at !== at && !holds(mount, at)) continue;
    isMounted = true;
    const path = inside(mount, at);
    const kind = mount.tree.kind(path);
    if (kind !== undefined) return { tree: mount.tree, path, kind };
  }
  return isMounted ? 'none' : undefined;
}

/** The target of a link; undefined if the target is missing, or if the links form a circle. */
export function followed(tree: FileTree<unknown>, path: string): string | undefined {
  try {
    return tree.follow?.(path);
  } catch {
    return undefined;
  }
}
