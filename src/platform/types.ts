// The interfaces through which the core uses the machine it runs on. platform/node and platform/browser implement them;
// only platform/node may import node:*.
import type { Target } from '../targets/targets.js';
import type { HostTree } from '../toolchain/host-view.js';
import type { CommandRequest, CommandResult, CompileRequest, CompileResult } from '../toolchain/requests.js';
import type { Seen } from '../toolchain/trace.js';
import type { WebAbortSignal } from './web-types.js';

export type FileKind = 'file' | 'directory' | 'other';

/**
 * Files of the host. Paths are absolute, with '/' between the parts. Every method except `kind` rejects with the error
 * of the system.
 */
export interface HostFiles {
  /**
   * Makes a path absolute and removes '.' and '..'. A '..' after a symbolic link means the parent of the link's target,
   * as the kernel resolves it; other links stay in the path.
   * @param from the directory that a relative path is resolved against
   */
  resolve(from: string, path: string): string;
  /** The kind of the file at a path; links are followed. Undefined if nothing is there. */
  kind(path: string): Promise<FileKind | undefined>;
  /** The entries of a directory, in no particular order. Links are followed; broken links are left out. */
  list(path: string): Promise<{ name: string; kind: FileKind }[]>;
  read(path: string): Promise<Uint8Array>;
  /** Reads a file as a stream, since it may be large. */
  stream(path: string): AsyncIterable<Uint8Array>;
  /** Size in bytes. */
  size(path: string): Promise<number>;
}

/** A streaming SHA-256. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** The digest as 64 lower-case hex digits. Call it once. */
  digest(): string;
}

/** A directory of the host that the compiler sees, read-only, at a fixed path. */
export interface Mount {
  at: string;
  host: string;
}

export interface CompileWorker {
  /** Resolves when the worker has its programs; requests wait until then. Rejects if they cannot be loaded. */
  readonly ready: Promise<void>;
  /** Compiles a unit. A failed compilation is a result; it rejects only if the worker itself failed. */
  compile(request: CompileRequest): Promise<CompileResult>;
  /** The tool that the worker runs and its last output; if it crashed, those at that moment. */
  seen(): Seen;
  /**
   * Runs a compiler command on those of the host's files that a mount shows. The files that it makes are in the result.
   */
  command(request: CommandRequest): Promise<CommandResult>;
  terminate(): Promise<void>;
}

/** Compiles the wasm programs once and starts workers that share them. */
export interface Toolchain {
  startWorker(): CompileWorker;
  /**
   * Says, before the first worker starts, that the work ends too soon for optimised code of the program to pay for
   * itself. Left out where that makes no difference.
   */
  expectLittle?(): void;
  /** Rejects with PROGRAM_CORRUPT if a program or a sysroot does not have its pinned sha256. */
  verify(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A cache between builds, divided as in Bazel's HTTP cache protocol: results by the hash of the request, and contents
 * by their own sha256. A cache that cannot be read finds nothing, and one that cannot be written keeps nothing; the
 * build continues.
 */
export interface CacheStore {
  /** @param key 64 lower-case hex digits */
  result(key: string): Promise<Uint8Array | undefined>;
  putResult(key: string, bytes: Uint8Array): Promise<void>;
  /** The bytes with this sha256. */
  content(sha256: string): Promise<Uint8Array | undefined>;
  putContent(sha256: string, bytes: Uint8Array): Promise<void>;
  /**
   * Ends the use of the cache by one command: removes results if it is too large.
   * @param use the numbers to add to the statistics
   */
  close(use: { hits: number; misses: number }): Promise<void>;
}

/** Which cache to use. */
export interface CacheChoice {
  /**
   * The absolute path of a folder; left out: the user's own cache folder. In a page it stands for the name of a Cache.
   */
  directory?: string;
  /** Whether the folder is the default one. Then there is no warning if it cannot be created. */
  isDefault?: boolean;
  /** Limit on its size, in bytes. Default: 5 GB; in a page 256 MB. */
  maxBytes?: number;
  /** A cache on a server, used besides the folder. */
  remote?: RemoteChoice;
}

/** A cache on a server, and how to access it. */
export interface RemoteChoice {
  /** The server's URL, without user and password. */
  url: string;
  /** HTTP headers that give access, such as `Authorization`. */
  headers: Readonly<Record<string, string>>;
  /** Whether results are only looked up and none are uploaded. */
  isReadOnly: boolean;
  /** Time limit of one request, in seconds. */
  timeout: number;
  /**
   * The key that signs uploaded results, and the trusted keys, one of which must have signed a result. Left out:
   * results are unsigned and all are accepted.
   */
  keys?: { signer?: Signer; trusted: readonly Verifier[] };
}

/** Which cache to use, and who gets its warnings. */
export interface CachePlace extends CacheChoice {
  /** Whether to record what compilations read from the host even if nothing can be cached. */
  isWatched?: boolean;
  /** Ends requests to a server at once. */
  signal?: WebAbortSignal | undefined;
  /** Called at most once, with the reason why the cache cannot be used. */
  warn: (message: string) => void;
}

/** A file or folder below a folder; the path is relative to that folder. */
export interface Found {
  path: string;
  kind: 'file' | 'directory' | 'link' | 'other';
}

/** A place with files: a folder on a disk, or a URL. */
export interface Folder {
  /** Its name in messages. */
  name: string;
  /**
   * Opens a file by its path below the folder; undefined if nothing is there.
   * @param plain a symbolic link below the folder is an error; without it links are followed
   * @throws ArtError INPUT_NOT_FOUND if it is not a regular file: reading a pipe, for example, could block for ever
   */
  open(path: string, plain?: boolean): Promise<AsyncIterable<Uint8Array> | undefined>;
  /**
   * Everything below the folder, except temporary files of commands; left out if the content cannot be listed, as for a
   * URL.
   */
  list?(): AsyncIterable<Found>;
  /**
   * The same folder, in which the given files, which builds publish together, are all from the same publication, also
   * if others publish in the meantime; left out if the platform cannot do that.
   * @throws ArtError INPUT_NOT_FOUND if they are replaced again and again
   */
  atOneMoment?(paths: readonly string[]): Promise<Folder>;
}

/** A folder; and if a path to a file in it was given, the name of that file. */
export interface NamedFolder {
  folder: Folder;
  named: string | undefined;
}

/** Receives files one after another. */
export interface FileSink {
  /** Begins a file. The file before it is then complete. */
  file(path: string, executable?: boolean): Promise<void>;
  /** Appends to the file that was begun last. */
  write(bytes: Uint8Array): Promise<void>;
}

/** Files that are written to a temporary place and appear together. */
export interface StagedFiles extends FileSink {
  /** Moves the files to their places. */
  publish(): Promise<void>;
  /** Removes all traces; harmless after publish. */
  discard(): Promise<void>;
}

/** A folder, or a single file, that is written to a temporary place and can be read before it is published. */
export interface StagedLayout extends StagedFiles {
  /** Its path until it is published. */
  path: string;
  /** Completes the last file, so that it can be read. */
  complete(): Promise<void>;
}

/** Signs with a private key. */
export interface Signer {
  /** Identifies the key: base64 of the sha256 of its SubjectPublicKeyInfo. */
  hint: string;
  /** Returns a signature: ECDSA P-256 with SHA-256 in DER (RFC 3279), or Ed25519 (RFC 8032). */
  sign(bytes: Uint8Array): Uint8Array;
}

/**
 * Whether a certain key made a signature over some bytes. In browsers the answer is a promise, as Web Crypto gives it.
 */
export type Verifier = (bytes: Uint8Array, signature: Uint8Array) => boolean | Promise<boolean>;

/** Files that become visible in one step. */
export interface Publication {
  /** Name of the archive, whose bytes were appended; undefined if there is none. */
  archive: string | undefined;
  /**
   * Small files by name. They are moved in this order, after the archive, for readers that do not take part in the
   * locking.
   */
  files: ReadonlyMap<string, Uint8Array>;
  /** Names of files that must not exist afterwards. */
  removed: readonly string[];
}

/**
 * The staging area of a build: it holds what was made until everything is complete. Nothing appears at its final place
 * before `publish`.
 */
export interface Staging {
  /** Appends to the archive. */
  append(bytes: Uint8Array): Promise<void>;
  /** Completes the archive and reads it back, so that it can be checked. */
  readBack(): Promise<AsyncIterable<Uint8Array>>;
  /** Stores bytes until they are the next to be written to the archive. */
  spool(name: string, bytes: Uint8Array): Promise<void>;
  unspool(name: string): Promise<Uint8Array>;
  /** Returns stored bytes and keeps them. */
  peek(name: string): Promise<Uint8Array>;
  /** Moves everything to its final place. */
  publish(publication: Publication): Promise<void>;
  /** Removes all traces; harmless after publish. */
  discard(): Promise<void>;
}

/** What is needed to read artifacts. */
export interface ReadingPlatform {
  sha256(): Hasher;
  /**
   * Opens the folder that a path or a URL names.
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
  /** Number of processors that this process may use. */
  cores(): number;
  /**
   * @param targets those that it will mostly compile for. In Node it can also compile for all others; in a browser it
   *   loads only the sysroots of these
   */
  openToolchain(mounts: readonly Mount[], targets: readonly Target[]): Toolchain;
  /** The part of the compiler's file system that shows the host. */
  hostTrees(mounts: readonly Mount[]): HostTree[];
  /** Left out if the platform stores nothing between builds; undefined if that is not possible now. */
  openCache?(place: CachePlace): CacheStore | undefined;
  /**
   * A string that changes when the file at a path changes, found without reading the file; left out if files do not
   * change.
   */
  stamp?(path: string): string;
  /** Identifies this installation of art if it is a working copy whose code can differ from the released version. */
  installation?(): string;
  /**
   * Rejects with OUTPUT_NOT_WRITABLE if `directory` certainly cannot be written. It creates nothing, so `stage` may
   * still fail.
   */
  checkOutput?(directory: string): Promise<void>;
  /**
   * Opens a staging area for a directory. Rejects with OUTPUT_NOT_WRITABLE if the directory cannot be created or
   * written.
   */
  stage(directory: string): Promise<Staging>;
  /**
   * Writes a file in one step, with the default permissions of new files.
   * @throws ArtError OUTPUT_NOT_WRITABLE
   */
  write(path: string, bytes: Uint8Array, executable: boolean): Promise<void>;
}

/** A platform with a disk, on which artifacts are signed, unpacked and converted. */
export interface DiskPlatform extends Platform {
  /**
   * Reads a private key.
   * @param passphrase called if the key is encrypted
   * @param onWarning called with a warning if other users may read the key
   * @throws ArtError KEY_INVALID
   */
  openSigner(
    path: string,
    passphrase: () => Promise<string | undefined>,
    onWarning?: (message: string) => void,
  ): Promise<Signer>;
  /**
   * Stages files to be added below a directory that may have others. All methods throw ArtError OUTPUT_NOT_WRITABLE.
   */
  stageFiles(directory: string): Promise<StagedFiles>;
  /**
   * Stages a folder that does not exist yet or is empty, or a single file.
   * @param isFile it is a single file, begun by `file` with its name; an existing file is replaced
   * @throws ArtError OUTPUT_NOT_WRITABLE
   */
  stageLayout(out: string, isFile: boolean): Promise<StagedLayout>;
  /**
   * Writes a file beside an artifact, while no build publishes there.
   * @param names names of all files that builds publish there
   * @param isCurrent tells whether the artifact is still the one that the file belongs to; if not, nothing is written
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
