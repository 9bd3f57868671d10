// Stores a build's files until it is complete, in a hidden folder of the output directory, so that publishing is a
// rename within one file system.
import { type FileHandle, mkdir, open, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'pathe';
import { ArtError, messageOf } from '../../errors.js';
import type { Staging } from '../types.js';
import { chunksOf } from './chunks.js';
import { publish, writeLasting } from './publishing.js';
import { removeTemporary, sweep, temporaryIn } from './temporary.js';

/** In the hidden folder: the archive, entries that wait for their turn, and small files to be published. */
const ARCHIVE = 'archive';
const SPOOL = 'spool';
const SMALL = 'small';

/** Removes directories that were created and not used: from `directory` up to `first`, if they are empty. */
async function removeEmpty(directory: string, first: string): Promise<void> {
  try {
    for (let at = directory; at.length >= first.length; at = dirname(at)) await rmdir(at);
  } catch {} // it is not empty
}

/**
 * Checks before a build whether a file is in the way.
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
  let folder = '';
  let archive: FileHandle;
  let made: string | undefined;
  try {
    made = await mkdir(directory, { recursive: true });
    await sweep(directory);
    folder = temporaryIn(directory, 'build');
    // Another build that created the directory may just have removed it.
    await mkdir(folder, { recursive: true });
    for (const name of [SPOOL, SMALL]) await mkdir(join(folder, name), { recursive: true });
    archive = await open(join(folder, ARCHIVE), 'wx');
  } catch (cause) {
    if (folder !== '') await removeTemporary(folder);
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
      return chunksOf(join(folder, ARCHIVE));
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
      const publishing = async () => {
        await closeArchive();
        const paths = new Map(archiveName === undefined ? [] : [[archiveName, join(folder, ARCHIVE)]]);
        for (const [name, bytes] of files) {
          const path = join(folder, SMALL, name);
          await writeLasting(path, bytes);
          paths.set(name, path);
        }
        await publish(directory, folder, paths, removed);
      };
      await guarded(publishing());
    },
    async discard() {
      await closeArchive().catch(() => {});
      await removeTemporary(folder);
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
