// Trees of files, and the places at which programs see them.

export type EntryKind = 'file' | 'directory';

/**
 * A read-only tree that files come from when a program first asks for them. Paths are relative, '' is its top.
 * @template Bytes what `read` gives: on a page, which has to wait for them, a promise
 */
export interface FileTree<Bytes = Uint8Array> {
  /** What a name is; the directory that it is in is no link. */
  kind(path: string): EntryKind | 'link' | undefined;
  /** Throws where the file is there and cannot be read. */
  read(path: string): Bytes;
  /** Names in a directory, for trees whose directories programs list. */
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

/** A tree and the absolute path it appears at. */
export interface MountedTree<Bytes = Uint8Array> {
  at: string;
  tree: FileTree<Bytes>;
  /** It shows files of the host, which change. */
  isHost?: boolean;
}

export const holds = ({ at }: MountedTree<unknown>, path: string) => path.startsWith(at === '/' ? at : `${at}/`);
/** A path as a mount's tree names it. */
export const inside = ({ at }: MountedTree<unknown>, path: string) => path.slice(at === '/' ? 1 : at.length + 1);

/** A place in a tree, and what is there. */
export interface Lookup<Bytes = Uint8Array> {
  tree: FileTree<Bytes>;
  path: string;
  kind: EntryKind | 'link';
}

/** The deeper of two mounts first, and of two at the same place the earlier. */
export const inOrder = <Bytes>(mounts: readonly MountedTree<Bytes>[]): MountedTree<Bytes>[] =>
  [...mounts].sort((a, b) => b.at.length - a.at.length);

/**
 * Finds the mounted tree that has something at a place; 'none' if no tree has, undefined if nothing is mounted there.
 * @param mounts in the order of inOrder
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

/** Where a link leads; undefined where to nothing, or in a circle. */
export function followed(tree: FileTree<unknown>, path: string): string | undefined {
  try {
    return tree.follow?.(path);
  } catch {
    return undefined;
  }
}
