// The cache of this machine: a folder with a file for each result and each content. A file is written under a temporary
// name and then renamed, so that readers see all of it or nothing; it is checked when it is read, since a crash of the
// machine may leave it incomplete. The package cacache is not used: loading it takes as long as a whole build that
// finds everything (250 ms), it never removes old entries, and it accepts a folder that others may write to.

import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, isAbsolute, join } from 'pathe';
import { ArtError, messageOf } from '../../errors.js';
import type { CachePlace, CacheStore } from '../types.js';
import { homeOf } from './home.js';
import { isOwnerAlive, isOwnerName, ownName } from './owner.js';

/**
 * The subfolder for results. The cache folder may also contain the scripts of `art toolchain`, and other formats of
 * later versions.
 */
const OWN = 'results-1';
const RESULTS = 'ac';
const CONTENTS = 'cas';
const UNFINISHED = 'tmp';
const STATE = 'state.json';
const DEFAULT_MAX_BYTES = 5 * 1024 ** 3;
/** When the cache is too large, it is reduced to this share of its limit. */
const KEPT_SHARE = 0.9;
/** A file's time of last use is updated at most this often. */
const USE_MS = 3_600_000;
/** After this time a temporary file counts as abandoned if it cannot be found out whether its process still runs. */
const ABANDONED_MS = 24 * 3_600_000;
const DIGEST_LENGTH = 64;
/** Statistics are written at most this often by a process that only finds results. */
const COUNT_MS = 100;
/** Block size of the disk: a file takes whole blocks. */
const BLOCK = 4096;

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const onDisk = (size: number) => Math.ceil(size / BLOCK) * BLOCK;

/** The statistics that are stored with a cache; not exact while several builds write at the same time. */
interface State extends Counts {
  /** Bytes on disk. */
  bytes: number;
}

/** How often a cache was used. */
interface Counts {
  /** How many results were found, since the cache was made. */
  hits: number;
  /** How many results were not found. */
  misses: number;
}

/** Statistics of a cache. */
export interface CacheStats extends State {
  /** The cache folder. */
  directory: string;
  /** The largest size of the cache, in bytes. */
  maxBytes: number;
  /** Number of results. */
  results: number;
  /** Number of contents, the files that results refer to. */
  contents: number;
}

/**
 * The path of the user's own cache folder; undefined if the environment does not tell one.
 * @param env the environment variables of a process
 */
export function defaultCache(env: Readonly<Record<string, string | undefined>> = process.env): string | undefined {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = env;
  // The XDG specification says to ignore a relative path.
  if (XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME)) return join(XDG_CACHE_HOME, 'art');
  if (process.platform === 'win32') return LOCALAPPDATA && join(LOCALAPPDATA, 'art', 'Cache');
  const home = homeOf(env);
  if (home === undefined || !isAbsolute(home)) return undefined;
  return process.platform === 'darwin' ? join(home, 'Library/Caches/art') : join(home, '.cache/art');
}

/** Opens a cache and creates its folder. Warns if that is impossible and the folder is not the default one. */
export function openCacheStore({
  directory,
  isDefault = directory === undefined,
  maxBytes = DEFAULT_MAX_BYTES,
  warn,
}: CachePlace): CacheStore | undefined {
  const place = directory ?? defaultCache();
  if (place === undefined) return undefined;
  const root = join(place, OWN);
  try {
    makeFolder(root);
  } catch (error) {
    // A user without a home directory has not made a mistake, so there is no warning.
    if (!isDefault) warn(`nothing is cached: '${place}' cannot be created (${messageOf(error)})`);
    return undefined;
  }
  const refusal = refusalOf(root);
  if (refusal === undefined) return new NodeCacheStore(root, maxBytes, warn);
  warn(`nothing is cached: ${refusal}`);
  return undefined;
}

/** Why a folder must not be used as a cache: whoever can write to it can change the results of builds. */
function refusalOf(root: string): string | undefined {
  const uid = process.getuid?.();
  if (uid === undefined) return undefined;
  const { uid: owner, mode } = statSync(root);
  if (owner !== uid) return `'${root}' belongs to another user: name a folder of your own with --cache-dir`;
  return (mode & 0o022) === 0 ? undefined : `others may write to '${root}': chmod go-w '${root}'`;
}

class NodeCacheStore implements CacheStore {
  #written = 0;
  #isFull = false;

  constructor(
    readonly root: string,
    readonly maxBytes: number,
    readonly warn: (message: string) => void,
  ) {}

  async result(key: string): Promise<Uint8Array | undefined> {
    const path = placeOf(this.root, RESULTS, key);
    const bytes = this.#read(path);
    if (bytes === undefined) return undefined;
    const content = bytes.subarray(DIGEST_LENGTH);
    if (sha256(content) === Buffer.from(bytes.subarray(0, DIGEST_LENGTH)).toString('latin1')) return content;
    discard(path);
    return undefined;
  }

  async putResult(key: string, bytes: Uint8Array): Promise<void> {
    this.#write(RESULTS, key, Buffer.concat([Buffer.from(sha256(bytes)), bytes]));
  }

  async content(digest: string): Promise<Uint8Array | undefined> {
    const path = placeOf(this.root, CONTENTS, digest);
    const bytes = this.#read(path);
    if (bytes === undefined || sha256(bytes) === digest) return bytes;
    discard(path);
    return undefined;
  }

  async putContent(digest: string, bytes: Uint8Array): Promise<void> {
    const size = statSync(placeOf(this.root, CONTENTS, digest), { throwIfNoEntry: false })?.size;
    if (size !== bytes.length) this.#write(CONTENTS, digest, bytes);
  }

  async close(use: Counts): Promise<void> {
    if (use.hits + use.misses + this.#written === 0) return;
    count(this.root, use);
    // The resident process answers many commands a second that only find results.
    if (this.#written === 0) return countLater();
    const written = this.#written;
    this.#written = 0;
    const limit = this.maxBytes;
    writeCounts(this.root, (bytes) =>
      bytes + written > limit ? trim(this.root, limit * KEPT_SHARE) : bytes + written,
    );
  }

  #read(path: string): Uint8Array | undefined {
    let file: number | undefined;
    try {
      file = openSync(path, 'r');
      const { mtimeMs } = fstatSync(file);
      const now = Date.now();
      if (now - mtimeMs > USE_MS) markUsed(file, now);
      return readFileSync(file);
    } catch {
      return undefined;
    } finally {
      if (file !== undefined) closeSync(file);
    }
  }

  #write(kind: string, name: string, bytes: Uint8Array): void {
    if (this.#isFull) return;
    const path = placeOf(this.root, kind, name);
    const unfinished = join(this.root, UNFINISHED, ownName());
    const move = () => renameSync(unfinished, path);
    try {
      orMakeFolder(unfinished, () => writeFileSync(unfinished, bytes, { mode: 0o600 }));
      orMakeFolder(path, move);
      this.#written += onDisk(bytes.length);
    } catch (error) {
      rmSync(unfinished, { force: true });
      // On Windows, another process may have the file with the same content open.
      if (/^(EPERM|EBUSY)$/.test(String((error as NodeJS.ErrnoException).code)) && process.platform === 'win32') return;
      this.#isFull = true;
      this.warn(`results are not kept for the next build (${messageOf(error)}): correct that, or use --no-cache`);
    }
  }
}

/** Hits and misses that are not in the statistics yet, by the folder of the cache. */
const uncounted = new Map<string, Counts>();
let counting: NodeJS.Timeout | undefined;

function count(root: string, { hits, misses }: Counts): void {
  const known = uncounted.get(root) ?? { hits: 0, misses: 0 };
  uncounted.set(root, { hits: known.hits + hits, misses: known.misses + misses });
}

/** Writes the statistics soon, or when this process ends. */
function countLater(): void {
  if (!counting) process.once('exit', countNow);
  counting ??= setTimeout(countNow, COUNT_MS).unref();
}

function countNow(): void {
  clearTimeout(counting);
  counting = undefined;
  process.off('exit', countNow);
  for (const root of uncounted.keys()) writeCounts(root);
}

/** Writes the statistics of a cache. @param grow its size, from that of before */
function writeCounts(root: string, grow = (bytes: number) => bytes): void {
  const { hits, misses } = uncounted.get(root) ?? { hits: 0, misses: 0 };
  uncounted.delete(root);
  const state = readState(root);
  try {
    const bytes = grow(state?.bytes ?? sizeOf(root));
    writeState(root, { bytes, hits: (state?.hits ?? 0) + hits, misses: (state?.misses ?? 0) + misses });
  } catch {} // it is read-only, or full
}

const placeOf = (root: string, kind: string, name: string) => join(root, kind, name.slice(0, 2), name);

/**
 * Creates a folder and its parents. Not with the option `recursive`, which never ends if the kernel answers ENOENT for
 * a name that nobody may create (in /proc).
 */
function makeFolder(path: string): void {
  const make = () => {
    try {
      mkdirSync(path, { mode: 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  };
  try {
    make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    make();
  }
}

/** Does something with a file; if its folder is missing, creates the folder and tries again. */
function orMakeFolder(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    makeFolder(dirname(path));
    work();
  }
}

/** Removes a damaged file. In a cache that is read-only it stays, and is found damaged again. */
function discard(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}

/** @throws ArtError OUTPUT_NOT_WRITABLE */
function remove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (cause) {
    throw new ArtError('OUTPUT_NOT_WRITABLE', `cannot remove '${path}' (${messageOf(cause)}): make it writable`, {
      cause,
    });
  }
}

function markUsed(file: number, now: number): void {
  try {
    futimesSync(file, now / 1000, now / 1000);
  } catch {} // of a cache that is read-only
}

function readState(root: string): State | undefined {
  try {
    const { bytes, hits, misses } = JSON.parse(readFileSync(join(root, STATE), 'utf8')) as State;
    return [bytes, hits, misses].every((n) => Number.isSafeInteger(n) && n >= 0) ? { bytes, hits, misses } : undefined;
  } catch {
    return undefined;
  }
}

function writeState(root: string, state: State): void {
  const unfinished = join(root, UNFINISHED, ownName());
  orMakeFolder(unfinished, () => writeFileSync(unfinished, JSON.stringify(state), { mode: 0o600 }));
  renameSync(unfinished, join(root, STATE));
}

interface Kept {
  kind: string;
  name: string;
  path: string;
  size: number;
  used: number;
}

/** All files of a cache, except those that others remove at the same time. */
function* allIn(root: string): Generator<Kept> {
  const names = (folder: string) => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };
  for (const kind of [RESULTS, CONTENTS])
    for (const part of names(join(root, kind)))
      for (const name of names(join(root, kind, part))) {
        const path = join(root, kind, part, name);
        const stat = statSync(path, { throwIfNoEntry: false });
        if (stat?.isFile()) yield { kind, name, path, size: onDisk(stat.size), used: stat.mtimeMs };
      }
}

function sizeOf(root: string): number {
  let total = 0;
  for (const { size } of allIn(root)) total += size;
  return total;
}

/** Removes the least recently used files, and temporary files of killed builds. @returns the number of bytes left */
function trim(root: string, limit: number): number {
  const kept = [...allIn(root)].sort((a, b) => a.used - b.used);
  let total = kept.reduce((sum, { size }) => sum + size, 0);
  for (const { path, size } of kept) {
    if (total <= limit) break;
    rmSync(path, { force: true });
    total -= size;
  }
  removeAbandoned(join(root, UNFINISHED));
  return total;
}

function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const alive = isOwnerName(name) ? isOwnerAlive(name) : undefined;
    const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (alive === false || (alive === undefined && Date.now() - made > ABANDONED_MS)) rmSync(path, { force: true });
  }
}

/**
 * Counts what is in a cache.
 * @param directory the cache folder
 * @param maxBytes largest size of the cache, to be returned. Default: 5 GiB
 */
export function cacheStats(directory: string, maxBytes = DEFAULT_MAX_BYTES): CacheStats {
  countNow();
  const root = join(directory, OWN);
  const { hits, misses } = readState(root) ?? { hits: 0, misses: 0 };
  const all = [...allIn(root)];
  const count = (kind: string) => all.filter((one) => one.kind === kind).length;
  const bytes = all.reduce((sum, { size }) => sum + size, 0);
  return { directory, bytes, maxBytes, results: count(RESULTS), contents: count(CONTENTS), hits, misses };
}

/**
 * Removes all results from a cache.
 * @returns the number of files and of bytes that were removed
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export function clearCache(directory: string): { files: number; bytes: number } {
  const { results, contents, bytes } = cacheStats(directory);
  remove(join(directory, OWN));
  return { files: results + contents, bytes };
}

/**
 * Reads all results of a cache, and removes damaged ones.
 * @returns the number of files that were read, and the paths of those that were removed
 * @throws ArtError OUTPUT_NOT_WRITABLE if a damaged one cannot be removed
 */
export async function verifyCache(directory: string): Promise<{ files: number; damaged: string[] }> {
  const root = join(directory, OWN);
  const damaged: string[] = [];
  let files = 0;
  for (const { kind, name, path } of allIn(root)) {
    files++;
    const store = new NodeCacheStore(root, Number.POSITIVE_INFINITY, () => {});
    const isSound = (await (kind === RESULTS ? store.result(name) : store.content(name))) !== undefined;
    if (isSound) continue;
    remove(path);
    damaged.push(path);
  }
  return { files, damaged };
}
