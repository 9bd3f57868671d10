// The sysroots that ship with this package, where the programs find them.
import type { AssetName } from '../assets/pinned.js';
import type { Sysroot, SysrootPiece } from '../targets/table.js';
import { targetOf } from '../targets/targets.js';
import { glibcTrees } from './glibc/sysroot.js';
import { lazyTree } from './lazy-tree.js';
import type { EntryKind, FileTree, MountedTree } from './mounts.js';
import { RESOURCES, SYSROOTS } from './paths.js';

/** Where a target's sysroot lies in the compiler's file system. */
export const sysrootPath = ({ name }: { name: string }): string => `${SYSROOTS}/${name}`;

/** Gives the tree of an archive below one of its folders. */
export type OpenAsset = (asset: AssetName, below: string) => FileTree;

/** What is in one of a sysroot's two places, by the path below it; an archive is opened when it may have what is looked for. */
function pieces(sysroot: Sysroot, into: SysrootPiece['into'], open: OpenAsset): MountedTree[] {
  const packed = sysroot.pieces
    .filter((piece) => piece.into === into)
    .map(({ asset, below, at, names }) => ({ at, tree: lazyTree(() => open(asset, below), names) }));
  const { glibc } = sysroot;
  return glibc && into === 'sysroot' ? [...glibcTrees(glibc.architecture, glibc.version, open), ...packed] : packed;
}

/** clang's own headers. */
const clangHeaders = (open: OpenAsset): MountedTree => ({
  at: RESOURCES,
  tree: lazyTree(() => open('clang-headers', ''), /^(include(\/|$)|$)/),
});

/**
 * All sysroots, and clang's own headers, as mounts. A sysroot is made when a program first looks for something in it, by
 * the name that it has in the table of targets.
 */
export function sysrootTrees(open: OpenAsset): MountedTree[] {
  return [
    { at: SYSROOTS, tree: byName((sysroot) => pieces(sysroot, 'sysroot', open)) },
    { at: `${RESOURCES}/lib`, tree: byName((sysroot) => pieces(sysroot, 'resources', open), 'resources') },
    clangHeaders(open),
  ];
}

/** The same for some sysroots, as mounts of what each is made of: for those who want all their files. */
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

/** A folder of sysroots, or of clang's libraries, each of which is made when it is first asked for. */
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

/** Several trees as one: of those that may hold a name the one is asked first that lies deepest, and of two at one place the earlier. */
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
