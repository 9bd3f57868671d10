import { createFsFromVolume, type IFs, Volume as MemoryVolume } from 'memfs';
import { normalise, OUTPUT } from './paths.js';

export type EntryKind = 'file' | 'directory';

/** A read-only tree that files come from when a program first asks for them. Paths are relative, '' is its top. */
export interface FileTree {
  kind(path: string): EntryKind | undefined;
  /** Throws where the file is there and cannot be read. */
  read(path: string): Uint8Array;
  /** A host file that `path`, relative or absolute on the host, names and that this tree may not show, because it lies outside. */
  outside?(path: string): string | undefined;
}

/** A tree and the absolute path it appears at. */
export interface MountedTree {
  at: string;
  tree: FileTree;
}

/**
 * The file system of the wasm programs: a memfs volume that reads through to
 * mounted trees. What a program never asks for is never read; what it asked for
 * stays, so that a header is read once for all units.
 */
export class Volume {
  readonly fs: IFs = createFsFromVolume(new MemoryVolume());
  readonly #known = new Map<string, EntryKind | undefined>();
  readonly #mounts: readonly MountedTree[];
  readonly #read: string[] = [];
  readonly #outside = new Set<string>();

  constructor(mounts: readonly MountedTree[]) {
    this.#mounts = mounts;
    for (const path of ['/tmp', '/dev', OUTPUT, ...mounts.map((m) => m.at)]) this.#makeDirectory(path);
  }

  /**
   * Whether `path`, absolute, is there, and what it is; the first time a mounted
   * file is asked for, it is brought in.
   * @throws whatever the tree throws where it cannot be read
   */
  look(path: string): EntryKind | undefined {
    const at = normalise(path);
    if (this.#known.has(at)) return this.#known.get(at);
    const mount = this.#mounts.find((m) => at.startsWith(`${m.at}/`));
    if (!mount) {
      this.#noteOutside(path, at);
      return this.fs.existsSync(at) ? (this.fs.statSync(at).isDirectory() ? 'directory' : 'file') : undefined;
    }
    const inside = at.slice(mount.at.length + 1);
    const kind = mount.tree.kind(inside);
    if (kind === undefined) this.#noteOutside(path, at);
    else if (kind === 'directory') this.#makeDirectory(at);
    else this.#bringIn(at, mount.tree.read(inside));
    this.#known.set(at, kind);
    return kind;
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

  bytes(path: string): Uint8Array {
    return this.fs.readFileSync(path) as Uint8Array;
  }

  /** Forgets a mounted file, to free its memory; it is brought in again when asked for. */
  drop(path: string): void {
    if (this.#known.get(path) !== 'file') return;
    this.#known.delete(path);
    this.fs.unlinkSync(path);
  }

  /** Empties the folders that programs write to. memfs's rmSync would keep the files' memory. */
  clearOutput(): void {
    for (const folder of [OUTPUT, '/tmp'])
      for (const name of this.fs.readdirSync(folder) as string[]) this.fs.unlinkSync(`${folder}/${name}`);
  }

  #makeDirectory(path: string): void {
    this.fs.mkdirSync(path, { recursive: true });
    this.#known.set(path, 'directory');
  }

  #bringIn(path: string, bytes: Uint8Array): void {
    this.fs.mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
    this.fs.writeFileSync(path, bytes);
    this.#read.push(path);
  }

  /** `path` as asked, before '..' was folded: '/src/../secret.h' names a file beside the project. */
  #noteOutside(path: string, at: string): void {
    const mount = this.#mounts.find((m) => path.startsWith(`${m.at}/`));
    // What is in no mount may be an absolute path of the host, as a source spells it.
    const asked = mount ? (at.startsWith(`${mount.at}/`) ? at : path).slice(mount.at.length + 1) : at;
    const tree = (mount ?? this.#mounts.find((m) => m.tree.outside))?.tree;
    const outside = tree?.outside?.(asked);
    if (outside) this.#outside.add(outside);
  }
}
