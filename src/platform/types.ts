// What the core asks of the machine it runs on. platform/node implements it, and
// platform/browser; only the former may import node:*.
import type { CommandRequest, CommandResult } from '../toolchain/command.js';
import type { CompileRequest, CompileResult } from '../toolchain/compile.js';
import type { Seen } from '../toolchain/trace.js';

export type FileKind = 'file' | 'directory' | 'other';

/** Paths are absolute, with '/' between the parts. Every method but `kind` rejects with the system's own error. */
export interface HostFiles {
  /** Follows links; undefined where nothing is there. */
  kind(path: string): Promise<FileKind | undefined>;
  /** Names in a directory, in no particular order, links followed; broken links are left out. */
  list(path: string): Promise<{ name: string; kind: FileKind }[]>;
  read(path: string): Promise<Uint8Array>;
  /** A file as a stream, for those that may be large. */
  stream(path: string): AsyncIterable<Uint8Array>;
  /** Size in bytes. */
  size(path: string): Promise<number>;
}

/** A streaming SHA-256. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** 64 lower-case hex digits; call once. */
  digest(): string;
}

/** A directory of the host that the compiler sees, read-only, at a fixed path. */
export interface Mount {
  at: string;
  host: string;
}

export interface CompileWorker {
  /** When it has its programs; until then a request waits. Rejects where they cannot be had. */
  readonly ready: Promise<void>;
  /** Rejects only where the worker itself broke; a failed compilation is a result. */
  compile(request: CompileRequest): Promise<CompileResult>;
  /** What it is at, or was when it broke. */
  seen(): Seen;
  /** Runs a compiler command on the host's files, as far as a mount shows them; what it writes is in the result. */
  command(request: CommandRequest): Promise<CommandResult>;
  terminate(): Promise<void>;
}

/** Compiles the wasm programs once and starts workers that share them. */
export interface Toolchain {
  startWorker(): CompileWorker;
  /** Rejects with PROGRAM_CORRUPT unless every program and sysroot has its pinned sha256. */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/** Where a build keeps what it has made until all of it is there. Nothing is visible at its place before `publish`. */
export interface Staging {
  /** Appends to the archive. */
  append(bytes: Uint8Array): Promise<void>;
  /** Ends the archive and gives it back to be checked. */
  readBack(): Promise<AsyncIterable<Uint8Array>>;
  /** Puts bytes aside until their turn comes. */
  spool(name: string, bytes: Uint8Array): Promise<void>;
  unspool(name: string): Promise<Uint8Array>;
  /** The bytes without taking them away. */
  peek(name: string): Promise<Uint8Array>;
  /** Moves the archive, where there is one, and then the manifest to their places. */
  publish(manifest: string, withArchive: boolean): Promise<void>;
  /** Removes all traces; harmless after publish. */
  discard(): Promise<void>;
}

export interface Platform {
  files: HostFiles;
  /** Processors this process may use. */
  cores(): number;
  sha256(): Hasher;
  openToolchain(mounts: readonly Mount[]): Toolchain;
  /** Rejects with OUTPUT_NOT_WRITABLE where `directory` could not be staged in, as far as a look without a trace tells. */
  checkOutput?(directory: string): Promise<void>;
  /** Rejects with OUTPUT_NOT_WRITABLE where `directory` cannot be made or written. */
  stage(directory: string): Promise<Staging>;
  /**
   * Writes a file in one step, with the permissions that the process gives new files.
   * @throws ArtError OUTPUT_NOT_WRITABLE
   */
  write(path: string, bytes: Uint8Array, executable: boolean): Promise<void>;
}
