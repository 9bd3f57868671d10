// WASI preview 1 on a Volume. @tybys/wasm-util implements it; each function below replaces one of its functions, for
// the reason that is given there.
import { WASI } from '@tybys/wasm-util';
import { ArtError, messageOf } from '../errors.js';
import { type Instance, takeInstance } from './instances.js';
import { DEFAULT_MAX_MEMORY, ProgramStopped, SHOWN_DIAGNOSTICS, tooMuchMemory } from './limits.js';
import { OpenFiles } from './open-files.js';
import { TEMPORARY } from './paths.js';
import { STDERR, STDIN, STDOUT, StandardStreams } from './streams.js';
import type { Volume } from './volume.js';

/** How a program ended, and all that it printed. */
export interface RunResult {
  status: number;
  /** Its standard output, as bytes: it may be binary. */
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

/**
 * For each WASI function, the positions of the arguments that are a directory and a path in it; the path's length
 * follows the path.
 */
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
/** Where LLVM looks on Linux for the name of an open file. */
const OPEN_FILES = '/proc/self/fd/';
/** The descriptor of '/', the only directory that a program gets. */
const ROOT = 3;
/** Address of memory that is borrowed for paths and restored afterwards. */
const BORROWED = 64;

const decoder = new TextDecoder();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The error number for a program when looking at a file failed. */
function errnoOf(error: unknown): number {
  // An error of art itself, such as for a sysroot that is not the pinned one.
  if (error instanceof ArtError) throw error;
  return (error as { code?: unknown }).code === 'ELOOP' ? ELOOP : EACCES;
}

type WasiFunction = (...args: never[]) => number;
type Imports = Record<string, WasiFunction>;

/** Thrown when a program did not end by itself. */
export class ProgramFailed extends Error {
  /**
   * @param how `crashed`: it trapped, by an unreachable instruction (abort, a failed assertion) or a bad memory access;
   *   `stopped`: it reached a limit, which `message` names; `too-deep`: its stack was exhausted
   * @param stderr what it had printed; only the beginning if it is very long
   */
  constructor(
    readonly how: 'crashed' | 'stopped' | 'too-deep',
    readonly stderr: string,
    cause: unknown,
  ) {
    super(messageOf(cause), { cause });
  }
}

/** Input of a program besides its arguments. Default: none. */
export interface ProgramInput {
  /** Its standard input. */
  stdin?: Uint8Array;
  /** Environment variables, such as CPATH; a program sees no others. */
  env?: Readonly<Record<string, string>>;
  /** Its working directory as an absolute path, passed to it as PWD. Default: '/'. */
  directory?: string;
  /** The modification time of all files, in seconds since 1970. Default: the source date epoch. */
  fileTime?: number;
  /** Limit in bytes on its memory plus what it writes and prints. Default: DEFAULT_MAX_MEMORY. */
  maxMemory?: number | undefined;
  /** Whether it can measure time. Default: its clock stands still. */
  hasClock?: boolean;
  /** Called with what it prints to its standard error. */
  onStderr?: (bytes: Uint8Array) => void;
}

/** Environment variables that are the same on every machine. */
const FIXED_VARIABLES = { TZ: 'UTC', LC_ALL: 'C', TMPDIR: TEMPORARY };

/**
 * Runs a WASI command in an instance that has not run.
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
    // Inside the try block, since there may not be enough memory for it.
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

/** What LLVM and libc++ print when an allocation fails. */
const NO_MEMORY = /^(llvm: fatal error|LLVM ERROR): out of memory|std::bad_alloc/m;
const saysNoMemory = (stderr: string) => NO_MEMORY.test(stderr.slice(-SHOWN_DIAGNOSTICS));

/** The first lines of an output that is too long to be read. */
function beginning(stderr: string): string {
  if (stderr.length <= SHOWN_DIAGNOSTICS) return stderr;
  const shown = stderr.slice(0, SHOWN_DIAGNOSTICS);
  return `${shown.slice(0, shown.lastIndexOf('\n') + 1) || shown}\n`;
}

/**
 * The program's own stack grows down to address 0, and nothing else is there: a stack pointer below this value means
 * that the stack is nearly exhausted.
 */
const STACK_END = 1 << 18;
const BLOCK = 1 << 12;

/**
 * Whether a program trapped because its stack was exhausted; false if that is unknown. The engine reports it for its
 * own stack. The stack in the program's memory has no guard: an access below it is out of bounds, like one through a
 * bad pointer.
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
  /** Called after it has printed something. */
  onPrinted = () => {};
  readonly imports: Imports;
  /** Descriptors of files that existed before and are open for writing. */
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

    // memfs takes tens of microseconds to fail, and clang looks for thousands of headers that do not exist; the volume
    // knows at once.
    const look = (fd: number, path: number, length: number) => {
      const asked = this.#asked(fd, path, length);
      if (asked === undefined) return 'elsewhere';
      try {
        return volume.look(asked) ?? ENOENT;
      } catch (error) {
        return errnoOf(error);
      }
    };
    // File times would be those of the host, and __TIMESTAMP__ would show them.
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
        // About an open file: on the host this path is about art's own process.
        if (this.#asked(fd, path, length)?.startsWith(OPEN_FILES)) return EINVAL;
        const kind = look(fd, path, length);
        return typeof kind === 'number' ? kind : EINVAL; // the volume has no links
      },
      fd_filestat_get: (fd: number, buffer: number) => {
        // memfs does not have descriptors 0 to 2; if they are not devices, LLVM looks for /dev/null.
        const status = fd > 2 ? withoutTimes(call('fd_filestat_get', fd, buffer), buffer) : ESUCCESS;
        if (fd <= 2) new Uint8Array(this.memory.buffer, buffer, FILESTAT_SIZE).fill(0);
        // objcopy and strip fail if they cannot set the permissions of a finished file, which WASI cannot do; they do
        // not try for a device.
        if (fd <= 2 || this.#reopened.has(fd)) this.#view().setUint8(buffer + 16, CHARACTER_DEVICE);
        return status;
      },
      fd_read: (fd: number, vectors: number, count: number, read: number) => {
        if (this.#directories.has(fd)) return EISDIR; // wasm-util would return EBADF
        if (fd !== STDIN) return call('fd_read', fd, vectors, count, read);
        return this.#answer(read, streams.read(this.#buffers(vectors, count)));
      },
      // Clang reads every header with this function; that of wasm-util copies twice, through shared memory.
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
      // No clock and no random value may reach an output, except one that is about time and was asked for.
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

  /** A view of the memory. It is kept until the memory grows, since a program may need it millions of times. */
  #view(): DataView {
    const { buffer } = this.memory;
    if (this.#seen?.buffer !== buffer) this.#seen = new DataView(buffer);
    return this.#seen;
  }

  #text(at: number, length: number): string {
    return decoder.decode(new Uint8Array(this.memory.buffer, at, length));
  }

  /** The path that a program passed, made absolute and otherwise unchanged; undefined if its directory is not open. */
  #asked(fd: number, path: number, length: number): string | undefined {
    const directory = this.#directories.get(fd);
    return directory === undefined ? undefined : `${directory}/${this.#text(path, length)}`;
  }

  /**
   * Calls a function of wasm-util, which treats 'a/b/../c' as 'a/c' and knows no links. If a path names another place,
   * the function gets that place instead, in memory that is borrowed during the call.
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
    // The result, to which the last argument points, must not overlap the paths.
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

  /** Stores a number of bytes where the program asked for it, and returns success. */
  #answer(at: number, bytes: number): number {
    this.#view().setUint32(at, bytes, true);
    return ESUCCESS;
  }

  /** xorshift32. LLVM uses it only for the names of temporary files. */
  #nextRandom(): number {
    let x = this.#random;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#random = x;
    return x & 0xff;
  }
}
