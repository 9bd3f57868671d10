// Reads files that builds replace together, so that all of them are from the same publication. publishing.ts says how
// they are replaced.
import { closeSync, constants, fstatSync, openSync, readSync, read as readWithCallback, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { join } from 'pathe';
import { ArtError, messageOf } from '../../errors.js';
import type { Folder } from '../types.js';
import { publishedIn } from './publishing.js';

const read = promisify(readWithCallback);

const PIECE = 1 << 18;
/** Files up to this size are read at once, so that they need no descriptor. */
const SMALL = 1 << 20;
/** Each attempt fails only if something is published during a few system calls. */
const MAX_TRIES = 1000;

/** Closes an opened file when it is no longer referenced. */
const forgotten = new FinalizationRegistry((descriptor: number) => closeSync(descriptor));

/** A file as it was when it was opened, even if its path now leads to another one. */
class Held {
  readonly #at: string;
  readonly #descriptor: number;
  readonly #identity: string;
  #bytes: Uint8Array | undefined;

  constructor(at: string) {
    this.#at = at;
    // Opening a pipe could block.
    this.#descriptor = openSync(at, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(this.#descriptor, { bigint: true });
    this.#identity = identityOf(stat);
    if (stat.isFile()) return;
    closeSync(this.#descriptor);
    throw new Error('it is not a regular file');
  }

  /** Whether its path still leads to it. The inode number of an open file is not used again. */
  isStillThere(): boolean {
    const stat = statSync(this.#at, { bigint: true, throwIfNoEntry: false });
    return stat !== undefined && identityOf(stat) === this.#identity;
  }

  /** Keeps it open for reading. */
  keep(): void {
    const { size } = fstatSync(this.#descriptor);
    if (size > SMALL) {
      forgotten.register(this, this.#descriptor);
      return;
    }
    try {
      const bytes = new Uint8Array(size);
      let end = 0;
      for (let read = -1; read !== 0 && end < size; end += read)
        read = readSync(this.#descriptor, bytes, end, size - end, end);
      this.#bytes = bytes.subarray(0, end);
    } catch (cause) {
      throw unreadable(this.#at, cause);
    } finally {
      closeSync(this.#descriptor);
    }
  }

  drop(): void {
    closeSync(this.#descriptor);
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    if (this.#bytes) {
      yield this.#bytes;
      return;
    }
    // Not a stream of Node, which closes the descriptor if its reader stops early.
    for (let at = 0; ; ) {
      const { bytesRead, buffer } = await read(this.#descriptor, new Uint8Array(PIECE), 0, PIECE, at).catch((cause) => {
        throw unreadable(this.#at, cause);
      });
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}

const identityOf = ({ dev, ino }: { dev: bigint; ino: bigint }) => `${dev}:${ino}`;

const unreadable = (at: string, cause: unknown) =>
  new ArtError('INPUT_NOT_FOUND', `cannot read '${at}' (${messageOf(cause)})`, { cause });

/** Undefined if nothing is there; an error is thrown when the file is asked for. */
type Look = Held | ArtError | undefined;

function look(at: string): Look {
  try {
    return new Held(at);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : unreadable(at, cause);
  }
}

/**
 * @param folder the folder at `root`
 * @param paths of files that are published together
 * @throws ArtError INPUT_NOT_FOUND if they are replaced again and again
 */
export async function atOneMoment(folder: Folder, root: string, paths: readonly string[]): Promise<Folder> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const whole = where(root);
    const looks = new Map(paths.map((path) => [path, look(join(whole ?? root, path))]));
    const held = [...looks.values()].filter((file) => file instanceof Held);
    if (isOneMoment(root, whole, looks)) {
      for (const file of held) file.keep();
      return {
        ...folder,
        async open(path, plain) {
          if (plain || !looks.has(path)) return folder.open(path, plain);
          const file = looks.get(path);
          if (file instanceof ArtError) throw file;
          return file?.chunks();
        },
      };
    }
    for (const file of held) file.drop();
    await sleep(tries % 10);
  }
  throw new ArtError(
    'INPUT_NOT_FOUND',
    `${folder.name} is replaced again and again: try again when no build writes there`,
  );
}

function where(root: string): string | undefined {
  try {
    return publishedIn(root);
  } catch (cause) {
    throw unreadable(root, cause);
  }
}

/**
 * Whether the opened files are of the same publication. Files opened in a publication's folder are, since every
 * publication has its own. Files in the directory itself are if nothing was published while they were opened, and if
 * none of them has been replaced since.
 */
function isOneMoment(root: string, whole: string | undefined, looks: ReadonlyMap<string, Look>): boolean {
  if (where(root) !== whole) return false;
  if (whole !== undefined) return true;
  return [...looks].every(([path, file]) =>
    file instanceof Held
      ? file.isStillThere()
      : file !== undefined || statSync(join(root, path), { throwIfNoEntry: false }) === undefined,
  );
}
