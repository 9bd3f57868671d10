// Unpacks files so that none of them appears before all are complete.
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'pathe';
import { ArtError, messageOf } from '../../errors.js';
import type { StagedFiles } from '../types.js';
import { procPath } from './checked.js';
import { fromHere } from './files.js';
import { removeTemporary, sweep, temporaryIn } from './temporary.js';

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;

/**
 * Collects files in a hidden folder in a directory, which is created if it does not exist, and then moves them to their
 * places. On Linux this uses handles of the folders, so that a folder which somebody replaces by a link does not
 * redirect it.
 */
export async function stageFiles(directory: string): Promise<StagedFiles> {
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof ArtError) throw cause;
      throw new ArtError('OUTPUT_NOT_WRITABLE', `cannot unpack to '${directory}' (${messageOf(cause)})`, { cause });
    }
  };
  const out = fromHere(directory);
  const made = (await guarded(() => mkdir(out, { recursive: true })))?.replaceAll('\\', '/');
  await sweep(out);
  const place = temporaryIn(out, 'extract');
  const name = basename(place);
  let top: Folder | undefined;
  let staging: Folder | undefined;
  let file: FileHandle | undefined;
  const close = async () => {
    await file?.close();
    file = undefined;
  };
  const discard = async () => {
    await close().catch(() => {});
    await staging?.close();
    if (staging) await rm(top?.path(name) as string, { recursive: true, force: true }).catch(() => {});
    await removeTemporary(place);
    await top?.close();
    staging = undefined;
    top = undefined;
    // If nothing was unpacked, the directories created for it are removed as well.
    if (made === undefined) return;
    for (let at = out; at.length >= made.length; at = dirname(at)) if (!(await isDone(rmdir(at)))) return;
  };
  try {
    await guarded(async () => {
      top = await openFolder(out, directory, false);
      await mkdir(top.path(name));
      staging = await top.open(name);
    });
  } catch (error) {
    await discard();
    throw error;
  }
  const files: Staged[] = [];
  return {
    file: (path, executable = false) =>
      guarded(async () => {
        await close();
        const number = String(files.length);
        file = await open(staging?.path(number) as string, O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0));
        await file.chmod((executable ? 0o777 : 0o666) & ~process.umask());
        files.push({ path, number });
      }),
    write: (bytes) => guarded(async () => void (await file?.writeFile(bytes))),
    publish: () =>
      guarded(async () => {
        await close();
        await new Placing(top as Folder, staging as Folder).placeAll(files);
      }),
    discard,
  };
}

/** A file, and its name until it is moved. */
interface Staged {
  path: string;
  number: string;
}

/** A folder in which names are looked up, through its handle if the system supports that. */
interface Folder {
  /** The path of a name in it. */
  path(name: string): string;
  /** Opens a folder in it. @throws ArtError if the name is that of a link, or not of a folder */
  open(name: string): Promise<Folder>;
  close(): Promise<void>;
}

/** @param shown its name in messages */
async function openFolder(path: string, shown: string, isBelow = true): Promise<Folder> {
  const inTheWay = (cause?: unknown) =>
    new ArtError('OUTPUT_NOT_WRITABLE', `'${shown}' is in the way: expected a directory, not a file or a link`, {
      cause,
    });
  const below = (at: string, name: string) => openFolder(`${at}/${name}`, join(shown, name));
  if (!procPath) {
    if (isBelow && !(await lstat(path)).isDirectory()) throw inTheWay();
    return { path: (name) => `${path}/${name}`, open: (name) => below(path, name), async close() {} };
  }
  let handle: FileHandle;
  try {
    handle = await open(path, O_RDONLY | O_DIRECTORY | (isBelow ? O_NOFOLLOW : 0));
  } catch (cause) {
    throw /^(ELOOP|ENOTDIR)$/.test(String((cause as NodeJS.ErrnoException).code)) ? inTheWay(cause) : cause;
  }
  const at = procPath(handle.fd);
  return { path: (name) => `${at}/${name}`, open: (name) => below(at, name), close: () => handle.close() };
}

/** How many handles of the most recently used folders are kept. */
const KEPT_FOLDERS = 64;

/** Moves staged files to their places; if one cannot be moved, everything is restored. */
class Placing {
  readonly #folders = new Map<string, Folder>();
  readonly #madeFolders: string[] = [];
  readonly #placed: { path: string; inode: bigint; kept: string | undefined }[] = [];

  constructor(
    readonly top: Folder,
    readonly staging: Folder,
  ) {}

  async placeAll(files: readonly Staged[]): Promise<void> {
    try {
      for (const file of files) await this.#place(file);
    } catch (error) {
      await this.#undo();
      throw error;
    } finally {
      for (const folder of this.#folders.values()) await folder.close();
      this.#folders.clear();
    }
  }

  async #place({ path, number }: Staged): Promise<void> {
    const [folder, name] = split(path);
    const to = (await this.#open(folder, true)).path(name);
    const from = this.staging.path(number);
    const { ino: inode } = await lstat(from, { bigint: true });
    const kept = await this.#keep(to, `${number}.old`);
    this.#placed.push({ path, inode, kept });
    await rename(from, to);
  }

  /**
   * Keeps a file that is replaced, so that it can be restored: under a second name, so that its place is never empty,
   * or else by moving it.
   */
  async #keep(path: string, name: string): Promise<string | undefined> {
    const there = await lstat(path).catch(() => undefined);
    if (!there || there.isDirectory()) return undefined; // rename reports the reason
    const kept = this.staging.path(name);
    if (!(await isDone(link(path, kept)))) await rename(path, kept);
    return kept;
  }

  async #open(path: string, isMade: boolean): Promise<Folder> {
    if (path === '') return this.top;
    const known = this.#folders.get(path);
    if (known) return known;
    const [above, name] = split(path);
    const parent = await this.#open(above, isMade);
    if (isMade && (await isNew(parent.path(name)))) this.#madeFolders.push(path);
    const folder = await parent.open(name);
    this.#folders.set(path, folder);
    if (this.#folders.size > KEPT_FOLDERS) await this.#closeOther(path);
    return folder;
  }

  /** Closes the kept folders that are not above `path`. */
  async #closeOther(path: string): Promise<void> {
    const other = [...this.#folders.keys()].find((folder) => !`${path}/`.startsWith(`${folder}/`));
    if (other === undefined) return;
    await this.#folders.get(other)?.close();
    this.#folders.delete(other);
  }

  /**
   * Restores the files. Only files that art wrote are removed, since somebody may have replaced them in the meantime.
   */
  async #undo(): Promise<void> {
    for (const { path, inode, kept } of this.#placed.reverse()) {
      const [folder, name] = split(path);
      const to = await this.#open(folder, false).then(
        (parent) => parent.path(name),
        () => undefined,
      );
      const there = to && (await lstat(to, { bigint: true }).catch(() => undefined));
      if (to === undefined || (there && there.ino !== inode)) continue;
      await isDone(kept === undefined ? rm(to, { force: true }) : rename(kept, to));
    }
    for (const path of this.#madeFolders.reverse()) {
      const [above, name] = split(path);
      await isDone(this.#open(above, false).then((parent) => rmdir(parent.path(name))));
    }
  }
}

/** Splits a path into its folder, '' for the root, and its name. */
function split(path: string): [folder: string, name: string] {
  const slash = path.lastIndexOf('/');
  return [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)];
}

async function isNew(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

const isDone = (work: Promise<unknown>): Promise<boolean> =>
  work.then(
    () => true,
    () => false,
  );
