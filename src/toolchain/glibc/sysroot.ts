// What is in the sysroot of one version of glibc, and how: from archives as they are, from archives in part, or written here.
import type { FileTree, MountedTree } from '../volume.js';
import { type GlibcArchitecture, libraryFiles } from './libraries.js';
import { readSymbolTable, type SymbolTable } from './symbols.js';
import { atLeast } from './versions.js';

/** The archives that these come from, by the names of their files in wasm/sysroot/dist. */
export type GlibcArchive =
  | 'glibc-headers'
  | 'linux-headers'
  | 'libcxx-headers'
  | `glibc-${GlibcArchitecture}`
  | `libraries-gnu-${GlibcArchitecture}`;

/** Public headers that are newer than the oldest glibc, and the first version that has each. */
const NEW_HEADERS: Readonly<Record<string, string>> = {
  'sys/random.h': '2.25',
  'threads.h': '2.28',
  'sys/single_threaded.h': '2.32',
  'sys/platform/x86.h': '2.33',
  'sys/rseq.h': '2.35',
  'sys/pidfd.h': '2.36',
  'stdbit.h': '2.39',
};

/** The first versions with start files of their own: in the later one libc.so.6 runs constructors. */
const START_FILES = ['2.17', '2.34'];
/** The first versions with a libc_nonshared.a of their own: later ones have stat and its kin, and then more, in libc.so.6. */
const NONSHARED = ['2.17', '2.33', '2.34'];
const latest = (versions: readonly string[], glibc: string) =>
  versions.findLast((one) => atLeast(glibc, one)) as string;

/**
 * The files of a glibc target's sysroot, as trees with their places: a path that several trees have is looked for in the
 * deepest place first, and at one place in this order. An archive is opened when one of its files is asked for.
 * @param glibc a version that isGlibcVersion() accepts
 * @param open gives the tree of an archive below one of its folders
 * @returns sysroot: below the target's sysroot; resources: below lib/<triple> of clang's resource directory
 */
export function glibcTrees(
  architecture: GlibcArchitecture,
  glibc: string,
  open: (archive: GlibcArchive, below: string) => FileTree,
): { sysroot: MountedTree[]; resources: MountedTree[] } {
  const lazy = (archive: GlibcArchive, below: string) => lazyTree(() => open(archive, below));
  const headers = lazy('glibc-headers', 'generic');
  const ours = lazy(`glibc-${architecture}`, '');
  const runtimes: GlibcArchive = `libraries-gnu-${architecture}`;
  let table: SymbolTable | undefined;
  const symbols = () => {
    table ??= readSymbolTable(new TextDecoder().decode(ours.read('symbols.txt')));
    return table;
  };
  const included = [
    writtenTree(new Map([['features.h', () => featuresOf(headers.read('features.h'), glibc)]])),
    withoutNewer(lazy('glibc-headers', architecture), glibc),
    withoutNewer(headers, glibc),
    lazy('linux-headers', architecture),
    lazy('linux-headers', 'generic'),
  ];
  const libraries = [
    writtenTree(libraryFiles(architecture, glibc, symbols)),
    lazy(`glibc-${architecture}`, `start/${latest(START_FILES, glibc)}`),
    lazy(`glibc-${architecture}`, `nonshared/${latest(NONSHARED, glibc)}`),
    lazy(runtimes, 'lib'),
  ];
  return {
    sysroot: [
      ...included.map((tree) => ({ at: 'usr/include', tree })),
      // libc++ for glibc: its __config_site is another.
      { at: 'usr/include/c++/v1', tree: lazy(runtimes, 'c++') },
      { at: 'usr/include/c++/v1', tree: lazy('libcxx-headers', '') },
      ...libraries.map((tree) => ({ at: 'usr/lib', tree })),
    ],
    resources: [{ at: '', tree: lazy(runtimes, 'compiler-rt') }],
  };
}

/** features.h says which version the headers are of; the others declare what that version has. */
function featuresOf(newest: Uint8Array, glibc: string): Uint8Array {
  const minor = glibc.slice(glibc.indexOf('.') + 1);
  const text = new TextDecoder('latin1').decode(newest);
  return new TextEncoder().encode(text.replace(/^(#define\s+__GLIBC_MINOR__\s+)\d+$/m, `$1${minor}`));
}

function withoutNewer(tree: FileTree, glibc: string): FileTree {
  const isNewer = (path: string) => {
    const since = NEW_HEADERS[path];
    return since !== undefined && !atLeast(glibc, since);
  };
  const below = (directory: string, name: string) => (directory === '' ? name : `${directory}/${name}`);
  return {
    kind: (path) => (isNewer(path) ? undefined : tree.kind(path)),
    read: (path) => tree.read(path),
    list: (directory) => (tree.list?.(directory) ?? []).filter((name) => !isNewer(below(directory, name))),
  };
}

/** Files of one folder that are made when they are first read. */
function writtenTree(files: ReadonlyMap<string, () => Uint8Array>): FileTree {
  const made = new Map<string, Uint8Array>();
  return {
    kind: (path) => (path === '' ? 'directory' : files.has(path) ? 'file' : undefined),
    read(path) {
      const bytes = made.get(path) ?? (files.get(path) as () => Uint8Array)();
      made.set(path, bytes);
      return bytes;
    },
    list: (path) => (path === '' ? [...files.keys()] : []),
  };
}

function lazyTree(open: () => FileTree): FileTree {
  let tree: FileTree | undefined;
  const opened = () => {
    tree ??= open();
    return tree;
  };
  return {
    kind: (path) => opened().kind(path),
    read: (path) => opened().read(path),
    list: (path) => opened().list?.(path) ?? [],
  };
}
