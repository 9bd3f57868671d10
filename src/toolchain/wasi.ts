// WASI preview 1 on a Volume: @tybys/wasm-util does the work; the functions
// below differ from it for a reason that stands beside each.
import { WASI } from '@tybys/wasm-util';
import { ArtError, messageOf } from '../errors.js';
import { type Instance, takeInstance } from './instances.js';
import { DEFAULT_MAX_MEMORY, ProgramStopped, SHOWN_DIAGNOSTICS, tooMuchMemory } from './limits.js';
import { OpenFiles } from './open-files.js';
import { TEMPORARY } from './paths.js';
import { STDERR, STDIN, STDOUT, StandardStreams } from './streams.js';
import type { Volume } from './volume.js';

/** How a program ended, and all it printed. */
export interface RunResult {
  status: number;
  /** As the program wrote it: it may be no text. */
  stdout: Uint8Array;
  stderr: string;
}

const ESUCCESS = 0;
const EACCES = 2;
const EINVAL = 28;
const EISDIR = 31;
const ELOOP = 32;
const ENOENT = 44;
const O_CREAT = 1;
const RIGHT_TO_WRITE = 1n << 6n;
const FILESTAT_SIZE = 64;
const MONOTONIC = 1;
const CHARACTER_DEVICE = 2;

/** Which arguments of a WASI function are the directory that a path starts from, and the path, which its length follows. */
const PATH_ARGUMENTS: Readonly<Record<string, readonly (readonly [directory: number, path: number])[]>> = {
  path_open: [[0, 2]],
  path_filestat_get: [[0, 2]],
  path_filestat_set_times: [[0, 2]],
  path_create_directory: [[0, 1]],
  path_remove_directory: [[0, 1]],
  path_unlink_file: [[0, 1]],
  path_rename: [
    [0, 1],
    [3, 4],
  ],
};
/** Where LLVM asks Linux for the name of a file that it has opened. */
const OPEN_FILES = '/proc/self/fd/';
/** The descriptor of '/', which is all that a program is given. */
const ROOT = 3;
/** Memory near its beginning, which is put back after it was borrowed. */
const BORROWED = 64;

const decoder = new TextDecoder();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** What a program is told where looking at a file failed. */
function errnoOf(error: unknown): number {
  // A sysroot that is not the pinned one.
  if (error instanceof ArtError) throw error;
  return (error as { code?: unknown }).code === 'ELOOP' ? ELOOP : EACCES;
}

type WasiFunction = (...args: never[]) => number;
type Imports = Record<string, WasiFunction>;

/** A program that did not come to its end by itself. */
export class ProgramFailed extends Error {
  /**
   * @param how `crashed`: it trapped, by an unreachable instruction (abort, a failed assertion) or a bad access; `stopped`:
   *   it came to a limit, and `message` is which; `too-deep`: it had no stack left
   * @param stderr what it had printed; of more than can be read, the beginning
   */
  constructor(
    readonly how: 'crashed' | 'stopped' | 'too-deep',
    readonly stderr: string,
    cause: unknown,
  ) {
    super(messageOf(cause), { cause });
  }
}

/** What else a program is given. Default: nothing. */
export interface ProgramInput {
  /** Its standard input. */
  stdin?: Uint8Array;
  /** Environment variables, such as CPATH; a program sees no others of the host. */
  env?: Readonly<Record<string, string>>;
  /** Its working directory, absolute, which it takes from PWD. Default: '/'. */
  directory?: string;
  /** When files were changed, as it sees them, in seconds. Default: the source date epoch. */
  fileTime?: number;
  /** Bytes that its memory, and what it writes and prints, may come to. Default: DEFAULT_MAX_MEMORY. */
  maxMemory?: number | undefined;
  /** It knows how much time passes. Default: none does. */
  hasClock?: boolean;
  /** Given what it prints to its standard error, as it does so. */
  onStderr?: (bytes: Uint8Array) => void;
}

/** The same on every machine. */
const FIXED_VARIABLES = { TZ: 'UTC', LC_ALL: 'C', TMPDIR: TEMPORARY };

/**
 * Runs a WASI command once, in an instance that has not run.
 * @throws ProgramFailed
 */
export function runProgram(
  module: WebAssembly.Module,
  args: readonly string[],
  volume: Volume,
  sourceDateEpoch: number,
  input: ProgramInput = {},
): RunResult {
  const { stdin = new Uint8Array(0), env = {}, directory = '/', fileTime = sourceDateEpoch, onStderr } = input;
  const { maxMemory = DEFAULT_MAX_MEMORY, hasClock = false } = input;
  const files = new OpenFiles(volume, () => checkMemory());
  const wasi = new WASI({
    version: 'preview1',
    args: [...args],
    env: { ...env, ...FIXED_VARIABLES, PWD: directory, SOURCE_DATE_EPOCH: String(sourceDateEpoch) },
    preopens: { '/': '/' },
    fs: files.fs,
    returnOnExit: true,
  });
  const streams = new StandardStreams(stdin, onStderr);
  const printed = () => text(streams.output(STDERR));
  const host = new Host(wasi.wasiImport as unknown as Imports, volume, files, streams, { fileTime, hasClock });
  let taken: Instance | undefined;
  const checkMemory = () => {
    if ((taken?.used() ?? 0) + files.written + streams.printed > maxMemory) throw tooMuchMemory(maxMemory);
  };
  host.onPrinted = checkMemory;
  try {
    // Here too: there may be no memory for it.
    taken = takeInstance(module, host.imports, maxMemory);
    host.memory = taken.memory;
    const status = wasi.start(taken.instance) as number;
    if (status !== 0 && saysNoMemory(printed())) throw tooMuchMemory(maxMemory);
    taken.giveBack();
    return { status, stdout: streams.output(STDOUT), stderr: printed() };
  } catch (thrown) {
    if (thrown instanceof ArtError) throw thrown;
    const stderr = printed();
    if (thrown instanceof ProgramStopped) throw new ProgramFailed('stopped', beginning(stderr), thrown);
    if (isOutOfStack(thrown, host.memory)) throw new ProgramFailed('too-deep', stderr, thrown);
    if (saysNoMemory(stderr)) throw new ProgramFailed('stopped', stderr, tooMuchMemory(maxMemory));
    throw new ProgramFailed('crashed', stderr, thrown);
  } finally {
    files.closeAll();
  }
}

/** How LLVM and libc++ say that they were given no memory. */
const NO_MEMORY = /^(llvm: fatal error|LLVM ERROR): out of memory|std::bad_alloc/m;
const saysNoMemory = (stderr: string) => NO_MEMORY.test(stderr.slice(-SHOWN_DIAGNOSTICS));

/** The first lines of what is too long to be read. */
function beginning(stderr: string): string {
  if (stderr.length <= SHOWN_DIAGNOSTICS) return stderr;
  const shown = stderr.slice(0, SHOWN_DIAGNOSTICS);
  return `${shown.slice(0, shown.lastIndexOf('\n') + 1) || shown}\n`;
}

/** The program's own stack grows down to address 0, where nothing else lies: that it is used to its end tells much. */
const STACK_END = 1 << 18;
const BLOCK = 1 << 12;

/**
 * Whether a program trapped since it called itself too often; false where that is not known. The engine says so of its
 * own stack. The program's has no guard: what is below is out of bounds, as it is for a bad pointer.
 */
function isOutOfStack(thrown: unknown, memory: WebAssembly.Memory | undefined): boolean {
  const message = messageOf(thrown);
  if (/Maximum call stack size exceeded|too much recursion/.test(message)) return true;
  if (!memory || !(thrown instanceof WebAssembly.RuntimeError) || !/out of bounds/.test(message)) return false;
  const blocks = Array.from({ length: STACK_END / BLOCK }, (_, i) => new Uint8Array(memory.buffer, i * BLOCK, BLOCK));
  return blocks.filter((block) => block.some((byte) => byte !== 0)).length > blocks.length / 2;
}

class Host {
  memory!: WebAssembly.Memory;
  /** Called after it printed something. */
  onPrinted = () => {};
  readonly imports: Imports;
  /** Descriptors of files that were there before and are open to be written. */
  readonly #reopened = new Set<number>();
  /** The paths of open directories. */
  readonly #directories = new Map([[ROOT, '']]);
  #random = 0x2545f491;
  #seen: DataView | undefined;

  constructor(
    base: Imports,
    volume: Volume,
    files: OpenFiles,
    streams: StandardStreams,
    { fileTime, hasClock }: Required<Pick<ProgramInput, 'fileTime' | 'hasClock'>>,
  ) {
    const call = (name: string, ...args: unknown[]) =>
      this.#withPlaces(
        volume,
        PATH_ARGUMENTS[name] ?? [],
        args,
        (base[name] as (...a: unknown[]) => number).bind(base),
      );
    const placed = Object.keys(PATH_ARGUMENTS).map((name) => [name, (...args: unknown[]) => call(name, ...args)]);
    const nanoseconds = BigInt(fileTime) * 1_000_000_000n;
    const started = performance.now();
    const passed = () => BigInt(Math.round((performance.now() - started) * 1e6));

    // memfs takes tens of microseconds to fail, and clang asks for thousands of
    // headers that are not there; the volume knows at once.
    const look = (fd: number, path: number, length: number) => {
      const asked = this.#asked(fd, path, length);
      if (asked === undefined) return 'elsewhere';
      try {
        return volume.look(asked) ?? ENOENT;
      } catch (error) {
        return errnoOf(error);
      }
    };
    // File times are the host's; __TIMESTAMP__ would show them.
    const withoutTimes = (status: number, buffer: number) => {
      if (status === ESUCCESS) for (const at of [40, 48, 56]) this.#view().setBigUint64(buffer + at, nanoseconds, true);
      return status;
    };
    const own = {
      path_open: (fd: number, flags: number, path: number, length: number, create: number, ...rest: unknown[]) => {
        const kind = look(fd, path, length);
        if (kind === EACCES || kind === ELOOP || (kind === ENOENT && !(create & O_CREAT))) return kind;
        const asked = this.#asked(fd, path, length) ?? '';
        if (kind === 'directory') volume.fill(asked);
        const status = call('path_open', fd, flags, path, length, create, ...rest);
        if (status === ESUCCESS) {
          const opened = this.#view().getUint32(Number(rest.at(-1)), true);
          if (kind === 'directory') this.#directories.set(opened, asked);
          else this.#directories.delete(opened);
          files.opened(opened, asked);
          this.#reopened.delete(opened);
          if (!(create & O_CREAT) && BigInt(rest[0] as bigint) & RIGHT_TO_WRITE) this.#reopened.add(opened);
        }
        return status;
      },
      path_filestat_get: (fd: number, flags: number, path: number, length: number, buffer: number) => {
        const kind = look(fd, path, length);
        if (typeof kind === 'number') return kind;
        return withoutTimes(call('path_filestat_get', fd, flags, path, length, buffer), buffer);
      },
      path_rename: (...args: number[]) => {
        const [, , , fd = 0, path = 0, length = 0] = args;
        const asked = this.#asked(fd, path, length);
        const status = call('path_rename', ...args);
        if (status === ESUCCESS && asked !== undefined) volume.noteWritten(asked);
        return status;
      },
      path_readlink: (fd: number, path: number, length: number) => {
        // Of an open file: what the host has there is a file of art's own process.
        if (this.#asked(fd, path, length)?.startsWith(OPEN_FILES)) return EINVAL;
        const kind = look(fd, path, length);
        return typeof kind === 'number' ? kind : EINVAL; // the volume has no links
      },
      fd_filestat_get: (fd: number, buffer: number) => {
        // memfs does not have the first three; anything but a device makes LLVM look for /dev/null.
        const status = fd > 2 ? withoutTimes(call('fd_filestat_get', fd, buffer), buffer) : ESUCCESS;
        if (fd <= 2) new Uint8Array(this.memory.buffer, buffer, FILESTAT_SIZE).fill(0);
        // objcopy and strip fail where they cannot give a finished file its permissions, as WASI cannot; a device has none.
        if (fd <= 2 || this.#reopened.has(fd)) this.#view().setUint8(buffer + 16, CHARACTER_DEVICE);
        return status;
      },
      fd_read: (fd: number, vectors: number, count: number, read: number) => {
        if (this.#directories.has(fd)) return EISDIR; // wasm-util says that it is no descriptor
        if (fd !== STDIN) return call('fd_read', fd, vectors, count, read);
        return this.#answer(read, streams.read(this.#buffers(vectors, count)));
      },
      // Clang reads every header with it; wasm-util copies twice, through shared memory.
      fd_pread: (fd: number, vectors: number, count: number, offset: bigint, read: number) => {
        if (this.#directories.has(fd)) return EISDIR;
        const total = files.read(fd, this.#buffers(vectors, count), Number(offset));
        return total === undefined ? call('fd_pread', fd, vectors, count, offset, read) : this.#answer(read, total);
      },
      fd_close: (fd: number) => {
        files.closed(fd);
        this.#directories.delete(fd);
        return call('fd_close', fd);
      },
      fd_write: (fd: number, vectors: number, count: number, written: number) => {
        if (fd !== STDOUT && fd !== STDERR) return call('fd_write', fd, vectors, count, written);
        const bytes = streams.print(fd, this.#buffers(vectors, count));
        if (fd === STDOUT) this.onPrinted();
        return this.#answer(written, bytes);
      },
      // No clock and no random value may reach an output, except one that was asked for and is about time.
      clock_time_get: (id: number, _precision: bigint, result: number) => {
        this.#view().setBigUint64(result, hasClock && id === MONOTONIC ? passed() : nanoseconds, true);
        return ESUCCESS;
      },
      random_get: (buffer: number, length: number) => {
        const bytes = new Uint8Array(this.memory.buffer, buffer, length);
        for (let i = 0; i < length; i++) bytes[i] = this.#nextRandom();
        return ESUCCESS;
      },
    };
    this.imports = { ...base, ...Object.fromEntries(placed), ...(own as unknown as Imports) };
  }

  /** The memory, which is another buffer once it has grown; a program may call millions of times. */
  #view(): DataView {
    const { buffer } = this.memory;
    if (this.#seen?.buffer !== buffer) this.#seen = new DataView(buffer);
    return this.#seen;
  }

  #text(at: number, length: number): string {
    return decoder.decode(new Uint8Array(this.memory.buffer, at, length));
  }

  /** A path of the program's, absolute and otherwise as it is; undefined where it starts at no open directory. */
  #asked(fd: number, path: number, length: number): string | undefined {
    const directory = this.#directories.get(fd);
    return directory === undefined ? undefined : `${directory}/${this.#text(path, length)}`;
  }

  /**
   * Calls a function of wasm-util, which takes 'a/b/../c' for 'a/c' and knows no links: where that is not the place that
   * a path leads to, it is given the place, in memory that is borrowed for as long as the call takes.
   */
  #withPlaces(
    volume: Volume,
    at: readonly (readonly [number, number])[],
    args: unknown[],
    call: (...args: unknown[]) => number,
  ): number {
    const places: { argument: number; bytes: Uint8Array }[] = [];
    try {
      for (const [directory, argument] of at) {
        const fd = Number(args[directory]);
        const asked = this.#asked(fd, Number(args[argument]), Number(args[argument + 1]));
        if (asked === undefined) continue;
        const place = volume.locate(asked);
        if (place === undefined) return ENOENT;
        if (fd !== ROOT || place !== asked) places.push({ argument, bytes: new TextEncoder().encode(place) });
      }
    } catch (error) {
      return errnoOf(error);
    }
    if (places.length === 0) return call(...args);
    const total = places.reduce((sum, { bytes }) => sum + bytes.length, 0);
    // The result, which the last argument points to, must not go where the paths are.
    const result = Number(args.at(-1));
    const isFree = result + FILESTAT_SIZE <= BORROWED || result >= BORROWED + total;
    const borrowed = isFree ? BORROWED : BORROWED + total + 2 * FILESTAT_SIZE;
    const saved = new Uint8Array(this.memory.buffer, borrowed, total).slice();
    const passed = [...args];
    let end = borrowed;
    for (const { argument, bytes } of places) {
      new Uint8Array(this.memory.buffer).set(bytes, end);
      passed[argument] = end;
      passed[argument + 1] = bytes.length;
      end += bytes.length;
    }
    try {
      return call(...passed);
    } finally {
      new Uint8Array(this.memory.buffer).set(saved, borrowed);
    }
  }

  /** The memory that a list of vectors (address and length) names. */
  #buffers(vectors: number, count: number): Uint8Array[] {
    const view = this.#view();
    const buffers: Uint8Array[] = [];
    for (let vector = vectors; vector < vectors + 8 * count; vector += 8)
      buffers.push(
        new Uint8Array(view.buffer as ArrayBuffer, view.getUint32(vector, true), view.getUint32(vector + 4, true)),
      );
    return buffers;
  }

  /** Success, with a number of bytes put where the program asked for it. */
  #answer(at: number, bytes: number): number {
    this.#view().setUint32(at, bytes, true);
    return ESUCCESS;
  }

  /** xorshift32: LLVM only names its temporary files with it. */
  #nextRandom(): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x;
    return x & 0xff;
  }
}
