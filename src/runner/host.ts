// WASI preview 1 for the user's programs: arguments, environment variables, standard streams, clocks, random numbers,
// and the directories that were given. The compiler has a host of its own, toolchain/wasi.ts, whose clock stands still.
import {
  CHARACTER_DEVICE,
  DIRECTORY,
  type Directory,
  type OpenFile,
  type Status,
  SYMBOLIC_LINK,
  UNKNOWN,
} from './directory.js';
import { errnoOf, Failure } from './errno.js';
import { walk } from './walk.js';

/** A standard stream. */
export interface Stream {
  /** Whether it is a terminal: a C library then flushes its output after each line. */
  isTerminal: boolean;
  /** Waits for input. @returns the number of bytes; 0 at the end */
  read?(into: Uint8Array): number;
  /** Writes all bytes. */
  write?(bytes: Uint8Array): void;
}

/** What a program gets from its host. */
export interface World {
  /** The arguments; the first is the program's name. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** The directories, under the names that the program uses. */
  directories: readonly { name: string; directory: Directory }[];
  streams: readonly [stdin: Stream, stdout: Stream, stderr: Stream];
  sleep(milliseconds: number): void;
}

/** Thrown when the program calls proc_exit. */
export class Exit {
  constructor(readonly status: number) {}
}

type Descriptor = { flags: number } & (
  | { kind: 'stream'; stream: Stream }
  | { kind: 'file'; file: OpenFile; position: number; access: { read: boolean; write: boolean } }
  | { kind: 'directory'; directory: Directory; preopened?: Uint8Array; listed?: string[] }
);
type FileDescriptor = Extract<Descriptor, { kind: 'file' }>;
type DirectoryDescriptor = Extract<Descriptor, { kind: 'directory' }>;

const MAX_DESCRIPTORS = 4096;
/** Flags of path_open, of descriptors, of paths and of times (WASI preview 1, "oflags" and so on). */
const [O_CREAT, O_DIRECTORY, O_EXCL, O_TRUNC] = [1, 2, 4, 8];
const FD_APPEND = 1;
const FOLLOW = 1;
const [SET_ACCESSED, ACCESSED_NOW, SET_MODIFIED, MODIFIED_NOW] = [1, 2, 4, 8];
/** All rights. They are no longer checked; a C library only uses them to find out whether a stream is a terminal. */
const ALL_RIGHTS = (1n << 30n) - 1n;
const [FD_READ, FD_SEEK, FD_TELL, FD_WRITE] = [1n << 1n, 1n << 2n, 1n << 5n, 1n << 6n];
const [REALTIME, MONOTONIC] = [0, 1];
const CLOCK_EVENT = 0;
const ABSOLUTE_TIME = 1;
const [SUBSCRIPTION_SIZE, EVENT_SIZE, DIRENT_SIZE] = [48, 32, 24];
/** The largest number of random bytes that crypto returns in one call. */
const RANDOM_STEP = 1 << 16;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const NANOSECONDS = 1e6;

/** The time of a clock in nanoseconds; undefined for clocks of processor time. */
function now(clock: number): bigint | undefined {
  if (clock === REALTIME) return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e3)) * 1000n;
  return clock === MONOTONIC ? BigInt(Math.round(performance.now() * NANOSECONDS)) : undefined;
}

type Call = (...args: never[]) => void;
/** A tuple of N numbers. */
type Numbers<N extends number, T extends number[] = []> = T['length'] extends N ? T : Numbers<N, [...T, number]>;

/** The host of a program. `memory` must be set before the program runs. */
export class Host {
  memory!: WebAssembly.Memory;
  /** The functions of wasi_snapshot_preview1. */
  readonly imports: Readonly<Record<string, (...args: never[]) => number>>;
  readonly #descriptors = new Map<number, Descriptor>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    for (const stream of world.streams) this.#add({ kind: 'stream', stream, flags: 0 });
    for (const { name, directory } of world.directories)
      this.#add({ kind: 'directory', directory, preopened: encoder.encode(name), flags: 0 });
    this.imports = Object.fromEntries(
      Object.entries(this.#calls()).map(([name, call]) => [
        name,
        (...args: never[]) => {
          try {
            call(...args);
            return 0;
          } catch (thrown) {
            if (thrown instanceof Exit) throw thrown;
            return errnoOf(thrown);
          }
        },
      ]),
    );
  }

  /** Closes what the program has left open. */
  close(): void {
    for (const descriptor of this.#descriptors.values()) closeDescriptor(descriptor);
    this.#descriptors.clear();
  }

  #add(descriptor: Descriptor): number {
    if (this.#descriptors.size >= MAX_DESCRIPTORS) throw new Failure('EMFILE');
    let fd = 0;
    while (this.#descriptors.has(fd)) fd++;
    this.#descriptors.set(fd, descriptor);
    return fd;
  }

  #get(fd: number): Descriptor {
    const descriptor = this.#descriptors.get(fd);
    if (!descriptor) throw new Failure('EBADF');
    return descriptor;
  }

  #file(fd: number): FileDescriptor {
    const descriptor = this.#get(fd);
    if (descriptor.kind === 'file') return descriptor;
    throw new Failure(descriptor.kind === 'directory' ? 'EISDIR' : 'ESPIPE');
  }

  #directory(fd: number): DirectoryDescriptor {
    const descriptor = this.#get(fd);
    if (descriptor.kind !== 'directory') throw new Failure('ENOTDIR');
    return descriptor;
  }

  get #view(): DataView {
    return new DataView(this.memory.buffer);
  }

  /** A part of the program's memory. @throws RangeError if it is outside */
  #bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.memory.buffer, at >>> 0, length >>> 0);
  }

  #text(at: number, length: number): string {
    try {
      // A copy, since shared memory cannot be decoded.
      return decoder.decode(this.#bytes(at, length).slice());
    } catch (error) {
      throw error instanceof TypeError ? new Failure('EILSEQ') : error;
    }
  }

  #put32(at: number, value: number): void {
    this.#view.setUint32(at >>> 0, value, true);
  }

  #put64(at: number, value: bigint): void {
    this.#view.setBigUint64(at >>> 0, value, true);
  }

  /** The memory that a list of vectors (address and length) names. */
  #buffers(vectors: number, count: number): Uint8Array[] {
    const view = this.#view;
    if ((vectors >>> 0) + 8 * (count >>> 0) > view.byteLength) throw new Failure('EFAULT');
    return Array.from({ length: count >>> 0 }, (_, i) => {
      const at = (vectors >>> 0) + 8 * i;
      return this.#bytes(view.getUint32(at, true), view.getUint32(at + 4, true));
    });
  }

  /** Stores strings one after another, each ending with 0, and a pointer to each. */
  #putStrings(strings: readonly string[], pointers: number, texts: number): void {
    let at = texts >>> 0;
    for (const [i, text] of strings.entries()) {
      const bytes = encoder.encode(`${text}\0`);
      this.#put32((pointers >>> 0) + 4 * i, at);
      this.#bytes(at, bytes.length).set(bytes);
      at += bytes.length;
    }
  }

  #putSizes(strings: readonly string[], count: number, size: number): void {
    this.#put32(count, strings.length);
    this.#put32(
      size,
      strings.reduce((sum, text) => sum + encoder.encode(text).length + 1, 0),
    );
  }

  #putStatus(at: number, status: Status): void {
    const { device, inode, kind, links, size, accessed, modified, changed } = status;
    this.#bytes(at, 64).fill(0);
    for (const [i, value] of [device, inode, BigInt(kind), links, size, accessed, modified, changed].entries())
      this.#put64((at >>> 0) + 8 * i, value);
  }

  #statusOf(descriptor: Descriptor): Status {
    if (descriptor.kind === 'file') return descriptor.file.status();
    if (descriptor.kind === 'directory') return descriptor.directory.status('.');
    const nothing = { device: 0n, inode: 0n, links: 0n, size: 0n, accessed: 0n, modified: 0n, changed: 0n };
    return { ...nothing, kind: streamKind(descriptor.stream) };
  }

  /** Reads from the current position of a descriptor, or from a given one. */
  #read(fd: number, vectors: number, count: number, position?: bigint): number {
    const descriptor = this.#get(fd);
    const buffers = this.#buffers(vectors, count);
    if (descriptor.kind === 'stream') {
      const into = buffers.find(({ length }) => length > 0);
      if (position !== undefined) throw new Failure('ESPIPE');
      if (!descriptor.stream.read) throw new Failure('EBADF');
      return into ? descriptor.stream.read(into) : 0;
    }
    const { file, access } = this.#file(fd) as FileDescriptor;
    if (!access.read) throw new Failure('EBADF');
    const start = position === undefined ? (descriptor as FileDescriptor).position : offset(position);
    let total = 0;
    for (const into of buffers) {
      const length = into.length === 0 ? 0 : file.read(into, start + total);
      total += length;
      if (length < into.length) break;
    }
    if (position === undefined) (descriptor as FileDescriptor).position += total;
    return total;
  }

  #write(fd: number, vectors: number, count: number, position?: bigint): number {
    const descriptor = this.#get(fd);
    const buffers = this.#buffers(vectors, count);
    if (descriptor.kind === 'stream') {
      if (position !== undefined) throw new Failure('ESPIPE');
      if (!descriptor.stream.write) throw new Failure('EBADF');
      for (const bytes of buffers) if (bytes.length > 0) descriptor.stream.write(bytes);
      return buffers.reduce((sum, { length }) => sum + length, 0);
    }
    const { file, access, flags } = this.#file(fd) as FileDescriptor;
    if (!access.write) throw new Failure('EBADF');
    const appends = (flags & FD_APPEND) !== 0;
    const start = position === undefined ? (descriptor as FileDescriptor).position : offset(position);
    let total = 0;
    for (const bytes of buffers) {
      const end = bytes.length;
      for (let done = 0; done < end; ) {
        const wrote = file.write(bytes.subarray(done), appends ? null : start + total);
        done += wrote;
        total += wrote;
      }
    }
    if (position === undefined)
      (descriptor as FileDescriptor).position = appends ? Number(file.status().size) : start + total;
    return total;
  }

  #open(directory: Directory, path: string, follow: boolean, open: number, flags: number, rights: bigint): Descriptor {
    return walk(directory, path, follow && !(open & O_EXCL), (at, name, onlyDirectory) => {
      const write = (rights & FD_WRITE) !== 0n;
      const isDirectory = onlyDirectory || (open & O_DIRECTORY) !== 0 || isDirectoryAt(at, name);
      if (isDirectory) {
        if (open & O_CREAT && open & O_EXCL && !(open & O_DIRECTORY)) throw new Failure('EEXIST');
        if (open & (O_TRUNC | O_CREAT)) throw new Failure('EISDIR');
        return { kind: 'directory', directory: at.directory(name), flags };
      }
      const access = {
        read: !write || (rights & FD_READ) !== 0n,
        write,
        create: (open & O_CREAT) !== 0,
        exclusive: (open & O_EXCL) !== 0,
        truncate: (open & O_TRUNC) !== 0,
        append: (flags & FD_APPEND) !== 0,
      };
      return { kind: 'file', file: at.open(name, access), position: 0, access, flags };
    });
  }

  /** Lists the names in a directory, with '.' and '..', as they were when the program began to read it. */
  #list(fd: number, buffer: number, size: number, cookie: bigint): number {
    const descriptor = this.#directory(fd);
    const { directory } = descriptor;
    if (cookie === 0n || !descriptor.listed) descriptor.listed = ['.', '..', ...directory.list()];
    const into = this.#bytes(buffer, size);
    let used = 0;
    for (let i = Number(cookie); i < descriptor.listed.length && used < into.length; i++) {
      const name = descriptor.listed[i] as string;
      const bytes = encoder.encode(name);
      const entry = new Uint8Array(DIRENT_SIZE + bytes.length);
      const view = new DataView(entry.buffer);
      const { inode, kind } = entryStatus(directory, name);
      view.setBigUint64(0, BigInt(i + 1), true);
      view.setBigUint64(8, inode, true);
      view.setUint32(16, bytes.length, true);
      view.setUint8(20, kind);
      entry.set(bytes, DIRENT_SIZE);
      // The last entry may be cut off, which tells the program that there are more.
      const part = entry.subarray(0, into.length - used);
      into.set(part, used);
      used += part.length;
    }
    return used;
  }

  /** Waits for the earliest of some clocks. Waiting for a descriptor returns at once. */
  #poll(subscriptions: number, events: number, count: number): number {
    if (count >>> 0 === 0) throw new Failure('EINVAL');
    const view = this.#view;
    if ((subscriptions >>> 0) + SUBSCRIPTION_SIZE * (count >>> 0) > view.byteLength) throw new Failure('EFAULT');
    const asked = Array.from({ length: count >>> 0 }, (_, i) => {
      const at = (subscriptions >>> 0) + SUBSCRIPTION_SIZE * i;
      const kind = view.getUint8(at + 8);
      return { user: view.getBigUint64(at, true), kind, wait: kind === CLOCK_EVENT ? waitOf(view, at + 16) : 0 };
    });
    const shortest = Math.min(...asked.map(({ wait }) => wait));
    if (shortest > 0) this.#world.sleep(shortest);
    const ready = asked.filter(({ wait }) => wait <= shortest);
    for (const [i, { user, kind }] of ready.entries()) {
      const at = (events >>> 0) + EVENT_SIZE * i;
      this.#bytes(at, EVENT_SIZE).fill(0);
      this.#put64(at, user);
      this.#view.setUint8(at + 10, kind);
      if (kind !== CLOCK_EVENT) this.#put64(at + 16, 1n); // at least that much can be read
    }
    return ready.length;
  }

  #calls(): Record<string, Call> {
    const env = Object.entries(this.#world.env).map(([name, value]) => `${name}=${value}`);
    const { args } = this.#world;
    const directory = (fd: number) => this.#directory(fd).directory;
    const lacks = () => {
      throw new Failure('ENOTSUP');
    };
    return {
      args_get: (pointers: number, texts: number) => this.#putStrings(args, pointers, texts),
      args_sizes_get: (count: number, size: number) => this.#putSizes(args, count, size),
      environ_get: (pointers: number, texts: number) => this.#putStrings(env, pointers, texts),
      environ_sizes_get: (count: number, size: number) => this.#putSizes(env, count, size),
      clock_res_get: (clock: number, result: number) => {
        if (now(clock) === undefined) throw new Failure('EINVAL');
        this.#put64(result, 1000n);
      },
      clock_time_get: (clock: number, _precision: bigint, result: number) => {
        const time = now(clock);
        if (time === undefined) throw new Failure('EINVAL');
        this.#put64(result, time);
      },
      fd_advise: (fd: number) => void this.#file(fd),
      fd_allocate: lacks,
      fd_close: (fd: number) => {
        closeDescriptor(this.#get(fd));
        this.#descriptors.delete(fd);
      },
      fd_datasync: (fd: number) => this.#file(fd).file.sync(),
      fd_fdstat_get: (fd: number, result: number) => {
        const descriptor = this.#get(fd);
        const kind = descriptor.kind === 'stream' ? streamKind(descriptor.stream) : this.#statusOf(descriptor).kind;
        this.#bytes(result, 24).fill(0);
        this.#view.setUint8(result >>> 0, kind);
        this.#view.setUint16((result >>> 0) + 2, descriptor.flags, true);
        this.#put64((result >>> 0) + 8, rightsOf(descriptor));
        this.#put64((result >>> 0) + 16, ALL_RIGHTS);
      },
      fd_fdstat_set_flags: (fd: number, flags: number) => {
        const descriptor = this.#get(fd);
        // Append mode is set when a file is opened, and cannot be changed here.
        if (descriptor.kind === 'file' && (descriptor.flags ^ flags) & FD_APPEND) throw new Failure('ENOTSUP');
        descriptor.flags = flags;
      },
      fd_fdstat_set_rights: (fd: number) => void this.#get(fd),
      fd_filestat_get: (fd: number, result: number) => this.#putStatus(result, this.#statusOf(this.#get(fd))),
      fd_filestat_set_size: (fd: number, size: bigint) => this.#file(fd).file.truncate(offset(size)),
      fd_filestat_set_times: (fd: number, accessed: bigint, modified: bigint, flags: number) => {
        const { file } = this.#file(fd);
        file.setTimes(...timesOf(file.status(), accessed, modified, flags));
      },
      fd_pread: (fd: number, vectors: number, count: number, position: bigint, result: number) =>
        this.#put32(result, this.#read(fd, vectors, count, position)),
      fd_prestat_get: (fd: number, result: number) => {
        const { preopened } = this.#directory(fd);
        if (!preopened) throw new Failure('EBADF');
        this.#put32(result, 0); // a directory
        this.#put32((result >>> 0) + 4, preopened.length);
      },
      fd_prestat_dir_name: (fd: number, path: number, length: number) => {
        const { preopened } = this.#directory(fd);
        if (!preopened) throw new Failure('EBADF');
        if (length >>> 0 < preopened.length) throw new Failure('ENAMETOOLONG');
        this.#bytes(path, preopened.length).set(preopened);
      },
      fd_pwrite: (fd: number, vectors: number, count: number, position: bigint, result: number) =>
        this.#put32(result, this.#write(fd, vectors, count, position)),
      fd_read: (fd: number, vectors: number, count: number, result: number) =>
        this.#put32(result, this.#read(fd, vectors, count)),
      fd_readdir: (fd: number, buffer: number, size: number, cookie: bigint, result: number) =>
        this.#put32(result, this.#list(fd, buffer, size, cookie)),
      fd_renumber: (from: number, to: number) => {
        const descriptor = this.#get(from);
        if (from === to) return;
        closeDescriptor(this.#get(to));
        this.#descriptors.set(to, descriptor);
        this.#descriptors.delete(from);
      },
      fd_seek: (fd: number, by: bigint, whence: number, result: number) => {
        const descriptor = this.#file(fd);
        const from = [0n, BigInt(descriptor.position), whence === 2 ? descriptor.file.status().size : 0n][whence];
        if (from === undefined) throw new Failure('EINVAL');
        descriptor.position = offset(from + by);
        this.#put64(result, BigInt(descriptor.position));
      },
      fd_sync: (fd: number) => this.#file(fd).file.sync(),
      fd_tell: (fd: number, result: number) => this.#put64(result, BigInt(this.#file(fd).position)),
      fd_write: (fd: number, vectors: number, count: number, result: number) =>
        this.#put32(result, this.#write(fd, vectors, count)),
      path_create_directory: (fd: number, path: number, length: number) =>
        walk(directory(fd), this.#text(path, length), false, (at, name) => {
          if (name === '.') throw new Failure('EEXIST');
          at.makeDirectory(name);
        }),
      path_filestat_get: (fd: number, flags: number, path: number, length: number, result: number) =>
        this.#putStatus(result, lookAt(directory(fd), this.#text(path, length), flags)),
      path_filestat_set_times: (
        ...[fd, flags, path, length, accessed, modified, which]: [
          number,
          number,
          number,
          number,
          bigint,
          bigint,
          number,
        ]
      ) =>
        walk(directory(fd), this.#text(path, length), (flags & FOLLOW) !== 0, (at, name) =>
          at.setTimes(name, ...timesOf(at.status(name), accessed, modified, which)),
        ),
      path_link: (...[oldFd, flags, old, oldLength, fd, path, length]: Numbers<7>) =>
        walk(directory(oldFd), this.#text(old, oldLength), (flags & FOLLOW) !== 0, (from, oldName) =>
          walk(directory(fd), this.#text(path, length), false, (to, name) => from.linkTo(oldName, to, name)),
        ),
      path_open: (
        ...[fd, follow, path, length, open, rights, _inheriting, flags, result]: [
          ...[number, number, number, number, number],
          ...[bigint, bigint, number, number],
        ]
      ) => {
        const from = directory(fd);
        this.#put32(result, 0); // before anything is opened: the address may be bad
        const opened = this.#open(from, this.#text(path, length), (follow & FOLLOW) !== 0, open, flags, rights);
        try {
          this.#put32(result, this.#add(opened));
        } catch (error) {
          closeDescriptor(opened);
          throw error;
        }
      },
      path_readlink: (fd: number, path: number, length: number, buffer: number, size: number, result: number) => {
        const text = walk(directory(fd), this.#text(path, length), false, (at, name) => at.readLink(name));
        const bytes = encoder.encode(text).subarray(0, size >>> 0);
        this.#bytes(buffer, bytes.length).set(bytes);
        this.#put32(result, bytes.length);
      },
      path_remove_directory: (fd: number, path: number, length: number) =>
        walk(directory(fd), this.#text(path, length), false, (at, name) => at.removeDirectory(name)),
      path_rename: (...[oldFd, old, oldLength, fd, path, length]: Numbers<6>) =>
        walk(directory(oldFd), this.#text(old, oldLength), false, (from, oldName) =>
          walk(directory(fd), this.#text(path, length), false, (to, name) => from.rename(oldName, to, name)),
        ),
      path_symlink: (target: number, targetLength: number, fd: number, path: number, length: number) => {
        const text = this.#text(target, targetLength);
        if (text.startsWith('/')) throw new Failure('ENOTCAPABLE');
        walk(directory(fd), this.#text(path, length), false, (at, name) => at.makeLink(text, name));
      },
      path_unlink_file: (fd: number, path: number, length: number) =>
        walk(directory(fd), this.#text(path, length), false, (at, name, onlyDirectory) => {
          if (onlyDirectory) throw new Failure(isDirectoryAt(at, name) ? 'EISDIR' : 'ENOTDIR');
          at.removeFile(name);
        }),
      poll_oneoff: (subscriptions: number, events: number, count: number, result: number) =>
        this.#put32(result, this.#poll(subscriptions, events, count)),
      proc_exit: (status: number) => {
        throw new Exit(status >>> 0);
      },
      proc_raise: lacks,
      random_get: (buffer: number, length: number) => {
        const into = this.#bytes(buffer, length);
        for (let at = 0; at < into.length; at += RANDOM_STEP) {
          const part = new Uint8Array(Math.min(RANDOM_STEP, into.length - at));
          into.set(crypto.getRandomValues(part), at);
        }
      },
      sched_yield: () => {},
      sock_accept: lacks,
      sock_recv: lacks,
      sock_send: lacks,
      sock_shutdown: lacks,
    };
  }
}

const streamKind = ({ isTerminal }: Stream) => (isTerminal ? CHARACTER_DEVICE : UNKNOWN);

function rightsOf(descriptor: Descriptor): bigint {
  if (descriptor.kind === 'stream') return ALL_RIGHTS & ~(FD_SEEK | FD_TELL);
  if (descriptor.kind === 'directory') return ALL_RIGHTS;
  const { read, write } = descriptor.access;
  return ALL_RIGHTS & ~(read ? 0n : FD_READ) & ~(write ? 0n : FD_WRITE);
}

function closeDescriptor(descriptor: Descriptor): void {
  if (descriptor.kind === 'file') descriptor.file.close();
  else if (descriptor.kind === 'directory') descriptor.directory.close();
}

function isDirectoryAt(directory: Directory, name: string): boolean {
  try {
    return directory.status(name).kind === DIRECTORY;
  } catch {
    return false; // whoever opens it is told why
  }
}

function lookAt(directory: Directory, path: string, flags: number): Status {
  return walk(directory, path, (flags & FOLLOW) !== 0, (at, name, onlyDirectory) => {
    const status = at.status(name);
    if (onlyDirectory && status.kind !== DIRECTORY) throw new Failure('ENOTDIR');
    // It was not a link a moment ago.
    if (flags & FOLLOW && status.kind === SYMBOLIC_LINK) throw new Failure('ELOOP');
    return status;
  });
}

function entryStatus(directory: Directory, name: string): { inode: bigint; kind: number } {
  try {
    // The program must not learn anything about the directory above.
    return name === '..' ? { inode: 0n, kind: DIRECTORY } : directory.status(name);
  } catch {
    return { inode: 0n, kind: UNKNOWN };
  }
}

function offset(value: bigint): number {
  const signed = BigInt.asIntN(64, value);
  if (signed < 0n) throw new Failure('EINVAL');
  if (signed > BigInt(Number.MAX_SAFE_INTEGER)) throw new Failure('EOVERFLOW');
  return Number(signed);
}

function timesOf(status: Status, accessed: bigint, modified: bigint, flags: number): [bigint, bigint] {
  const both = (a: number, b: number) => (flags & a) !== 0 && (flags & b) !== 0;
  if (both(SET_ACCESSED, ACCESSED_NOW) || both(SET_MODIFIED, MODIFIED_NOW)) throw new Failure('EINVAL');
  const time = (set: number, toNow: number, given: bigint, before: bigint) =>
    flags & set ? BigInt.asUintN(64, given) : flags & toNow ? (now(REALTIME) as bigint) : before;
  return [
    time(SET_ACCESSED, ACCESSED_NOW, accessed, status.accessed),
    time(SET_MODIFIED, MODIFIED_NOW, modified, status.modified),
  ];
}

/** Milliseconds until a subscription's clock: its number, the time, a precision, and whether the time is absolute. */
function waitOf(view: DataView, at: number): number {
  const clock = now(view.getUint32(at, true));
  if (clock === undefined) throw new Failure('EINVAL');
  const time = view.getBigUint64(at + 8, true);
  const isAbsolute = (view.getUint16(at + 24, true) & ABSOLUTE_TIME) !== 0;
  return Math.max(0, Number(isAbsolute ? time - clock : time) / NANOSECONDS);
}
