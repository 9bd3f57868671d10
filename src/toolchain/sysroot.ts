// Mounts the sysroots of this package where the programs look for them.
import type { AssetName } from '../assets/pinned.js';
import type { Sysroot, SysrootPiece } from '../targets/table.js';
import { targetOf } from '../targets/targets.js';
import { glibcTrees } from './glibc/sysroot.js';
import { lazyTree } from './lazy-tree.js';
import type { EntryKind, FileTree, MountedTree } from './mounts.js';
import { RESOURCES, SYSROOTS } from './paths.js';

/** The path of a target's sysroot in the compiler's file system. */
export const sysrootPath = ({ name }: { name: string }): string => `${SYSROOTS}/${name}`;

/** Opens the tree of an archive below one of its folders. */
export type OpenAsset = (asset: AssetName, below: string) => FileTree;

/**
 * The pieces in one of a sysroot's two places, with their paths below it. An archive is opened when it may contain a
 * file that is looked for.
 */
function pieces(sysroot: Sysroot, into: SysrootPiece['into'], open: OpenAsset): MountedTree[] {
  const packed = sysroot.pieces
    .filter((piece) => piece.into === into)
    .map(({ asset, below, at, names }) => ({ at, tree: lazyTree(() => open(asset, below), names) }));
  const { glibc } = sysroot;
  return glibc && into === 'sysroot' ? [...glibcTrees(glibc.architecture, glibc.version, open), ...packed] : packed;
}

/** clang's own headers. Clang always looks for their folders; for musl, whose own headers come first, for few of them. */
const clangHeaders = (open: OpenAsset): MountedTree => ({
  at: RESOURCES,
  tree: lazyTree(() => open('clang-headers', ''), /^include\//, ['', 'include']),
});

/**
 * All sysroots, and clang's own headers, as mounts. A sysroot is created when a program first looks for something in
 * it; its name is the one in the table of targets.
 */
export function sysrootTrees(open: OpenAsset): MountedTree[] {
  return [
    { at: SYSROOTS, tree: byName((sysroot) => pieces(sysroot, 'sysroot', open)) },
    { at: `${RESOURCES}/lib`, tree: byName((sysroot) => pieces(sysroot, 'resources', open), 'resources') },
    clangHeaders(open),
  ];
}

/** Some sysroots, as mounts of their pieces, for callers that want all of their files. */
export function sysrootPieces(sysroots: readonly Sysroot[], open: OpenAsset): MountedTree[] {
  const below = (place: string, trees: readonly MountedTree[]) =>
    trees.map(({ at, tree }) => ({ at: at === '' ? place : `${place}/${at}`, tree }));
  return [
    ...sysroots.flatMap((sysroot) => [
      ...below(sysrootPath(sysroot), pieces(sysroot, 'sysroot', open)),
      ...below(`${RESOURCES}/lib/${sysroot.resources}`, pieces(sysroot, 'resources', open)),
    ]),
    clangHeaders(open),
  ];
}

/** A folder of sysroots, or of clang's libraries, each of which is created when it is first asked for. */
function byName(make: (sysroot: Sysroot) => MountedTree[], key: 'name' | 'resources' = 'name'): FileTree {
  const made = new Map<string, FileTree | undefined>();
  const find = (path: string): [FileTree, string] | undefined => {
    const [name = ''] = path.split('/', 1);
    if (!made.has(name)) {
      const sysroot = targetOf(name)?.sysroot;
      made.set(name, sysroot?.[key] === name ? layered(make(sysroot)) : undefined);
    }
    const tree = made.get(name);
    return tree && [tree, path.slice(name.length + 1)];
  };
  return {
    kind(path) {
      if (path === '') return 'directory';
      const [tree, rest] = find(path) ?? [];
      return tree?.kind(rest ?? '');
    },
    read(path) {
      const [tree, rest] = find(path) as [FileTree, string];
      return tree.read(rest);
    },
    list(path) {
      const [tree, rest] = find(path) ?? [];
      return tree?.list?.(rest ?? '') ?? [];
    },
  };
}

/**
 * Combines several trees. Of those that may contain a name, the deepest is asked first; of two at the same place the
 * earlier one.
 */
function layered(trees: readonly MountedTree[]): FileTree {
  const sorted = [...trees].sort((a, b) => b.at.length - a.at.length);
  const folders = new Set(['']);
  for (const { at } of sorted)
    for (let path = at; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) folders.add(path);
  const inside = (at: string, path: string) =>
    at === '' ? path : path === at ? '' : path.startsWith(`${at}/`) ? path.slice(at.length + 1) : undefined;
  const holding = (path: string) =>
    sorted.flatMap(({ at, tree }) => {
      const rest = inside(at, path);
      return rest === undefined ? [] : [{ tree, rest }];
    });
  return {
    kind(path): EntryKind | 'link' | undefined {
      if (folders.has(path)) return 'directory';
      for (const { tree, rest } of holding(path)) {
        const kind = tree.kind(rest);
        if (kind !== undefined) return kind;
      }
      return undefined;
    },
    read(path) {
      const found = holding(path).find(({ tree, rest }) => tree.kind(rest) === 'file') as {
        tree: FileTree;
        rest: string;
      };
      return found.tree.read(found.rest);
    },
    list(path) {
      const start = path === '' ? '' : `${path}/`;
      const on = [...folders].filter((folder) => folder !== '' && folder.startsWith(start) && folder !== path);
      const names = on.map((folder) => folder.slice(start.length).split('/', 1)[0] as string);
      return [...new Set([...names, ...holding(path).flatMap(({ tree, rest }) => tree.list?.(rest) ?? [])])];
    },
  };
}
