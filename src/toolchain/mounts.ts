// Trees of files, and the places at which programs see them.

export type EntryKind = 'file' | 'directory';

/**
 * A read-only tree of files, each of which is read when a program first asks for it. Paths are relative; '' is the
 * root.
 */
export interface FileTree {
  /** The kind of a file; its directory is never given by way of a link. */
  kind(path: string): EntryKind | 'link' | undefined;
  /** The content of a file. Throws if it exists and cannot be read. */
  read(path: string): Uint8Array;
  /** The names in a directory, for trees whose directories programs list. */
  list?(path: string): string[];
  /**
   * The final target of a link: its path in the volume, without links; undefined if the volume shows nothing there. The
   * root may be a link if the same directory is visible elsewhere too.
   * @throws Error with the code ELOOP
   */
  follow?(path: string): string | undefined;
  /** The path in the volume of the directory above the root. Default: that above the mount. */
  above?(): string;
  /**
   * The host file that `path`, relative or absolute on the host, names and that this tree may not show because it lies
   * outside of it.
   */
  outside?(path: string): string | undefined;
}

/** A tree, and the absolute path at which it appears. */
export interface MountedTree {
  at: string;
  tree: FileTree;
  /** Whether it shows files of the host, which can change. */
  isHost?: boolean;
}

export const holds = ({ at }: MountedTree, path: string) => path.startsWith(at === '/' ? at : `${at}/`);
/** The path inside a mount's tree. */
export const inside = ({ at }: MountedTree, path: string) => path.slice(at === '/' ? 1 : at.length + 1);

/** A path in a tree, and what is there. */
export interface Lookup {
  tree: FileTree;
  path: string;
  kind: EntryKind | 'link';
}

/** Orders mounts: the deeper one first; of two at the same place the earlier one. */
export const inOrder = (mounts: readonly MountedTree[]): MountedTree[] =>
  [...mounts].sort((a, b) => b.at.length - a.at.length);

/**
 * Finds the mounted tree that has something at a place; 'none' if no tree has, undefined if nothing is mounted there.
 * @param mounts in the order of inOrder
 */
export function lookUp(mounts: readonly MountedTree[], at: string): Lookup | 'none' | undefined {
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

/** The target of a link; undefined if there is none, or if links form a circle. */
export function followed(tree: FileTree, path: string): string | undefined {
  try {
    return tree.follow?.(path);
  } catch {
    return undefined;
  }
}
