// Writes artifact.tar.gz as a stream: ustar (pax if a name does not fit), then one gzip member. Compression is by pako.
// Not by fflate, whose streaming encoder corrupts some inputs (its issues 260 and 282). Not by node:zlib, since the
// bytes of zlib differ between builds and platforms.
import { Deflate, Z_FINISH, Z_NO_FLUSH } from 'pako';
import { pack } from 'tar-stream';
import type { Hasher } from '../platform/types.js';
import type { ArchiveDigest } from './manifest.js';
import { ARCHIVE_NAME } from './names.js';

/** Where the writer writes, and how it hashes. */
export interface ArchiveTarget {
  append(bytes: Uint8Array): Promise<void>;
  sha256(): Hasher;
}

const LEVEL = 6;
/** RFC 1952: the tenth byte of a member names the operating system, 255 is "unknown". pako writes 3, Unix. */
const GZIP_OS_OFFSET = 9;
const GZIP_OS_UNKNOWN = 255;

/** Writes entries one after another. Memory is bounded by one entry and the encoder's window. */
export class ArchiveWriter {
  readonly #target: ArchiveTarget;
  readonly #mtime: Date;
  readonly #tar = pack();
  readonly #gzip = new Deflate({ level: LEVEL, gzip: true });
  readonly #tarHash: Hasher;
  readonly #fileHash: Hasher;
  readonly #drained: Promise<void>;
  #failed = false;
  #giveUp: ((error: unknown) => void) | undefined;
  #compressed: Uint8Array[] = [];
  #size = 0;

  /** @param sourceDateEpoch time of every entry, in seconds since 1970 */
  constructor(target: ArchiveTarget, sourceDateEpoch: number) {
    this.#target = target;
    this.#mtime = new Date(sourceDateEpoch * 1000);
    this.#tarHash = target.sha256();
    this.#fileHash = target.sha256();
    this.#gzip.onData = (chunk: Uint8Array) => void this.#compressed.push(chunk);
    this.#drained = this.#drain();
    // Not a `then` for each entry: all of them, with the bytes they refer to, would stay in memory until the end.
    this.#drained.catch((error) => {
      this.#failed = true;
      this.#giveUp?.(error);
    });
  }

  /** Appends an entry. Entries must come in archive order: bytewise by path. @returns its sha256 */
  async add(path: string, bytes: Uint8Array, executable = false): Promise<string> {
    const hash = this.#target.sha256();
    hash.update(bytes);
    await this.#given((done) => {
      // tar-stream accepts any Uint8Array; its types allow only Buffer.
      this.#tar.entry(this.#header(path, executable), bytes as Buffer, done);
    });
    return hash.digest();
  }

  /** Appends an entry that comes in pieces, with `size` bytes in total. */
  async addStream(path: string, size: number, chunks: AsyncIterable<Uint8Array>, executable = false): Promise<void> {
    let finished: (error?: Error | null) => void = () => {};
    const end = new Promise<void>((resolve, reject) => {
      finished = (error) => (error ? reject(error) : resolve());
    });
    end.catch(() => {}); // it is said where it is waited for
    const entry = this.#tar.entry({ ...this.#header(path, executable), size }, finished);
    for await (const chunk of chunks) {
      if (chunk.length === 0 || entry.write(chunk)) continue;
      await this.#given((done) => entry.once('drain', () => done()));
    }
    entry.end(undefined);
    await this.#given((done) => void end.then(() => done(), done));
  }

  #header(name: string, executable: boolean) {
    return { name, mode: executable ? 0o755 : 0o644, mtime: this.#mtime, uid: 0, gid: 0, uname: '', gname: '' };
  }

  /** Waits for the tar stream; if writing has failed, throws that error. */
  async #given(wait: (done: (error?: unknown) => void) => void): Promise<void> {
    try {
      await new Promise<void>((resolve, reject) => {
        this.#giveUp = reject;
        if (this.#failed) reject();
        wait((error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      await this.#drained;
      throw error;
    }
  }

  async finish(): Promise<ArchiveDigest> {
    this.#tar.finalize();
    await this.#drained;
    return {
      path: ARCHIVE_NAME,
      sha256: this.#fileHash.digest(),
      size: this.#size,
      tar_sha256: this.#tarHash.digest(),
    };
  }

  async #drain(): Promise<void> {
    for await (const chunk of this.#tar as AsyncIterable<Uint8Array>) {
      this.#tarHash.update(chunk);
      this.#gzip.push(chunk, Z_NO_FLUSH);
      await this.#flush();
    }
    this.#gzip.push(new Uint8Array(0), Z_FINISH);
    await this.#flush();
  }

  async #flush(): Promise<void> {
    for (const chunk of this.#compressed.splice(0)) {
      if (this.#size === 0) chunk[GZIP_OS_OFFSET] = GZIP_OS_UNKNOWN;
      this.#fileHash.update(chunk);
      this.#size += chunk.length;
      await this.#target.append(chunk);
    }
  }
}
