// Artifacts on a disk, in whatever layout: where they are read, and where they are written before they appear.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { basename, dirname, join } from 'pathe';
import type { Folder, Found, LayoutTarget } from '../../artifact/layouts/folder.js';
import { ArtError, messageOf } from '../../errors.js';

const PIECE = 1 << 18;

/**
 * The path that a source names, or that a file: URL stands for; undefined for other URLs.
 * @throws ArtError INPUT_NOT_FOUND for a file: URL of another host
 */
export function pathOf(source: string | URL): string | undefined {
  if (!/^(?:https?|file):/i.test(String(source))) return typeof source === 'string' ? source : undefined;
  if (!/^file:/i.test(String(source))) return undefined;
  try {
    return fileURLToPath(source);
  } catch (cause) {
    throw new ArtError('INPUT_NOT_FOUND', `'${source}' names no file of this machine (${messageOf(cause)})`, { cause });
  }
}

/**
 * A folder on the disk, and the file in it that a path names, where it names one.
 * @throws ArtError INPUT_NOT_FOUND
 */
export async function folderOnDisk(path: string): Promise<{ folder: Folder; named: string | undefined }> {
  const found = await stat(path).catch(() => undefined);
  if (!found) throw new ArtError('INPUT_NOT_FOUND', `no such artifact: '${path}'`);
  const root = found.isDirectory() ? path : dirname(path);
  const folder: Folder = {
    name: `'${path}'`,
    open: (name, plain) => openFile(root, name, plain),
    list: () => below(root, ''),
  };
  return { folder, named: found.isDirectory() ? undefined : basename(path) };
}

async function openFile(root: string, name: string, plain = false): Promise<AsyncIterable<Uint8Array> | undefined> {
  const at = join(root, name);
  try {
    const steps = name.split('/');
    for (let i = 1; plain && i <= steps.length; i++) {
      const step = steps.slice(0, i).join('/');
      if ((await lstat(join(root, step))).isSymbolicLink()) throw new Error(`'${step}' is a link`);
    }
    // A pipe or a device would be waited for.
    if (!(await stat(at)).isFile()) throw new Error('it is not a regular file');
    return chunksOf(at, constants.O_RDONLY | (plain ? constants.O_NOFOLLOW : 0));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(at, cause);
  }
}

/** Opens the file when it is read, and closes it when its reader stops. */
async function* chunksOf(at: string, flags: number): AsyncGenerator<Uint8Array> {
  try {
    yield* (await open(at, flags)).createReadStream({ highWaterMark: PIECE });
  } catch (cause) {
    throw unreadable(at, cause);
  }
}

function unreadable(at: string, cause: unknown): ArtError {
  return new ArtError('INPUT_NOT_FOUND', `cannot read '${at}' (${messageOf(cause)})`, { cause });
}

async function* below(root: string, folder: string): AsyncGenerator<Found> {
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const kind = entry.isSymbolicLink()
      ? 'link'
      : entry.isDirectory()
        ? 'directory'
        : entry.isFile()
          ? 'file'
          : 'other';
    yield { path, kind };
    if (kind === 'directory') yield* below(root, path);
  }
}

/** A layout that is being written. */
export interface StagedLayout extends LayoutTarget {
  /** Where it lies until it is published. */
  path: string;
  /** Ends its last file, so that it can be read. */
  complete(): Promise<void>;
  /** Moves it to its place. */
  publish(): Promise<void>;
  /** Removes all traces; harmless after publish. */
  discard(): Promise<void>;
}

/**
 * Begins a layout at a place where nothing is yet: a folder that is new or empty, or a file.
 * @param isFile it is one file, which `file` is asked for by its name; one that is there is replaced
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export async function stageLayout(out: string, isFile: boolean): Promise<StagedLayout> {
  const staging = join(dirname(out), `.art-convert-${process.pid}-${randomBytes(4).toString('hex')}`);
  const umask = process.umask();
  let file: FileHandle | undefined;
  const close = async () => {
    await file?.sync();
    await file?.close();
    file = undefined;
  };
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw cause instanceof ArtError ? cause : notWritable(out, messageOf(cause), cause);
    }
  };
  await guarded(async () => {
    const there = await lstat(out).catch(() => undefined);
    if (isFile && there && !there.isFile()) throw notWritable(out, 'it is there, and is not a regular file');
    if (!isFile && there && (!there.isDirectory() || (await readdir(out)).length > 0))
      throw notWritable(out, 'it is there, and is not an empty folder');
    await mkdir(staging, { recursive: true });
  });
  return {
    path: isFile ? join(staging, basename(out)) : staging,
    file: (path, executable = false) =>
      guarded(async () => {
        await close();
        const at = join(staging, path);
        await mkdir(dirname(at), { recursive: true });
        file = await open(at, 'wx');
        await chmod(at, (executable ? 0o777 : 0o666) & ~umask);
      }),
    write: (bytes) => guarded(async () => void (await file?.writeFile(bytes))),
    complete: () => guarded(close),
    publish: () =>
      guarded(async () => {
        if (isFile) await rename(join(staging, basename(out)), out);
        else {
          await rmdir(out).catch(() => {}); // the empty folder that may be there
          await rename(staging, out);
        }
      }),
    async discard() {
      await file?.close().catch(() => {});
      await rm(staging, { recursive: true, force: true }).catch(() => {});
    },
  };
}

function notWritable(out: string, why: string, cause?: unknown): ArtError {
  return new ArtError('OUTPUT_NOT_WRITABLE', `cannot write '${out}' (${why}): name another place with --out`, {
    cause,
  });
}
