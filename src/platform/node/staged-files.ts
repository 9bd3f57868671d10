// Files that are unpacked so that none of them appears before all of them are complete.
import { chmod, type FileHandle, lstat, mkdir, open, rename, rmdir } from 'node:fs/promises';
import { dirname, join } from 'pathe';
import { ArtError, messageOf } from '../../errors.js';
import type { StagedFiles } from '../types.js';
import { removeTemporary, sweep, temporaryIn } from './temporary.js';

/**
 * Collects files in a hidden folder inside a directory, which is made where missing, and moves them to their places
 * there.
 */
export async function stageFiles(directory: string): Promise<StagedFiles> {
  const staging = temporaryIn(directory, 'extract');
  const files: { path: string; executable: boolean }[] = [];
  let file: FileHandle | undefined;
  let made: string | undefined;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof ArtError) throw cause;
      throw new ArtError('OUTPUT_NOT_WRITABLE', `cannot unpack to '${directory}' (${messageOf(cause)})`, { cause });
    }
  };
  const close = async () => {
    await file?.close();
    file = undefined;
  };
  const discard = async () => {
    await close().catch(() => {});
    await removeTemporary(staging);
    // Where nothing was unpacked, the directory that was made for it goes as well.
    if (made !== undefined && made !== staging) await rmdir(directory).catch(() => {});
  };
  try {
    await sweep(directory);
    made = await guarded(() => mkdir(staging, { recursive: true }));
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    file: (path, executable = false) =>
      guarded(async () => {
        await close();
        await mkdir(dirname(join(staging, path)), { recursive: true });
        file = await open(join(staging, path), 'wx');
        files.push({ path, executable });
      }),
    write: (bytes) => guarded(async () => void (await file?.writeFile(bytes))),
    publish: () =>
      guarded(async () => {
        await close();
        for (const { path, executable } of files) await moveTo(staging, directory, path, executable);
      }),
    discard,
  };
}

async function moveTo(staging: string, directory: string, path: string, executable: boolean): Promise<void> {
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
  const from = join(staging, path);
  await chmod(from, (executable ? 0o777 : 0o666) & ~process.umask());
  await rename(from, join(directory, path));
}
