// The files that a program has open on a volume.
import type { IFs } from '@tybys/wasm-util';
import type { Volume } from './volume.js';

/** memfs's O_RDONLY, O_WRONLY and O_RDWR. */
const ACCESS = 3;
const O_WRONLY = 1;
const O_EXCL = 0o200;
const O_TRUNC = 0o1000;
/** What memfs answers to every readlink, without the stack that it takes for each error. */
const NO_LINK = Object.assign(new Error('the volume has no links'), { code: 'EINVAL' });

/** The volume's functions as WASI is given them, and what it opened with them. */
export class OpenFiles {
  readonly fs: IFs;
  readonly #open = new Set<number>();
  /** Files that can be read: memfs's descriptor for each of WASI's. */
  readonly #readable = new Map<number, number>();
  #last: number | undefined;
  #lastIsWritten = false;
  /** Nothing is left of what was in the last. */
  #isNew = false;
  /** Sizes of the files that were written, by path, and the path of each descriptor of memfs's. */
  readonly #sizes = new Map<string, number>();
  readonly #paths = new Map<number, string>();
  #written = 0;

  /** @param grown is called before a file becomes larger, when `written` counts that already */
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
    // The same functions as WASI declares, more narrowly typed.
    this.fs = fs as unknown as IFs;
  }

  /** Bytes of the files that were written and are there. */
  get written(): number {
    return this.#written;
  }

  /** WASI gave this descriptor to the file that was opened last, whose path is as the program said it. */
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
   * Reads from a place in a file, straight into the program's memory.
   * @returns the number of bytes; undefined where it takes WASI to say why not
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

  /** Closes what a program, or WASI itself, left open. */
  closeAll(): void {
    for (const fd of this.#open) this.volume.fs.closeSync(fd);
  }
}
