import { chmodSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'pathe';
import { ArtError, messageOf } from '../../errors.js';
import { arrived, removeTemporary, sweep, temporaryIn } from './temporary.js';

/** Mode of new files before the umask is applied; programs can be executed as well. */
const FILE_MODE = 0o666;
const EXECUTABLE_MODE = 0o777;

/** More bytes are written on another thread. For fewer, going there takes longer than writing. */
const SMALL = 1 << 20;

/**
 * Writes a file in one step: readers see the old file or the new one. A device, such as /dev/null, is written to.
 * @param umask default: that of the process
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export async function writeWhole(path: string, bytes: Uint8Array, executable: boolean, umask = process.umask()) {
  const mode = (executable ? EXECUTABLE_MODE : FILE_MODE) & ~umask;
  let temporary: string | undefined;
  try {
    const existing = statSync(path, { throwIfNoEntry: false });
    if (existing && !existing.isFile()) {
      await writeFile(path, bytes);
      return;
    }
    await sweep(dirname(path));
    temporary = temporaryIn(dirname(path), 'write');
    if (bytes.length <= SMALL) writeFileSync(temporary, bytes, { flag: 'wx' });
    else await writeFile(temporary, bytes, { flag: 'wx' });
    chmodSync(temporary, mode);
    renameSync(temporary, path);
    arrived(temporary);
    temporary = undefined;
  } catch (cause) {
    throw new ArtError(
      'OUTPUT_NOT_WRITABLE',
      `cannot write '${path}' (${messageOf(cause)}): make room or make it writable, or name another place`,
      {
        cause,
      },
    );
  } finally {
    if (temporary !== undefined) await removeTemporary(temporary);
  }
}

/** Writes a file as `writeWhole` does, and makes the folders above it that are missing. */
export async function writeWithFolders(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch(() => {}); // `writeWhole` says why the file cannot be there
  await writeWhole(path, bytes, false);
}
