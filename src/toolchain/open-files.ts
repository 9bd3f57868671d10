// Keeps track of the files that a program has open on a volume.
import type { IFs } from '@tybys/wasm-util';
import type { Volume } from './volume.js';

/** memfs's O_RDONLY, O_WRONLY and O_RDWR. */
const ACCESS = 3;
const O_WRONLY = 1;
const O_EXCL = 0o200;
const O_TRUNC = 0o1000;
/** The error of every readlink. One object for all, since the stack trace of a new error costs time. */
const NO_LINK = Object.assign(new Error('the volume has no links'), { code: 'EINVAL' });

/** The file functions that WASI gets, and the files that it has opened with them. */
export class OpenFiles {
  readonly fs: IFs;
  readonly #open = new Set<number>();
  /** For each descriptor of WASI for a readable file, the descriptor of memfs. */
  readonly #readable = new Map<number, number>();
  #last: number | undefined;
  #lastIsWritten = false;
  /** The file that was opened last has been emptied or created. */
  #isNew = false;
  /** Sizes of the written files by path, and the path of each descriptor of memfs. */
  readonly #sizes = new Map<string, number>();
  readonly #paths = new Map<number, string>();
  #written = 0;

  /** @param grown called before a file grows; `written` already includes the growth */
  constructor(
    readonly volume: Volume,
    grown: () => void,
  ) {
    const fs = Object.create(volume.fs) as typeof volume.fs;
    fs.openSync = (...args: Parameters<typeof fs.openSync>) => {
      const fd = volume.fs.openSync(...args);
      const access = Number(args[1]) & ACCESS;
      this.#open.add(fd);
      this.#last = access === O_WRONLY ? undefined : fd;
      this.#lastIsWritten = access !== 0;
      this.#isNew = (Number(args[1]) & (O_TRUNC | O_EXCL)) !== 0;
      this.#paths.set(fd, String(args[0]));
      return fd;
    };
    const grow = (fd: number, size: number) => {
      const path = this.#paths.get(fd) ?? '';
      const before = this.#sizes.get(path) ?? 0;
      if (size <= before) return;
      this.#sizes.set(path, size);
      this.#written += size - before;
      grown();
    };
    const writeSync = volume.fs.writeSync.bind(volume.fs) as (...args: unknown[]) => number;
    fs.writeSync = ((fd: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
      grow(fd, position + length);
      return writeSync(fd, bytes, offset, length, position);
    }) as typeof fs.writeSync;
    fs.ftruncateSync = (fd: number, size = 0) => {
      grow(fd, size);
      volume.fs.ftruncateSync(fd, size);
    };
    fs.unlinkSync = (path) => {
      volume.fs.unlinkSync(path);
      this.#written -= this.#sizes.get(String(path)) ?? 0;
      this.#sizes.delete(String(path));
    };
    fs.renameSync = (from, to) => {
      volume.fs.renameSync(from, to);
      this.#written -= this.#sizes.get(String(to)) ?? 0;
      const size = this.#sizes.get(String(from)) ?? 0;
      this.#sizes.delete(String(from));
      this.#sizes.set(String(to), size);
    };
    const makeDirectory: typeof fs.mkdirSync = (path, ...options) => {
      const made = volume.fs.mkdirSync(path, ...options);
      volume.noteDirectory(String(path));
      return made;
    };
    fs.mkdirSync = makeDirectory;
    fs.readlinkSync = () => {
      throw NO_LINK;
    };
    fs.closeSync = (fd: number) => {
      this.#open.delete(fd);
      volume.fs.closeSync(fd);
    };
    // The same functions that WASI declares, with narrower types.
    this.fs = fs as unknown as IFs;
  }

  /** Total size in bytes of the files that were written and still exist. */
  get written(): number {
    return this.#written;
  }

  /** WASI has assigned a descriptor to the file that was opened last. The path is as the program wrote it. */
  opened(descriptor: number, path: string): void {
    if (this.#last !== undefined && !this.#isNew) this.volume.noteOpened(path, this.#lastIsWritten);
    if (this.#lastIsWritten) this.volume.noteWritten(path);
    if (this.#last === undefined) this.#readable.delete(descriptor);
    else this.#readable.set(descriptor, this.#last);
  }

  closed(descriptor: number): void {
    this.#readable.delete(descriptor);
  }

  /**
   * Reads from a position in a file directly into the program's memory.
   * @returns the number of bytes; undefined if WASI has to report an error
   */
  read(descriptor: number, into: readonly Uint8Array[], position: number): number | undefined {
    const fd = this.#readable.get(descriptor);
    if (fd === undefined) return undefined;
    let total = 0;
    for (const bytes of into) {
      const length = this.volume.fs.readSync(fd, bytes, 0, bytes.length, position + total);
      total += length;
      if (length < bytes.length) break;
    }
    return total;
  }

  /** Closes the files that a program, or WASI itself, left open. */
  closeAll(): void {
    for (const fd of this.#open) this.volume.fs.closeSync(fd);
  }
}
