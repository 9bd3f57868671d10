import type { FileTree } from './mounts.js';

/**
 * A tree that is opened when it may contain a file that is looked for.
 * @param names matches the names of its files and folders, so that an archive is not opened for a name that it cannot
 *   contain
 * @param folders folders that it has; to find them it is not opened
 */
export function lazyTree(open: () => FileTree, names = /^/, folders: readonly string[] = []): FileTree {
  let tree: FileTree | undefined;
  const opened = () => {
    tree ??= open();
    return tree;
  };
  const holds = (path: string) => path === '' || folders.includes(path) || names.test(path);
  return {
    kind(path) {
      if (folders.includes(path)) return 'directory';
      return names.test(path) ? opened().kind(path) : undefined;
    },
    read: (path) => opened().read(path),
    list: (path) => (holds(path) ? (opened().list?.(path) ?? []) : []),
  };
}
