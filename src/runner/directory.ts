// Directories and files that a program may use. They use the file functions of Node, or of memfs, which have the same
// interface.
//
// A program can only access the directories that it was given: a name is one part of a path, and no function here follows
// a link. walk.ts resolves paths, one part at a time.
import { Failure } from './errno.js';

/** Node's BigIntStats. */
interface Stats {
  dev: bigint;
  ino: bigint;
  nlink: bigint;
  size: bigint;
  atimeNs: bigint;
  mtimeNs: bigint;
  ctimeNs: bigint;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isCharacterDevice(): boolean;
  isBlockDevice(): boolean;
}

/** The functions of node:fs that are used. */
export interface FileFunctions {
  openSync(path: string, flags: number, mode?: number): number;
  closeSync(fd: number): void;
  fstatSync(fd: number, options: { bigint: true }): Stats;
  lstatSync(path: string, options: { bigint: true }): Stats;
  readSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number | null): number;
  writeSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number | null): number;
  ftruncateSync(fd: number, size: number): void;
  fsyncSync(fd: number): void;
  futimesSync(fd: number, accessed: number, modified: number): void;
  lutimesSync(path: string, accessed: number, modified: number): void;
  readlinkSync(path: string): string;
  readdirSync(path: string): string[];
  mkdirSync(path: string): unknown;
  rmdirSync(path: string): void;
  unlinkSync(path: string): void;
  symlinkSync(target: string, path: string): void;
  linkSync(from: string, to: string): void;
  renameSync(from: string, to: string): void;
}

/** A file system. */
export interface FileSystem {
  fs: FileFunctions;
  /** Node's constants; flags that a system does not have are 0. */
  flags: Readonly<Record<'O_RDONLY' | 'O_WRONLY' | 'O_RDWR' | 'O_CREAT' | 'O_EXCL' | 'O_TRUNC' | 'O_APPEND', number>> &
    Readonly<Record<'O_NOFOLLOW' | 'O_DIRECTORY' | 'O_NONBLOCK', number>>;
  /**
   * A path of an open directory that stays valid if the directory is moved; undefined if the system has none, and then
   * the directory's own path is used.
   */
  pathOf?: (fd: number) => string;
  /** Whether names must not contain '\' and ':', which mean other files on Windows. */
  isWindows?: boolean;
}

/** Kinds of files by their WASI numbers. */
export const UNKNOWN = 0;
export const BLOCK_DEVICE = 1;
export const CHARACTER_DEVICE = 2;
export const DIRECTORY = 3;
export const REGULAR_FILE = 4;
export const SYMBOLIC_LINK = 7;

/** The status of a file; times are in nanoseconds since 1970. */
export interface Status {
  device: bigint;
  inode: bigint;
  kind: number;
  links: bigint;
  size: bigint;
  accessed: bigint;
  modified: bigint;
  changed: bigint;
}

function statusOf(stats: Stats): Status {
  const kinds: [boolean, number][] = [
    [stats.isFile(), REGULAR_FILE],
    [stats.isDirectory(), DIRECTORY],
    [stats.isSymbolicLink(), SYMBOLIC_LINK],
    [stats.isCharacterDevice(), CHARACTER_DEVICE],
    [stats.isBlockDevice(), BLOCK_DEVICE],
  ];
  return {
    device: BigInt.asUintN(64, BigInt(stats.dev)),
    inode: BigInt.asUintN(64, BigInt(stats.ino)),
    kind: kinds.find(([is]) => is)?.[1] ?? UNKNOWN,
    links: BigInt(stats.nlink),
    size: BigInt(stats.size),
    accessed: BigInt.asUintN(64, stats.atimeNs),
    modified: BigInt.asUintN(64, stats.mtimeNs),
    changed: BigInt.asUintN(64, stats.ctimeNs),
  };
}

const seconds = (nanoseconds: bigint) => Number(nanoseconds) / 1e9;

/** How a file is opened. */
export interface Access {
  read: boolean;
  write: boolean;
  create: boolean;
  exclusive: boolean;
  truncate: boolean;
  append: boolean;
}

/** An open file. */
export class OpenFile {
  readonly #system: FileSystem;
  readonly #fd: number;

  constructor(system: FileSystem, fd: number) {
    this.#system = system;
    this.#fd = fd;
  }

  status(): Status {
    return statusOf(this.#system.fs.fstatSync(this.#fd, { bigint: true }));
  }

  /** Reads. @returns the number of bytes; 0 at the end */
  read(into: Uint8Array, position: number): number {
    return this.#system.fs.readSync(this.#fd, into, 0, into.length, position);
  }

  /** Writes. @param position null for the end of a file that was opened to append */
  write(bytes: Uint8Array, position: number | null): number {
    return this.#system.fs.writeSync(this.#fd, bytes, 0, bytes.length, position);
  }

  truncate(size: number): void {
    this.#system.fs.ftruncateSync(this.#fd, size);
  }

  sync(): void {
    this.#system.fs.fsyncSync(this.#fd);
  }

  setTimes(accessed: bigint, modified: bigint): void {
    this.#system.fs.futimesSync(this.#fd, seconds(accessed), seconds(modified));
  }

  close(): void {
    this.#system.fs.closeSync(this.#fd);
  }
}

/** An open directory. A name is one part of a path, or '.'. Errors of the system are thrown unchanged. */
export class Directory {
  readonly #system: FileSystem;
  readonly #fd: number;
  readonly #path: string;

  private constructor(system: FileSystem, fd: number, path: string) {
    this.#system = system;
    this.#fd = fd;
    this.#path = path;
  }

  /** Opens a directory by its path; links are followed. */
  static at(system: FileSystem, path: string): Directory {
    const { O_RDONLY, O_DIRECTORY } = system.flags;
    return Directory.#open(system, path, O_RDONLY | O_DIRECTORY);
  }

  static #open(system: FileSystem, path: string, flags: number): Directory {
    const fd = system.fs.openSync(path, flags);
    if (!system.fs.fstatSync(fd, { bigint: true }).isDirectory()) {
      system.fs.closeSync(fd);
      throw new Failure('ENOTDIR');
    }
    return new Directory(system, fd, system.pathOf?.(fd) ?? path);
  }

  #at(name: string): string {
    if (name.includes('\0') || name.includes('/') || name === '..') throw new Failure('EINVAL');
    if (this.#system.isWindows && /[\\:]/.test(name)) throw new Failure('EINVAL');
    return name === '.' && !this.#system.pathOf ? this.#path : `${this.#path}/${name}`;
  }

  /** Checks a name that is created, moved or removed, which cannot be '.'. */
  #named(name: string): string {
    if (name === '.') throw new Failure('EINVAL');
    return this.#at(name);
  }

  directory(name: string): Directory {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = this.#system.flags;
    return Directory.#open(this.#system, this.#at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  }

  open(name: string, access: Access): OpenFile {
    const { flags } = this.#system;
    const way = access.write ? (access.read ? flags.O_RDWR : flags.O_WRONLY) : flags.O_RDONLY;
    const options =
      (access.create ? flags.O_CREAT : 0) |
      (access.exclusive ? flags.O_EXCL : 0) |
      (access.truncate ? flags.O_TRUNC : 0) |
      (access.append ? flags.O_APPEND : 0);
    // O_NONBLOCK, since opening a pipe without a writer would block.
    const fd = this.#system.fs.openSync(this.#at(name), way | options | flags.O_NOFOLLOW | flags.O_NONBLOCK, 0o666);
    return new OpenFile(this.#system, fd);
  }

  status(name: string): Status {
    return statusOf(this.#system.fs.lstatSync(this.#at(name), { bigint: true }));
  }

  setTimes(name: string, accessed: bigint, modified: bigint): void {
    this.#system.fs.lutimesSync(this.#at(name), seconds(accessed), seconds(modified));
  }

  readLink(name: string): string {
    return String(this.#system.fs.readlinkSync(this.#named(name)));
  }

  list(): string[] {
    return this.#system.fs.readdirSync(this.#at('.')).map(String);
  }

  makeDirectory(name: string): void {
    this.#system.fs.mkdirSync(this.#named(name));
  }

  removeDirectory(name: string): void {
    this.#system.fs.rmdirSync(this.#named(name));
  }

  removeFile(name: string): void {
    this.#system.fs.unlinkSync(this.#named(name));
  }

  makeLink(target: string, name: string): void {
    this.#system.fs.symlinkSync(target, this.#named(name));
  }

  linkTo(name: string, to: Directory, newName: string): void {
    this.#system.fs.linkSync(this.#named(name), to.#named(newName));
  }

  rename(name: string, to: Directory, newName: string): void {
    this.#system.fs.renameSync(this.#named(name), to.#named(newName));
  }

  close(): void {
    this.#system.fs.closeSync(this.#fd);
  }
}
