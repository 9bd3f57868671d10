// The files of a build in a browser tab: in memory, or wherever a Blob stores its bytes. A Blob is passed to a worker
// without a copy, and workers read it when a program asks for it.
import { ArtError } from '../../errors.js';
import type { MountedTree } from '../../toolchain/mounts.js';
import { foldUp } from '../../toolchain/paths.js';
import { mountedTrees } from '../mounted.js';
import { chunksOf } from '../streams.js';
import type { FileKind, Folder, Found, HostFiles, Mount, NamedFolder } from '../types.js';
import type { WebBlob, WebDirectory } from '../web-types.js';

/** The content of a file. A string is encoded as UTF-8. A File of an <input> is a Blob. */
export type FileContent = string | Uint8Array | ArrayBuffer | WebBlob;

/** Files by relative path with '/' between the parts; or a directory that the user picked (File System Access). */
export type Files = Readonly<Record<string, FileContent>> | ReadonlyMap<string, FileContent> | WebDirectory;

/** The folder in which programs see the files; also the name of a package that has no other. */
export const FOLDER = '/project';

/** Whether a name is left out of a directory that the user picked: such folders are large and have no sources. */
const isPassedOver = (name: string) => name.startsWith('.') || name === 'node_modules';

/**
 * Collects the files by absolute path.
 * @throws ArtError INVALID_OPTION, naming what is not a file or not a path
 */
export async function gatherFiles(files: Files): Promise<Map<string, Blob>> {
  const gathered = new Map<string, Blob>();
  if (typeof FileSystemDirectoryHandle !== 'undefined' && files instanceof FileSystemDirectoryHandle) {
    await gatherDirectory(files, FOLDER, gathered);
    return gathered;
  }
  if (typeof files !== 'object' || files === null)
    throw new ArtError('INVALID_OPTION', "option 'files' must be an object or a Map of paths and contents");
  const named = files instanceof Map ? [...files] : Object.entries(files);
  for (const [path, content] of named as [string, FileContent][]) {
    checkPath(path);
    gathered.set(`${FOLDER}/${path}`, toBlob(path, content));
  }
  for (const path of gathered.keys())
    for (let at = path; at !== FOLDER; ) {
      at = at.slice(0, at.lastIndexOf('/'));
      if (gathered.has(at))
        throw new ArtError('INVALID_OPTION', `'${at.slice(FOLDER.length + 1)}' in 'files' is a file and a directory`);
    }
  return gathered;
}

async function gatherDirectory(from: FileSystemDirectoryHandle, at: string, gathered: Map<string, Blob>) {
  for await (const [name, handle] of from.entries()) {
    if (isPassedOver(name)) continue;
    if (handle.kind === 'directory')
      await gatherDirectory(handle as FileSystemDirectoryHandle, `${at}/${name}`, gathered);
    else gathered.set(`${at}/${name}`, await (handle as FileSystemFileHandle).getFile());
  }
}

function checkPath(path: string): void {
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw new ArtError(
      'INVALID_OPTION',
      `'${path}' in 'files' is no relative path: expected one such as 'src/main.c', without '.' and '..'`,
    );
}

function toBlob(path: string, content: FileContent): Blob {
  if (content instanceof Blob) return content;
  if (typeof content !== 'string' && !(content instanceof Uint8Array) && !(content instanceof ArrayBuffer))
    throw new ArtError('INVALID_OPTION', `'${path}' in 'files' must be a string, a Uint8Array or a Blob`);
  return new Blob([content as BlobPart]);
}

/** The directories of the files, and what is in each. */
export class FileIndex {
  readonly #directories = new Map<string, Map<string, FileKind>>();

  constructor(readonly files: ReadonlyMap<string, Blob>) {
    this.#directories.set(FOLDER, new Map());
    for (const path of files.keys()) this.#note(path, 'file');
    this.#note(FOLDER, 'directory');
  }

  kind(path: string): 'file' | 'directory' | undefined {
    if (this.files.has(path)) return 'file';
    return this.#directories.has(path) ? 'directory' : undefined;
  }

  /** The path with '.' and '..' resolved; undefined if nothing is there. */
  real(path: string): string | undefined {
    const folded = this.resolve('/', path);
    return this.kind(folded) && folded;
  }

  /** Resolves a path that need not exist. */
  resolve(from: string, path: string): string {
    return foldUp(path.startsWith('/') ? path : `${from}/${path}`, (at) =>
      this.#directories.has(at) ? at : undefined,
    );
  }

  list(path: string): { name: string; kind: FileKind }[] {
    return [...(this.#directories.get(path) ?? [])].map(([name, kind]) => ({ name, kind }));
  }

  /** @throws Error */
  blob(path: string): Blob {
    const blob = this.files.get(path);
    if (!blob) throw new Error('no such file');
    return blob;
  }

  #note(path: string, kind: FileKind): void {
    const slash = path.lastIndexOf('/');
    const folder = path.slice(0, slash) || '/';
    const known = this.#directories.get(folder);
    if (known) known.set(path.slice(slash + 1), kind);
    else {
      this.#directories.set(folder, new Map([[path.slice(slash + 1), kind]]));
      if (folder !== '/') this.#note(folder, 'directory');
    }
  }
}

export const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

/** The files for planning a build. */
export function browserFiles(index: FileIndex): HostFiles {
  const read = (path: string) => bytesOf(index.blob(path));
  return {
    resolve: (from, path) => index.resolve(from, path),
    kind: async (path) => index.kind(path),
    list: async (path) => index.list(path),
    read,
    async *stream(path) {
      yield await read(path);
    },
    size: async (path) => index.blob(path).size,
  };
}

/**
 * The directories of the files as trees for the compiler. They have no links. @param read reads a Blob, at once or
 * asynchronously
 */
export function treesAmong<Bytes>(
  index: FileIndex,
  mounts: readonly Mount[],
  read: (blob: Blob) => Bytes,
): MountedTree<Bytes>[] {
  const roots = mounts.map(({ host }) => host);
  return mountedTrees(mounts, roots, {
    kind: (path) => index.kind(path),
    real: (path) => index.real(path),
    read: (path) => read(index.blob(path)),
    list: (path) => index.list(path).map(({ name }) => name),
  });
}

/**
 * A folder among the files, to open an artifact in it; or the folder of a file, and the file's name.
 * @param path absolute
 * @throws ArtError INPUT_NOT_FOUND
 */
export function folderAmong(index: FileIndex, path: string): NamedFolder {
  const kind = index.kind(path);
  const shown = path.slice(FOLDER.length + 1);
  if (kind === undefined) throw new ArtError('INPUT_NOT_FOUND', `no such artifact in 'files': '${shown}'`);
  const slash = path.lastIndexOf('/');
  const root = kind === 'directory' ? path : path.slice(0, slash);
  const folder: Folder = {
    name: `'${shown}'`,
    open: async (name) => {
      const blob = index.files.get(`${root}/${name}`);
      return blob && chunksOf(blob.stream());
    },
    list: () => below(index, root, ''),
  };
  return { folder, named: kind === 'directory' ? undefined : path.slice(slash + 1) };
}

async function* below(index: FileIndex, root: string, folder: string): AsyncGenerator<Found> {
  for (const { name, kind } of index.list(folder === '' ? root : `${root}/${folder}`)) {
    const path = folder === '' ? name : `${folder}/${name}`;
    yield { path, kind };
    if (kind === 'directory') yield* below(index, root, path);
  }
}
