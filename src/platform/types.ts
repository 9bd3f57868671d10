// What the core asks of the machine it runs on. platform/node implements it, and
// platform/browser; only the former may import node:*.
import type { Target } from '../targets/targets.js';
import type { HostTree } from '../toolchain/host-view.js';
import type { CommandRequest, CommandResult, CompileRequest, CompileResult } from '../toolchain/requests.js';
import type { Seen } from '../toolchain/trace.js';

export type FileKind = 'file' | 'directory' | 'other';

/** Paths are absolute, with '/' between the parts. Every method but `kind` rejects with the system's own error. */
export interface HostFiles {
  /**
   * A path, absolute and without '.' and '..': a '..' leads up from where a link before it leads, all other links stay.
   * @param from where a relative one starts
   */
  resolve(from: string, path: string): string;
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
  /** The worker's current tool and its last output; where it broke down, those of that moment. */
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

/**
 * What is kept between builds, as Bazel's HTTP cache protocol parts it: results by the key of what was asked, and bytes by
 * their sha256. Where it cannot be read nothing is found, and where it cannot be written nothing is kept: a build goes on.
 */
export interface CacheStore {
  /** @param key 64 lower-case hex digits */
  result(key: string): Promise<Uint8Array | undefined>;
  putResult(key: string, bytes: Uint8Array): Promise<void>;
  /** Bytes that have this sha256. */
  content(sha256: string): Promise<Uint8Array | undefined>;
  putContent(sha256: string, bytes: Uint8Array): Promise<void>;
  /** Ends a use of it: what is too much is removed. @param use to be counted */
  close(use: { hits: number; misses: number }): Promise<void>;
}

/** Where results are kept. */
export interface CacheChoice {
  /** A folder, absolute; left out: the user's own. In a page it stands for the name of a Cache. */
  directory?: string;
  /** Nobody named the folder: where it cannot be made, nothing is said of it. */
  isDefault?: boolean;
  /** Bytes that it may hold. Default: 5 GB; in a page 256 MB. */
  maxBytes?: number;
  /** A server that keeps results as well. */
  remote?: RemoteChoice;
}

/** A cache on a server, and how it is spoken to. */
export interface RemoteChoice {
  /** Without user and password. */
  url: string;
  /** What gives access, such as Authorization. */
  headers: Readonly<Record<string, string>>;
  isReadOnly: boolean;
  /** Seconds that a request may take. */
  timeout: number;
  /** Results are signed, and taken only where a trusted key signed them; left out: the server is believed. */
  keys?: { signer?: Signer; trusted: readonly Verifier[] };
}

/** The same, and whom to tell. */
export interface CachePlace extends CacheChoice {
  /** What is asked of the host is noted, also where nothing can be kept. */
  isWatched?: boolean;
  /** Told at most once, why nothing can be found or kept. */
  warn: (message: string) => void;
}

/** Something that a folder holds, by its path below the folder. */
export interface Found {
  path: string;
  kind: 'file' | 'directory' | 'link' | 'other';
}

/** A place that holds files: a folder on a disk, or a URL. */
export interface Folder {
  /** For messages. */
  name: string;
  /**
   * A file, by its path below the folder; undefined where nothing is there.
   * @param plain a link, at any step below the folder, is an error; without it links are followed
   * @throws ArtError INPUT_NOT_FOUND where there is something else than a file, which could keep its reader waiting
   */
  open(path: string, plain?: boolean): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** All that lies below, but for what commands put there for a while; left out where it cannot be known, as on the web. */
  list?(): AsyncIterable<Found>;
  /**
   * The same folder, in which these files, which are published together, are those of one moment, and stay so while
   * others are published; left out where that cannot be had.
   * @throws ArtError INPUT_NOT_FOUND where they are replaced without end
   */
  atOneMoment?(paths: readonly string[]): Promise<Folder>;
}

/** A folder, and the file in it that was named, where one was named and not the folder. */
export interface NamedFolder {
  folder: Folder;
  named: string | undefined;
}

/** Takes files one after another. */
export interface FileSink {
  /** Begins a file; the one before it is complete. */
  file(path: string, executable?: boolean): Promise<void>;
  /** Appends to the file that was begun last. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Files that are written out of sight, to appear together. */
export interface StagedFiles extends FileSink {
  /** Moves them to their places. */
  publish(): Promise<void>;
  /** Removes all traces; harmless after publish. */
  discard(): Promise<void>;
}

/** A folder, or a single file, that is written out of sight and can be read before it is published. */
export interface StagedLayout extends StagedFiles {
  /** Where it lies until it is published. */
  path: string;
  /** Ends its last file, so that it can be read. */
  complete(): Promise<void>;
}

/** Makes signatures with one key. */
export interface Signer {
  /** Names the key: base64 of the sha256 of its SubjectPublicKeyInfo. */
  hint: string;
  /** ECDSA P-256 with SHA-256, DER (RFC 3279), or Ed25519 (RFC 8032). */
  sign(bytes: Uint8Array): Uint8Array;
}

/** Tells whether one key made a signature over some bytes; browsers only tell later. */
export type Verifier = (bytes: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>;

/** What becomes visible in one step. */
export interface Publication {
  /** What the appended bytes are called; undefined where there are none. */
  archive: string | undefined;
  /** Small files; for readers that know nothing of publications they appear in this order, after the archive. */
  files: ReadonlyMap<string, Uint8Array>;
  /** What must not be there afterwards. */
  removed: readonly string[];
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
  /** Moves what was made to its place. */
  publish(publication: Publication): Promise<void>;
  /** Removes all traces; harmless after publish. */
  discard(): Promise<void>;
}

/** What it takes to read artifacts. */
export interface ReadingPlatform {
  sha256(): Hasher;
  /**
   * Finds where a path or a URL leads.
   * @throws ArtError INPUT_NOT_FOUND
   */
  openFolder(source: string | URL): Promise<NamedFolder>;
  /**
   * Reads a public key: in Node from a file, by its path; in a browser from its text, in PEM.
   * @throws ArtError KEY_INVALID
   */
  openVerifier(key: string): Promise<Verifier>;
}

export interface Platform extends ReadingPlatform {
  files: HostFiles;
  /** Processors this process may use. */
  cores(): number;
  /**
   * @param targets those that it will mostly compile for; it compiles for all others as well, where there is a disk
   * @param isShort it is done before optimised code of the program would have paid for being made
   */
  openToolchain(mounts: readonly Mount[], targets: readonly Target[], isShort?: boolean): Toolchain;
  /** The host's part of what the compiler sees. */
  hostTrees(mounts: readonly Mount[]): HostTree[];
  /** Left out where nothing is kept between builds; undefined where nothing can be. */
  openCache?(place: CachePlace): CacheStore | undefined;
  /** What changes when something at a path does, without reading it; left out where files do not change. */
  stamp?(path: string): string;
  /** Tells this installation from others of the same version, where it is one that somebody works on. */
  installation?(): string;
  /** Rejects with OUTPUT_NOT_WRITABLE where it is clear that `directory` cannot be staged in. It creates nothing, so staging may still fail. */
  checkOutput?(directory: string): Promise<void>;
  /** Rejects with OUTPUT_NOT_WRITABLE where `directory` cannot be made or written. */
  stage(directory: string): Promise<Staging>;
  /**
   * Writes a file in one step, with the permissions that the process gives new files.
   * @throws ArtError OUTPUT_NOT_WRITABLE
   */
  write(path: string, bytes: Uint8Array, executable: boolean): Promise<void>;
}

/** A platform with a disk, on which artifacts are signed, unpacked and converted. */
export interface DiskPlatform extends Platform {
  /**
   * Reads a private key.
   * @param passphrase asked for where the key is protected
   * @param onWarning told where others may read the key
   * @throws ArtError KEY_INVALID
   */
  openSigner(
    path: string,
    passphrase: () => Promise<string | undefined>,
    onWarning?: (message: string) => void,
  ): Promise<Signer>;
  /** Collects files that go below a directory, among what is there. All of it throws ArtError OUTPUT_NOT_WRITABLE. */
  stageFiles(directory: string): Promise<StagedFiles>;
  /**
   * Begins something at a place where nothing is yet: a folder that is new or empty, or a file.
   * @param isFile it is one file, which `file` is asked for by its name; one that is there is replaced
   * @throws ArtError OUTPUT_NOT_WRITABLE
   */
  stageLayout(out: string, isFile: boolean): Promise<StagedLayout>;
  /**
   * Puts a file beside an artifact, or replaces it there, while no build publishes.
   * @param names of all files that builds publish there
   * @param isCurrent looks whether the artifact is still the one that the file belongs to; if not, nothing is written
   * @returns whether it was written
   * @throws ArtError OUTPUT_NOT_WRITABLE; whatever `isCurrent` throws
   */
  writeBeside(
    directory: string,
    name: string,
    bytes: Uint8Array,
    names: readonly string[],
    isCurrent: () => Promise<boolean>,
  ): Promise<boolean>;
}
