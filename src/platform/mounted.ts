// Shows the compiler some directories of the host, each at a path of its own, and nothing outside of them.

import type { EntryKind, FileTree, MountedTree } from '../toolchain/mounts.js';
import { ABOVE, foldUp } from '../toolchain/paths.js';
import type { Mount } from './types.js';

/** What mounts need from a host. Paths are absolute, with '/' between the parts. */
export interface MountedHost<Bytes = Uint8Array> {
  /** The kind of entry at a path; a link is not followed. */
  kind(path: string): EntryKind | 'link' | undefined;
  /**
   * The path with all links resolved; undefined if nothing is there.
   * @throws Error with the code ELOOP
   */
  real(path: string): string | undefined;
  /** @param isAllowed whether a real path may be read; it is asked about the real path of the file that was opened */
  read(path: string, isAllowed: (real: string) => boolean): Bytes;
  list(path: string, isAllowed: (real: string) => boolean): string[];
}

const join = (directory: string, path: string) =>
  path === '' ? directory : directory.endsWith('/') ? directory + path : `${directory}/${path}`;
const parent = (path: string) => path.slice(0, path.lastIndexOf('/')) || '/';

/** Maps real paths of the host's directories to the compiler's paths. */
class Places {
  readonly #at = new Map<string, string>();
  /** The directories above the mounted ones. */
  readonly #above = new Set<string>();

  constructor(mounts: readonly { at: string; root: string }[]) {
    for (const { at, root } of mounts) {
      if (!this.#at.has(root)) this.#at.set(root, at);
      for (let path = root; path !== '/'; ) {
        path = parent(path);
        this.#above.add(path);
      }
    }
  }

  /** The compiler's path of a mounted directory itself. */
  ofRoot(root: string): string | undefined {
    return this.#at.get(root);
  }

  isAbove(path: string): boolean {
    return this.#above.has(path);
  }

  /** The compiler's path of a mounted directory, or of a directory above one. */
  onTheWay(real: string): string | undefined {
    return this.of(real) ?? (this.#above.has(real) ? join(ABOVE, real.slice(1)) : undefined);
  }

  /** The compiler's path of a real path; undefined if the compiler may not see it. */
  of(real: string): string | undefined {
    for (let root = real; ; root = parent(root)) {
      const at = this.#at.get(root);
      if (at !== undefined) return join(at, real.slice(root === '/' ? 1 : root.length + 1));
      if (root === '/') return undefined;
    }
  }

  /** The compiler's path of the directory above a mounted one. */
  above(root: string): string {
    return root === '/' ? (this.#at.get('/') as string) : (this.onTheWay(parent(root)) as string);
  }
}

/**
 * Makes read-only mounts. A path that leads out of all of them, by '..' or by a link, does not exist for the compiler;
 * a path from one mount into another does exist.
 * @param roots real paths of the mounted directories
 */
export function mountedTrees<Bytes = Uint8Array>(
  mounts: readonly Mount[],
  roots: readonly string[],
  host: MountedHost<Bytes>,
): MountedTree<Bytes>[] {
  const places = new Places(mounts.map(({ at }, i) => ({ at, root: roots[i] as string })));
  const isAllowed = (real: string) => places.of(real) !== undefined;
  const trees = mounts.map(({ at, host: shown }, i) => ({
    at,
    isHost: true,
    tree: hostTree({ at, shown, root: roots[i] as string }, places, isAllowed, host),
  }));
  return isAllowed('/') ? trees : [...trees, { at: ABOVE, isHost: true, tree: treeAbove(places) }];
}

function hostTree<Bytes>(
  { at, shown, root }: { at: string; shown: string; root: string },
  places: Places,
  isAllowed: (real: string) => boolean,
  host: MountedHost<Bytes>,
): FileTree<Bytes> {
  return {
    kind(path) {
      const place = join(root, path);
      return (path !== '' || places.ofRoot(place) !== at) && places.ofRoot(place) ? 'link' : host.kind(place);
    },
    follow(path) {
      const mounted = places.ofRoot(join(root, path));
      if (mounted !== undefined) return mounted;
      const real = host.real(join(root, path));
      return real === undefined ? undefined : places.onTheWay(real);
    },
    above: () => places.above(root),
    read: (path) => host.read(join(root, path), isAllowed),
    list: (path) => host.list(join(root, path), isAllowed),
    outside(path) {
      const asked = /^([A-Za-z]:)?\//.test(path) ? path : join(shown, path);
      const real = isAllowed('/') ? undefined : realOrNothing(host, asked);
      // Also for a folder, since clang does not look for a file if it cannot see the file's folder.
      if (real === undefined || real === '/' || isAllowed(real)) return undefined;
      return foldUp(asked, (directory) => realOrNothing(host, directory));
    },
  };
}

/** A tree that shows only the directories that lead from one mounted directory to another. */
function treeAbove(places: Places): FileTree<never> {
  return {
    kind: (path) => (places.ofRoot(`/${path}`) ? 'link' : places.isAbove(`/${path}`) ? 'directory' : undefined),
    follow: (path) => places.ofRoot(`/${path}`),
    above: () => ABOVE,
    read() {
      throw new Error('it has no files');
    },
  };
}

function realOrNothing(host: MountedHost<unknown>, path: string): string | undefined {
  try {
    return host.real(path);
  } catch {
    return undefined; // a circle of links
  }
}
