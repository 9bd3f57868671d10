// The cache of a page: a Cache (Service Worker specification) with an entry for each result and each content. To put one is
// one step, also where several tabs do; and it is checked when it is read, since whatever runs on the origin can write to it.
import { messageOf } from '../../errors.js';
import type { CachePlace, CacheStore } from '../types.js';
import { FOLDER } from './files.js';
import { sha256Of } from './sha256.js';

const DEFAULT_NAME = 'art-results';
/** A browser that is short of space forgets all that an origin has, not only this. */
const DEFAULT_MAX_BYTES = 256 << 20;
/** What is left when there is too much, and when the browser takes no more. */
const KEPT_SHARE = 0.9;
const LEFT_SHARE = 0.5;
/** How much may be written before it is looked again whether it is too much: to look takes longer the more there is. */
const LOOK_SHARE = 1 / 16;
/** How exactly it is known when an entry was last used. */
const USE_MS = 3_600_000;
/** Beside its bytes an entry has a URL, headers, and a row in the browser's tables. */
const ENTRY_BYTES = 1024;

/** Entries are named by URLs, and these are nobody's. */
const ROOT = 'https://art-results.invalid/';
/** Of an entry's request, which is listed without reading any bytes. */
const SIZE = 'art-size';
/** Of an entry's response. */
const SHA256 = 'art-sha256';
const USED = 'art-used';

/** Bytes that this page has written since it last looked, by the names of Caches; it has not looked at others. */
const written = new Map<string, number>();

/** The Cache whose name is the path of the place, which starts where those of files do. */
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
    // Nobody has to wait for it, and where it fails the next page tries again.
    trim(cache, this.maxBytes, this.#isFull).catch(() => {});
  }

  /** @param expected undefined where the entry itself says it */
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

/** Removes what was not used the longest: a browser lists entries in the order in which they were put, and an entry that is used is put again. */
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
