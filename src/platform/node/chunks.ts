import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const PIECE = 1 << 18;

/**
 * A file in pieces of up to 256 KiB. It is opened when it is read, and closed when its reader stops; what nobody reads
 * is never opened, and cannot fail where nobody listens, as a stream of Node would.
 * @throws NodeJS.ErrnoException from the reader's loop
 */
export async function* chunksOf(path: string, flags: number = constants.O_RDONLY): AsyncGenerator<Uint8Array> {
  yield* (await open(path, flags)).createReadStream({ highWaterMark: PIECE });
}
