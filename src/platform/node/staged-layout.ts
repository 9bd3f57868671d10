// Writes a folder or a file beside its place, and moves it there when it is complete.
import { chmod, type FileHandle, lstat, mkdir, open, readdir, rename, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'pathe';
import { ArtError, messageOf } from '../../errors.js';
import type { StagedLayout } from '../types.js';
import { fromHere } from './files.js';
import { removeTemporary, sweep, temporaryIn } from './temporary.js';

/**
 * Stages a folder that does not exist yet or is empty, or a single file.
 * @param isFile it is a single file, begun by `file` with its name; an existing file is replaced
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export async function stageLayout(shown: string, isFile: boolean): Promise<StagedLayout> {
  const out = fromHere(shown);
  const staging = temporaryIn(dirname(out), 'convert');
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
      throw cause instanceof ArtError ? cause : notWritable(shown, messageOf(cause), cause);
    }
  };
  await guarded(async () => {
    const there = await lstat(out).catch(() => undefined);
    if (isFile && there && !there.isFile()) throw notWritable(shown, 'it is there, and is not a regular file');
    if (!isFile && there && (!there.isDirectory() || (await readdir(out)).length > 0))
      throw notWritable(shown, 'it is there, and is not an empty folder');
    await sweep(dirname(out));
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
      await removeTemporary(staging);
    },
  };
}

function notWritable(out: string, why: string, cause?: unknown): ArtError {
  return new ArtError('OUTPUT_NOT_WRITABLE', `cannot write '${out}' (${why}): name another place with --out`, {
    cause,
  });
}
