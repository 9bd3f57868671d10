import { randomBytes } from 'node:crypto';
import { chmod, rename, rm, stat, writeFile } from 'node:fs/promises';
import { ArtError, messageOf } from '../../errors.js';

/** New files are readable and writable by all that the umask lets; programs can be run as well. */
const FILE_MODE = 0o666;
const EXECUTABLE_MODE = 0o777;

/**
 * Writes a file in one step: who reads it meanwhile sees the old one or the new one.
 * A device, such as /dev/null, is written to.
 * @param umask default: the process's own
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export async function writeWhole(path: string, bytes: Uint8Array, executable: boolean, umask = process.umask()) {
  const mode = (executable ? EXECUTABLE_MODE : FILE_MODE) & ~umask;
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const existing = await stat(path).catch(() => undefined);
    if (existing && !existing.isFile()) {
      await writeFile(path, bytes);
      return;
    }
    await writeFile(temporary, bytes, { flag: 'wx' });
    await chmod(temporary, mode);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw new ArtError(
      'OUTPUT_NOT_WRITABLE',
      `cannot write '${path}' (${messageOf(cause)}): make room or make it writable, or name another place`,
      {
        cause,
      },
    );
  }
}
