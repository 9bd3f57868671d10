// The sysroots that ship with this package, where the programs find them.
import type { AssetName } from '../assets/pinned.js';
import { allSysroots } from '../targets/targets.js';
import { RESOURCES, SYSROOTS } from './paths.js';
import type { FileTree, MountedTree } from './volume.js';

/** Where a target's sysroot lies in the compiler's file system. */
export const sysrootPath = ({ name }: { name: string }): string => `${SYSROOTS}/${name}`;

/**
 * All sysroots, and clang's own headers, as one set of mounts. An archive is opened when a program first
 * looks for something where it might have it.
 * @param open gives the tree of an archive below one of its folders
 */
export function sysrootTrees(open: (asset: AssetName, below: string) => FileTree): MountedTree[] {
  const places = { resources: () => RESOURCES, sysroot: sysrootPath };
  const pieces = allSysroots().flatMap((sysroot) =>
    sysroot.pieces.map(({ asset, below, into, at, names }) => ({
      at: [places[into](sysroot), at].filter((part) => part !== '').join('/'),
      tree: lazyTree(() => open(asset, below), names),
    })),
  );
  return [...pieces, { at: RESOURCES, tree: lazyTree(() => open('clang-headers', '')) }];
}

function lazyTree(open: () => FileTree, names = /^/): FileTree {
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
