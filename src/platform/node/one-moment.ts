// Files that builds replace together, read so that all are of one publication. publishing.ts says how they are replaced.
import { closeSync, constants, fstatSync, openSync, readSync, read as readWithCallback, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { join } from 'pathe';
import { ArtError, messageOf } from '../../errors.js';
import type { Folder } from '../types.js';
import { publishedIn } from './publishing.js';

const read = promisify(readWithCallback);

const PIECE = 1 << 18;
/** A file of at most so many bytes is read at once, and costs no descriptor. */
const SMALL = 1 << 20;
/** Each time, something was published within the few system calls that a look takes. */
const MAX_TRIES = 1000;

/** An opened file is closed when nobody can read it any more. */
const forgotten = new FinalizationRegistry((descriptor: number) => closeSync(descriptor));

/** A file as it was when it was looked at, whatever its path means by now. */
class Held {
  readonly #at: string;
  readonly #descriptor: number;
  readonly #identity: string;
  #bytes: Uint8Array | undefined;

  constructor(at: string) {
    this.#at = at;
    // A pipe would be waited for.
    this.#descriptor = openSync(at, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(this.#descriptor, { bigint: true });
    this.#identity = identityOf(stat);
    if (stat.isFile()) return;
    closeSync(this.#descriptor);
    throw new Error('it is not a regular file');
  }

  /** Whether its path still leads to it. The number of an opened file is given to no other. */
  isStillThere(): boolean {
    const stat = statSync(this.#at, { bigint: true, throwIfNoEntry: false });
    return stat !== undefined && identityOf(stat) === this.#identity;
  }

  /** For the time after that question. */
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
    // No stream of Node's: one that its reader leaves before the end closes the descriptor.
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

/** Undefined where nothing is there; an error is for who asks for the file. */
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
 * @param folder that `root` is
 * @param paths of files that are published together
 * @throws ArtError INPUT_NOT_FOUND where they are replaced without end
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
    `${folder.name} is being replaced all the time: try again when no build writes there`,
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
 * What was opened in a publication is of that one, since no other has its folder. In the directory itself, nothing was
 * published while the files were opened, and none of them has been replaced since.
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
