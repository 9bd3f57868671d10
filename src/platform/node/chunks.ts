import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const PIECE = 1 << 18;

/**
 * Reads a file in pieces of up to 256 KiB. It is opened when reading starts, and closed when the reader stops. Unlike a
 * stream of Node, it is not opened, and cannot fail, if nobody reads it.
 * @throws NodeJS.ErrnoException in the reader's loop
 */
export async function* chunksOf(path: string, flags: number = constants.O_RDONLY): AsyncGenerator<Uint8Array> {
  yield* (await open(path, flags)).createReadStream({ highWaterMark: PIECE });
}
