// A build's files until it is complete: a hidden folder inside the output
// directory, so that publishing is a rename within one file system.
import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'pathe';
import { ARCHIVE_NAME, BUNDLE_NAME, MANIFEST_NAME } from '../../artifact/manifest.js';
import { ArtError, messageOf } from '../../errors.js';
import type { Staging } from '../types.js';

const PREFIX = '.art-build-';

/** Whether a process of this machine has this id. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Removes what builds left that were killed. */
async function sweep(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const pid = new RegExp(`^\\${PREFIX}(\\d+)-[0-9a-f]+$`).exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) await rm(join(directory, name), { recursive: true, force: true });
  }
}

/**
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export async function stageInDirectory(directory: string): Promise<Staging> {
  const folder = join(directory, `${PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`);
  let archive: FileHandle;
  try {
    await mkdir(directory, { recursive: true });
    await sweep(directory);
    await mkdir(folder);
    archive = await open(join(folder, ARCHIVE_NAME), 'wx');
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
      return createReadStream(join(folder, ARCHIVE_NAME), { highWaterMark: 1 << 18 });
    },
    spool: (name, bytes) => guarded(writeFile(join(folder, name), bytes)),
    peek: (name) => guarded(readFile(join(folder, name))),
    async unspool(name) {
      const path = join(folder, name);
      const bytes = await guarded(readFile(path));
      await rm(path);
      return bytes;
    },
    async publish(manifest, withArchive) {
      const from = (name: string) => join(folder, name);
      const to = (name: string) => join(directory, name);
      const publishing = async () => {
        const file = await open(from(MANIFEST_NAME), 'wx');
        await file.writeFile(manifest);
        await file.sync();
        await file.close();
        await closeArchive();
        // Killed between two of these, a build leaves no artifact rather than half of each.
        await rm(to(MANIFEST_NAME), { force: true });
        // A signature of what was there before.
        await rm(to(BUNDLE_NAME), { force: true });
        if (withArchive) await rename(from(ARCHIVE_NAME), to(ARCHIVE_NAME));
        else await rm(to(ARCHIVE_NAME), { force: true });
        await rename(from(MANIFEST_NAME), to(MANIFEST_NAME));
      };
      await guarded(publishing());
    },
    async discard() {
      await closeArchive().catch(() => {});
      await rm(folder, { recursive: true, force: true }).catch(() => {});
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
