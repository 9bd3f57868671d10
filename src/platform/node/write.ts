import { chmod, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'pathe';
import { ArtError, messageOf } from '../../errors.js';
import { removeTemporary, sweep, temporaryIn } from './temporary.js';

/** Mode of new files before the umask is applied; programs can be executed as well. */
const FILE_MODE = 0o666;
const EXECUTABLE_MODE = 0o777;

/**
 * Writes a file in one step: readers see the old file or the new one. A device, such as /dev/null, is written to.
 * @param umask default: that of the process
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export async function writeWhole(path: string, bytes: Uint8Array, executable: boolean, umask = process.umask()) {
  const mode = (executable ? EXECUTABLE_MODE : FILE_MODE) & ~umask;
  let temporary: string | undefined;
  try {
    const existing = await stat(path).catch(() => undefined);
    if (existing && !existing.isFile()) {
      await writeFile(path, bytes);
      return;
    }
    await sweep(dirname(path));
    temporary = temporaryIn(dirname(path), 'write');
    await writeFile(temporary, bytes, { flag: 'wx' });
    await chmod(temporary, mode);
    await rename(temporary, path);
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
