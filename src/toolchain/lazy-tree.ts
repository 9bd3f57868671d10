import type { FileTree } from './mounts.js';

/**
 * A tree that is opened when it may have what is looked for.
 * @param names what names of its files and folders look like: to open an archive for one that it cannot hold takes time
 */
export function lazyTree(open: () => FileTree, names = /^/): FileTree {
  let tree: FileTree | undefined;
  const opened = () => {
    tree ??= open();
    return tree;
  };
  return {
    kind: (path) => (names.test(path) ? opened().kind(path) : undefined),
    read: (path) => opened().read(path),
    list: (path) => opened().list?.(path) ?? [],
  };
}
