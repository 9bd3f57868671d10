// The sysroot of one version of glibc: made of whole archives, of parts of archives, and of files written here.

import type { AssetName } from '../../assets/pinned.js';
import { atLeast } from '../../targets/glibc-versions.js';
import { lazyTree } from '../lazy-tree.js';
import type { FileTree, MountedTree } from '../mounts.js';
import { type GlibcArchitecture, libraryFiles } from './libraries.js';
import { readSymbolTable, type SymbolTable } from './symbols.js';

/** Public headers that the oldest supported glibc does not have, and the first version that has each. */
const NEW_HEADERS: Readonly<Record<string, string>> = {
  'sys/random.h': '2.25',
  'threads.h': '2.28',
  'sys/single_threaded.h': '2.32',
  'sys/platform/x86.h': '2.33',
  'sys/rseq.h': '2.35',
  'sys/pidfd.h': '2.36',
  'stdbit.h': '2.39',
};

/** The files in the folders of start files; '' is the folder itself. */
const LIBRARY_FILES = /(\.[ao]|^)$/;
/** The versions from which on there are new start files: from the later one on, libc.so.6 runs constructors. */
const START_FILES = ['2.17', '2.34'];
/**
 * The versions from which on there is a new libc_nonshared.a: later versions moved stat and similar functions, and then
 * more, to libc.so.6.
 */
const NONSHARED = ['2.17', '2.33', '2.34'];
const latest = (versions: readonly string[], glibc: string) =>
  versions.findLast((one) => atLeast(glibc, one)) as string;

/**
 * glibc's own part of a sysroot, as trees with their places in it: headers, start files, libraries. If two trees have
 * the same file at one place, the earlier tree's is used. An archive is opened when one of its files is asked for. The
 * kernel's headers, libc++ and compiler-rt come from whole archives, which targets/table.ts names; the files here take
 * precedence over them.
 * @param glibc a version that isGlibcVersion() accepts
 * @param open returns the tree of an archive below one of its folders
 */
export function glibcTrees(
  architecture: GlibcArchitecture,
  glibc: string,
  open: (archive: AssetName, below: string) => FileTree,
): MountedTree[] {
  const headers = lazyTree(() => open('glibc-headers', 'generic'));
  const own = (below: string) => lazyTree(() => open(`glibc-${architecture}`, below), LIBRARY_FILES);
  let table: SymbolTable | undefined;
  const symbols = () => {
    table ??= readSymbolTable(new TextDecoder().decode(open(`glibc-${architecture}`, '').read('symbols.txt')));
    return table;
  };
  const included = [
    writtenTree(new Map([['features.h', () => featuresOf(headers.read('features.h'), glibc)]])),
    withoutNewer(
      lazyTree(() => open('glibc-headers', architecture)),
      glibc,
    ),
    withoutNewer(headers, glibc),
  ];
  const libraries = [
    writtenTree(libraryFiles(architecture, glibc, symbols)),
    own(`start/${latest(START_FILES, glibc)}`),
    own(`nonshared/${latest(NONSHARED, glibc)}`),
  ];
  return [
    ...included.map((tree) => ({ at: 'usr/include', tree })),
    // The other headers of libc++ are the same for every C library.
    { at: 'usr/include/c++/v1', tree: lazyTree(() => open('glibc-headers', 'c++'), /^(__config_site)?$/) },
    ...libraries.map((tree) => ({ at: 'usr/lib', tree })),
  ];
}

/** Sets the version of the headers in features.h; the other headers declare what that version has. */
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

/** A folder whose files are made when they are first read. */
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
