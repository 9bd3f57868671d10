import { ArtError, messageOf } from '../errors.js';
import { type FileLimit, readBounded, shownBytes } from '../text/limits.js';
import type { HostFiles } from './types.js';

/**
 * Reads a file that the user named, up to a limit of bytes.
 * @param shown the file in messages
 * @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE
 */
export async function readNamedFile(
  path: string,
  shown: string,
  files: HostFiles,
  limit: FileLimit,
): Promise<Uint8Array> {
  try {
    const kind = await files.kind(path);
    if (kind === 'file') {
      const bytes = await readBounded(files.stream(path), limit);
      if (bytes) return bytes;
      throw new ArtError('INPUT_UNREADABLE', `'${shown}' is not read: it is larger than ${shownBytes(limit.bytes)}`);
    }
    throw new ArtError(
      'INPUT_NOT_FOUND',
      kind === undefined ? `no such file: '${shown}' ('${path}')` : `'${shown}' is not a file: name the file itself`,
    );
  } catch (cause) {
    if (cause instanceof ArtError) throw cause;
    throw new ArtError('INPUT_UNREADABLE', `cannot read '${shown}' (${messageOf(cause)}): allow it to be read`, {
      cause,
    });
  }
}
