// The cache of a page: a Cache (Service Worker specification) with an entry for each result and each content. An entry
// is written in one step, even if several tabs write the same one. It is checked when it is read, since every script of
// the origin can write to the Cache.
import { messageOf } from '../../errors.js';
import type { CachePlace, CacheStore } from '../types.js';
import { FOLDER } from './files.js';
import { sha256Of } from './sha256.js';

const DEFAULT_NAME = 'art-results';
/**
 * A browser that is short of space deletes everything that an origin has stored, not only this Cache; so the limit is
 * low.
 */
const DEFAULT_MAX_BYTES = 256 << 20;
/** The shares of the limit that are kept when the cache is too large, and when the browser refuses to store more. */
const KEPT_SHARE = 0.9;
const LEFT_SHARE = 0.5;
/**
 * The share of the limit that may be written before the size is counted again; counting takes longer the more entries
 * there are.
 */
const LOOK_SHARE = 1 / 16;
/** An entry's time of last use is updated at most this often. */
const USE_MS = 3_600_000;
/** The estimated size of an entry besides its bytes: its URL, its headers, and a row in the browser's tables. */
const ENTRY_BYTES = 1024;

/**
 * A Cache names its entries by URL; the top-level domain .invalid (RFC 2606) makes sure that these URLs belong to
 * nobody.
 */
const ROOT = 'https://art-results.invalid/';
/** A header of an entry's request; requests can be listed without reading the entries' bytes. */
const SIZE = 'art-size';
/** Headers of an entry's response. */
const SHA256 = 'art-sha256';
const USED = 'art-used';

/**
 * Bytes that this page has written since it last counted, by the name of the Cache; a Cache that is not in it has not
 * been counted yet.
 */
const written = new Map<string, number>();

/** Opens the Cache whose name is the path of the place, relative to the folder of the files. */
export function openCacheStore({ directory, maxBytes = DEFAULT_MAX_BYTES, warn }: CachePlace): CacheStore | undefined {
  const name = directory?.replace(`${FOLDER}/`, '') ?? DEFAULT_NAME;
  if (typeof caches !== 'undefined') return new BrowserCacheStore(name, maxBytes, warn);
  warn('nothing is cached: browsers have a cache for pages on https and on localhost only');
  return undefined;
}

class BrowserCacheStore implements CacheStore {
  readonly #cache: Promise<Cache | undefined>;
  #isFull = false;

  constructor(
    readonly name: string,
    readonly maxBytes: number,
    readonly warn: (message: string) => void,
  ) {
    this.#cache = caches.open(name).catch((error) => this.#end(error));
  }

  result(key: string): Promise<Uint8Array | undefined> {
    return this.#read(`ac/${key}`, undefined);
  }

  putResult(key: string, bytes: Uint8Array): Promise<void> {
    return this.#write(`ac/${key}`, bytes as Uint8Array<ArrayBuffer>);
  }

  content(sha256: string): Promise<Uint8Array | undefined> {
    return this.#read(`cas/${sha256}`, sha256);
  }

  putContent(sha256: string, bytes: Uint8Array): Promise<void> {
    return this.#write(`cas/${sha256}`, bytes as Uint8Array<ArrayBuffer>, sha256);
  }

  async close(): Promise<void> {
    const cache = await this.#cache;
    const since = written.get(this.name);
    if (!cache || !(this.#isFull || since === undefined || since > this.maxBytes * LOOK_SHARE)) return;
    written.set(this.name, 0);
    // Nobody waits for this. If it fails, the next page tries again.
    trim(cache, this.maxBytes, this.#isFull).catch(() => {});
  }

  /** @param expected the sha256 of the bytes; undefined if the entry has it in a header */
  async #read(path: string, expected: string | undefined): Promise<Uint8Array | undefined> {
    const cache = await this.#cache;
    try {
      const response = await cache?.match(ROOT + path);
      if (!response) return undefined;
      const bytes = new Uint8Array(await response.arrayBuffer());
      const sha256 = await sha256Of(bytes);
      if (sha256 !== (expected ?? response.headers.get(SHA256))) {
        await cache?.delete(ROOT + path);
        return undefined;
      }
      const isOld = Date.now() - Number(response.headers.get(USED)) > USE_MS;
      if (isOld) await this.#write(path, bytes, sha256);
      return bytes;
    } catch {
      return undefined;
    }
  }

  async #write(path: string, bytes: Uint8Array<ArrayBuffer>, known?: string): Promise<void> {
    const cache = await this.#cache;
    if (!cache || this.#isFull) return;
    const size = bytes.length + ENTRY_BYTES;
    try {
      const sha256 = known ?? (await sha256Of(bytes));
      await cache.put(
        new Request(ROOT + path, { headers: { [SIZE]: String(size) } }),
        new Response(bytes, { headers: { [SHA256]: sha256, [USED]: String(Date.now()) } }),
      );
      const since = written.get(this.name);
      if (since !== undefined) written.set(this.name, since + size);
    } catch (error) {
      this.#end(error);
    }
  }

  #end(error: unknown): undefined {
    if (!this.#isFull) this.warn(`results are not kept for the next build (${messageOf(error)})`);
    this.#isFull = true;
  }
}

/**
 * Removes the least recently used entries. A browser lists entries in the order in which they were put, and an entry
 * that is used is put again.
 */
async function trim(cache: Cache, maxBytes: number, isFull: boolean): Promise<void> {
  const kept = (await cache.keys())
    .filter(({ url }) => url.startsWith(ROOT))
    .map((request) => ({ request, size: Number(request.headers.get(SIZE)) || 0 }));
  let total = kept.reduce((sum, { size }) => sum + size, 0);
  if (!isFull && total <= maxBytes) return;
  const left = isFull ? Math.min(total, maxBytes) * LEFT_SHARE : maxBytes * KEPT_SHARE;
  for (const { request, size } of kept) {
    if (total <= left) break;
    await cache.delete(request);
    total -= size;
  }
}
