// The sysroots that ship with this package: which archive holds what, and where
// the programs find it.
import { RESOURCES, SYSROOTS } from './paths.js';
import type { AssetName } from './pinned.js';
import type { EntryKind, FileTree, MountedTree } from './volume.js';

/** A folder of an archive, and the path it appears at. */
interface Placed {
  asset: AssetName;
  below: string;
  at: string;
}

const ARCHITECTURES = ['x86_64', 'aarch64'] as const;
const muslRoot = (architecture: string) => `${SYSROOTS}/${architecture}-unknown-linux-musl`;

/** In the order in which they are asked; musl's own headers come before the kernel's. */
const PLACED: readonly Placed[] = [
  { asset: 'musl-headers', below: '', at: SYSROOTS },
  ...ARCHITECTURES.flatMap((a): Placed[] => [
    { asset: 'libcxx-headers', below: '', at: `${muslRoot(a)}/usr/include/c++/v1` },
    { asset: `libraries-${a}`, below: `${a}-unknown-linux-musl/usr/lib`, at: `${muslRoot(a)}/usr/lib` },
    {
      asset: `libraries-${a}`,
      below: `compiler-rt/${a}-unknown-linux-musl`,
      at: `${RESOURCES}/lib/${a}-unknown-linux-musl`,
    },
    { asset: 'linux-headers', below: a, at: `${muslRoot(a)}/usr/include` },
    { asset: 'linux-headers', below: 'generic', at: `${muslRoot(a)}/usr/include` },
  ]),
  { asset: 'clang-resources', below: '', at: RESOURCES },
];

/**
 * All sysroots as one set of mounts. An archive is opened when a program first
 * looks for something where it might have it.
 * @param open gives the tree of an archive below one of its folders
 */
export function sysrootTrees(open: (asset: AssetName, below: string) => FileTree): MountedTree[] {
  return PLACED.map(({ asset, below, at }) => ({ at, tree: lazyTree(() => open(asset, below)) }));
}

function lazyTree(open: () => FileTree): FileTree {
  let tree: FileTree | undefined;
  const opened = () => {
    tree ??= open();
    return tree;
  };
  return {
    kind: (path): EntryKind | undefined => opened().kind(path),
    read: (path) => opened().read(path),
    list: (path) => opened().list?.(path) ?? [],
  };
}
