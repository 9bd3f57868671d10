import { createFsFromVolume, type IFs, Volume as MemoryVolume } from 'memfs';
import { normalise, OUTPUT, TEMPORARY } from './paths.js';

export type EntryKind = 'file' | 'directory';

/** A read-only tree that files come from when a program first asks for them. Paths are relative, '' is its top. */
export interface FileTree {
  kind(path: string): EntryKind | undefined;
  /** Throws where the file is there and cannot be read. */
  read(path: string): Uint8Array;
  /** Names in a directory, for trees whose directories programs list. */
  list?(path: string): string[];
  /** A host file that `path`, relative or absolute on the host, names and that this tree may not show, because it lies outside. */
  outside?(path: string): string | undefined;
}

/** A tree and the absolute path it appears at. */
export interface MountedTree {
  at: string;
  tree: FileTree;
}

const holds = ({ at }: MountedTree, path: string) => path.startsWith(at === '/' ? at : `${at}/`);
/** A path as a mount's tree names it. */
const inside = ({ at }: MountedTree, path: string) => path.slice(at === '/' ? 1 : at.length + 1);

/**
 * The file system of the wasm programs: a memfs volume that reads through to
 * mounted trees. What a program never asks for is never read; what it asked for
 * stays, until it is dropped, so that a header is read once for all units. Where mounts overlap, the
 * deeper one is asked first, and of two at the same place the earlier.
 */
export class Volume {
  readonly fs: IFs = createFsFromVolume(new MemoryVolume());
  readonly #known = new Map<string, EntryKind | undefined>();
  readonly #mounts: readonly MountedTree[];
  readonly #read: string[] = [];
  readonly #outside = new Set<string>();
  readonly #written = new Set<string>();
  /** Sizes of the mounted files that are here, the one that was not asked for the longest first. */
  readonly #held = new Map<string, number>();

  constructor(mounts: readonly MountedTree[]) {
    this.#mounts = [...mounts].sort((a, b) => b.at.length - a.at.length);
    for (const path of [TEMPORARY, '/dev', OUTPUT, ...mounts.map((m) => m.at)]) this.#makeDirectory(path);
  }

  /**
   * Whether `path`, absolute, is there, and what it is; the first time a mounted
   * file is asked for, it is brought in.
   * @throws whatever the tree throws where it cannot be read
   */
  look(path: string): EntryKind | undefined {
    const at = normalise(path);
    const known = this.#known.get(at);
    if (known === 'file') this.#touch(at);
    if (known || this.#known.has(at)) return known;
    const mounts = this.#mounts.filter((m) => holds(m, at));
    if (mounts.length === 0 || this.#isOwn(at)) {
      this.#noteOutside(path, at);
      return this.fs.existsSync(at) ? (this.fs.statSync(at).isDirectory() ? 'directory' : 'file') : undefined;
    }
    const kind = this.#lookIn(mounts, at);
    if (kind === undefined) this.#noteOutside(path, at);
    this.#known.set(at, kind);
    return kind;
  }

  /** Makes the names in a directory visible to a program that lists it; files are read when they are asked for. */
  fill(directory: string): void {
    const at = normalise(directory);
    const prefix = at === '/' ? at : `${at}/`;
    for (const mount of this.#mounts.filter((m) => holds(m, prefix)))
      for (const name of mount.tree.list?.(inside(mount, at)) ?? []) {
        const path = prefix + name;
        if (this.fs.existsSync(path)) continue;
        if (mount.tree.kind(inside(mount, path)) === 'directory') this.#makeDirectory(path);
        else this.fs.writeFileSync(path, '');
      }
  }

  /** Mounted files brought in since the last call. */
  takeRead(): string[] {
    return this.#read.splice(0);
  }

  /** Host files that programs asked for since the last call and that lie outside what they may see. */
  takeOutside(): string[] {
    const outside = [...this.#outside];
    this.#outside.clear();
    return outside;
  }

  /** Puts a file in its place. */
  put(path: string, bytes: Uint8Array): void {
    const at = normalise(path);
    this.#makeDirectory(at.slice(0, at.lastIndexOf('/')));
    this.fs.writeFileSync(at, bytes);
    this.#known.set(at, 'file');
  }

  /** Lets a host file look as if it were not there. */
  hide(path: string): void {
    this.#known.set(normalise(path), undefined);
  }

  noteWritten(path: string): void {
    const at = normalise(path);
    this.#written.add(at);
    this.#known.set(at, 'file');
  }

  /** What programs wrote outside their own folders since the last call, and did not remove again. */
  takeWritten(): string[] {
    const written = [...this.#written].filter((path) => !this.#isOwn(path) && this.fs.existsSync(path));
    this.#written.clear();
    return written;
  }

  bytes(path: string): Uint8Array {
    return this.fs.readFileSync(path) as Uint8Array;
  }

  /** The bytes of a file that a program wrote, in memory of their own, which can be handed to another thread; the file is gone. */
  take(path: string): Uint8Array {
    const bytes = new Uint8Array(Number(this.fs.statSync(path).size));
    const fd = this.fs.openSync(path, 'r');
    try {
      this.fs.readSync(fd, bytes, 0, bytes.length, 0);
    } finally {
      this.fs.closeSync(fd);
    }
    this.fs.unlinkSync(path);
    return bytes;
  }

  /** Forgets a mounted file, to free its memory; it is brought in again when asked for. */
  drop(path: string): void {
    if (this.#known.get(path) !== 'file') return;
    this.#known.delete(path);
    this.#held.delete(path);
    this.fs.unlinkSync(path);
  }

  /** Forgets mounted files, those first that were not asked for the longest, until no more than `limit` bytes are kept. */
  trim(limit: number, isMeant: (path: string) => boolean): void {
    const held = [...this.#held].filter(([path]) => isMeant(path));
    let total = held.reduce((sum, [, size]) => sum + size, 0);
    for (const [path, size] of held) {
      if (total <= limit) return;
      total -= size;
      this.drop(path);
    }
  }

  /** Empties the folders that programs write to. memfs's rmSync would keep the files' memory. */
  clearOutput(): void {
    for (const folder of [OUTPUT, TEMPORARY])
      for (const name of this.fs.readdirSync(folder) as string[]) this.fs.unlinkSync(`${folder}/${name}`);
  }

  #lookIn(mounts: readonly MountedTree[], at: string): EntryKind | undefined {
    for (const mount of mounts) {
      const kind = mount.tree.kind(inside(mount, at));
      if (kind === 'directory') this.#makeDirectory(at);
      else if (kind === 'file') this.#bringIn(at, mount.tree.read(inside(mount, at)));
      if (kind !== undefined) return kind;
    }
    return undefined;
  }

  /** Whether programs write here; a mount at '/' must not show through. */
  #isOwn(at: string): boolean {
    return at.startsWith(`${OUTPUT}/`) || at.startsWith(`${TEMPORARY}/`);
  }

  #makeDirectory(path: string): void {
    this.fs.mkdirSync(path, { recursive: true });
    for (let at = path; at !== '' && !this.#known.get(at); at = at.slice(0, at.lastIndexOf('/')))
      this.#known.set(at, 'directory');
  }

  #bringIn(path: string, bytes: Uint8Array): void {
    this.fs.mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
    this.fs.writeFileSync(path, bytes);
    this.#read.push(path);
    this.#held.set(path, bytes.length);
  }

  #touch(path: string): void {
    const size = this.#held.get(path);
    if (size === undefined) return;
    this.#held.delete(path);
    this.#held.set(path, size);
  }

  /** `path` as asked, before '..' was folded: '/src/../secret.h' names a file beside the project. */
  #noteOutside(path: string, at: string): void {
    const mount = this.#mounts.find((m) => m.at !== '/' && path.startsWith(`${m.at}/`));
    // What is in no mount may be an absolute path of the host, as a source spells it.
    const asked = mount ? (at.startsWith(`${mount.at}/`) ? at : path).slice(mount.at.length + 1) : at;
    const tree = (mount ?? this.#mounts.find((m) => m.tree.outside))?.tree;
    const outside = tree?.outside?.(asked);
    if (outside) this.#outside.add(outside);
  }
}
