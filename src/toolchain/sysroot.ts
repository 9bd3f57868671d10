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
  /** What names of its files and folders look like: to unpack an archive for a name that it cannot hold would take longer than a small unit. */
  names?: RegExp;
}

const ARCHITECTURES = ['x86_64', 'aarch64'] as const;
const muslRoot = (architecture: string) => `${SYSROOTS}/${architecture}-unknown-linux-musl`;

const LIBRARIES = /\.(a|o|so)$/;
const LINUX = /^(asm|asm-generic|drm|linux|misc|mtd|rdma|scsi|sound|video|xen)(\/|$)/;

/** What appears at one place is asked in this order; musl's headers and the kernel's have no file in common. */
const PLACED: readonly Placed[] = [
  { asset: 'musl-headers', below: '', at: SYSROOTS },
  ...ARCHITECTURES.flatMap((a): Placed[] => [
    { asset: 'libcxx-headers', below: '', at: `${muslRoot(a)}/usr/include/c++/v1` },
    {
      asset: `libraries-${a}`,
      below: `${a}-unknown-linux-musl/usr/lib`,
      at: `${muslRoot(a)}/usr/lib`,
      names: LIBRARIES,
    },
    {
      asset: `libraries-${a}`,
      below: `compiler-rt/${a}-unknown-linux-musl`,
      at: `${RESOURCES}/lib/${a}-unknown-linux-musl`,
      names: LIBRARIES,
    },
    { asset: 'linux-headers', below: a, at: `${muslRoot(a)}/usr/include`, names: LINUX },
    { asset: 'linux-headers', below: 'generic', at: `${muslRoot(a)}/usr/include`, names: LINUX },
  ]),
  { asset: 'clang-headers', below: '', at: RESOURCES },
];

/**
 * All sysroots as one set of mounts. An archive is opened when a program first
 * looks for something where it might have it.
 * @param open gives the tree of an archive below one of its folders
 */
export function sysrootTrees(open: (asset: AssetName, below: string) => FileTree): MountedTree[] {
  return PLACED.map(({ asset, below, at, names }) => ({ at, tree: lazyTree(() => open(asset, below), names) }));
}

function lazyTree(open: () => FileTree, names = /^/): FileTree {
  let tree: FileTree | undefined;
  const opened = () => {
    tree ??= open();
    return tree;
  };
  return {
    kind: (path): EntryKind | undefined => (names.test(path) ? opened().kind(path) : undefined),
    read: (path) => opened().read(path),
    list: (path) => opened().list?.(path) ?? [],
  };
}
