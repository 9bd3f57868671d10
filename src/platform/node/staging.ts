// A build's files until it is complete: a hidden folder inside the output
// directory, so that publishing is a rename within one file system.
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'pathe';
import { ArtError, messageOf } from '../../errors.js';
import type { Staging } from '../types.js';
import { isOwnerGone, ownName } from './owner.js';
import { whilePublishing } from './publish-lock.js';

const PREFIX = '.art-build-';
/** In the hidden folder: the archive, what waits for its turn, and small files on their way out. */
const ARCHIVE = 'archive';
const SPOOL = 'spool';
const READY = 'ready';

/** Removes what builds left that were killed. */
async function sweep(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    if (name.startsWith(PREFIX) && isOwnerGone(name.slice(PREFIX.length)))
      await rm(join(directory, name), { recursive: true, force: true });
}

/** Makes a directory's new names last; not every system has a way to. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {}
}

/** Removes directories that were made for nothing: from `directory` up to `first`, as far as they are empty. */
async function removeEmpty(directory: string, first: string): Promise<void> {
  try {
    for (let at = directory; at.length >= first.length; at = dirname(at)) await rmdir(at);
  } catch {} // something lies in it
}

/**
 * Looks, before there is anything to write, whether a file is in the way.
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export async function checkOutput(directory: string): Promise<void> {
  for (let at = directory; ; at = dirname(at)) {
    const there = await stat(at).catch(() => undefined);
    if (there?.isDirectory() || dirname(at) === at) return;
    if (there) throw notWritable(directory, Object.assign(new Error('not a directory'), { code: 'ENOTDIR' }));
  }
}

/**
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export async function stageInDirectory(directory: string): Promise<Staging> {
  const folder = join(directory, PREFIX + ownName());
  let archive: FileHandle;
  let made: string | undefined;
  try {
    made = await mkdir(directory, { recursive: true });
    await sweep(directory);
    // Another build that made the directory may just have removed it.
    await mkdir(folder, { recursive: true });
    for (const name of [SPOOL, READY]) await mkdir(join(folder, name), { recursive: true });
    archive = await open(join(folder, ARCHIVE), 'wx');
  } catch (cause) {
    throw notWritable(directory, cause);
  }
  const guarded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      throw notWritable(directory, cause);
    }
  };
  let open_ = true;
  const closeArchive = async () => {
    if (!open_) return;
    open_ = false;
    await archive.close();
  };
  return {
    append: async (bytes) => {
      await guarded(archive.writeFile(bytes));
    },
    readBack: async () => {
      await guarded(archive.sync().then(closeArchive));
      return createReadStream(join(folder, ARCHIVE), { highWaterMark: 1 << 18 });
    },
    spool: (name, bytes) => guarded(writeFile(join(folder, SPOOL, name), bytes)),
    peek: (name) => guarded(readFile(join(folder, SPOOL, name))),
    async unspool(name) {
      const path = join(folder, SPOOL, name);
      const bytes = await guarded(readFile(path));
      await rm(path);
      return bytes;
    },
    async publish({ archive: archiveName, files, removed }) {
      const to = (name: string) => join(directory, name);
      const publishing = async () => {
        for (const [name, bytes] of files) {
          const file = await open(join(folder, READY, name), 'wx');
          await file.writeFile(bytes);
          await file.sync();
          await file.close();
        }
        await closeArchive();
        await whilePublishing(directory, folder, moveIn);
      };
      const moveIn = async () => {
        // Killed between two of these, a build leaves no artifact rather than half of each.
        for (const name of [...files.keys(), ...removed]) await rm(to(name), { force: true });
        if (archiveName !== undefined) await rename(join(folder, ARCHIVE), to(archiveName));
        for (const name of files.keys()) await rename(join(folder, READY, name), to(name));
        await syncDirectory(directory);
      };
      await guarded(publishing());
    },
    async discard() {
      await closeArchive().catch(() => {});
      await rm(folder, { recursive: true, force: true }).catch(() => {});
      if (made !== undefined) await removeEmpty(directory, made.replaceAll('\\', '/'));
    },
  };
}

function notWritable(directory: string, cause: unknown): ArtError {
  const code = (cause as NodeJS.ErrnoException)?.code;
  const why =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'the disk is full: free some space or choose another place with --out'
      : code === 'EEXIST' || code === 'ENOTDIR'
        ? 'a file is in the way: expected a directory, or a place for one'
        : `${messageOf(cause)}: choose another place with --out`;
  return new ArtError('OUTPUT_NOT_WRITABLE', `cannot write to the output directory '${directory}': ${why}`, { cause });
}
