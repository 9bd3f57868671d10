// Unpacks artifacts so that nothing appears before all of it is checked.
import { randomBytes } from 'node:crypto';
import { chmod, type FileHandle, lstat, mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'pathe';
import type { Artifact, EntryFilter } from '../../artifact/artifact.js';
import { ArtError, messageOf } from '../../errors.js';

/**
 * Writes entries below a directory. They are collected in a hidden folder in it
 * and only moved to their places when the whole archive has been checked.
 * @returns their paths, in the archive's order
 * @throws ArtError ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE
 */
export async function extractTo(artifact: Artifact, directory: string, filter: EntryFilter): Promise<string[]> {
  const wanted = new Set(artifact.entries(filter).map((entry) => entry.path));
  const staging = join(directory, `.art-extract-${process.pid}-${randomBytes(4).toString('hex')}`);
  let file: FileHandle | undefined;
  let made: string | undefined;
  try {
    made = await mkdir(staging, { recursive: true });
    await artifact.readInto({
      open(entry) {
        if (!wanted.has(entry.path)) return undefined;
        let opened: Promise<FileHandle> | undefined;
        const start = async () => {
          await file?.close();
          await mkdir(dirname(join(staging, entry.path)), { recursive: true });
          file = await open(join(staging, entry.path), 'wx');
          return file;
        };
        // An empty entry has no pieces, and is a file all the same.
        if (entry.size === 0) return undefined;
        return async (chunk) => {
          try {
            opened ??= start();
            await (await opened).writeFile(chunk);
          } catch (cause) {
            throw notWritable(directory, cause);
          }
        };
      },
    });
    await file?.close();
    file = undefined;
    for (const entry of artifact.entries(filter))
      await publish(staging, directory, entry.path, entry.type, entry.size === 0);
    return [...wanted];
  } catch (cause) {
    if (cause instanceof ArtError) throw cause;
    throw notWritable(directory, cause);
  } finally {
    await file?.close().catch(() => {});
    await rm(staging, { recursive: true, force: true }).catch(() => {});
    // Where nothing was unpacked, the directory that was made for it goes as well.
    if (made !== undefined && made !== staging) await rmdir(directory).catch(() => {});
  }
}

function notWritable(directory: string, cause: unknown): ArtError {
  return new ArtError('OUTPUT_NOT_WRITABLE', `cannot unpack to '${directory}' (${messageOf(cause)})`, { cause });
}

async function publish(staging: string, directory: string, path: string, type: string, empty: boolean): Promise<void> {
  const from = join(staging, path);
  if (empty) {
    await mkdir(dirname(from), { recursive: true });
    await (await open(from, 'wx')).close();
  }
  const folders = path.split('/').slice(0, -1);
  for (let at = directory; folders.length > 0; ) {
    at = join(at, folders.shift() as string);
    await mkdir(at).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
    // A link would lead what is written to somewhere else.
    if (!(await lstat(at)).isDirectory())
      throw new ArtError('OUTPUT_NOT_WRITABLE', `'${at}' is in the way: expected a directory, not a file or a link`);
  }
  await chmod(from, type.startsWith('executable/') ? 0o777 & ~process.umask() : 0o666 & ~process.umask());
  await rename(from, join(directory, path));
}
