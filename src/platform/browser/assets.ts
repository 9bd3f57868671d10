// Fetches the wasm program and the sysroots from the page's server.
import { assetFile, servedFile } from '../../assets/files.js';
import { type AssetName, PINNED } from '../../assets/pinned.js';
import { ArtError, messageOf } from '../../errors.js';
import { sha256Of } from './sha256.js';

/** Progress of fetching the compiler or a sysroot. */
export interface LoadEvent {
  /** The kind of the event. */
  type: 'loading';
  /** Name of the file, such as `llvm.wasm`. */
  file: string;
  /** Bytes received so far, after decompression. */
  loaded: number;
  /** Size of the file after decompression, in bytes; undefined if it is not known. */
  total: number | undefined;
  /**
   * Size of the transfer in bytes, if the server compresses the file and sends the size: the fraction `loaded / total`
   * of it has been received.
   */
  packed?: number;
}

/**
 * Sizes of the uncompressed files. scripts/browser/bundle.mjs inserts them, since a server that compresses does not
 * send them.
 */
declare const ART_ASSET_SIZES: Readonly<Record<string, number>> | undefined;
const SIZES = typeof ART_ASSET_SIZES === 'undefined' ? {} : ART_ASSET_SIZES;

/** If the server does not compress a file, the file of the same name with this ending is fetched instead. */
const PACKED = '.gz';
/** Smaller files are fetched uncompressed, since they take little time. */
const WORTH_PACKING = 8 << 20;

/** A place from which assets are fetched. */
export interface AssetPlace {
  /** URL of the folder, ending in '/'. */
  base: string;
  /** Whether the folder is an npm package on a CDN, and not one that `art browser` wrote. */
  isPackage?: boolean;
  /** Name of a Cache (Service Worker specification) in which checked files are stored. */
  store?: string | undefined;
}

/** How many bytes are received between two events about a file. */
const EVENT_STEP = 1 << 20;

/** The URL of an asset. It contains the digest, so that a cache does not return the file of another version. */
function assetURL({ base, isPackage }: AssetPlace, name: AssetName): string {
  const folder = PINNED[name].kind === 'program' ? 'wasm/dist' : 'wasm/sysroot/dist';
  const url = new URL(isPackage ? `${folder}/${assetFile(name)}` : servedFile(name), base);
  url.searchParams.set('sha256', PINNED[name].sha256.slice(0, 12));
  return url.href;
}

const place = (url: string) => `'${url.replace(/\?.*/, '')}'`;

/** The error for an asset that could not be fetched. */
function notThere(url: string, why: string, cause?: unknown): ArtError {
  return new ArtError(
    'PROGRAM_CORRUPT',
    `cannot fetch ${place(url)} (${why}): put the files there that 'art browser --out <dir>' writes, or name their folder with 'assets'`,
    { cause },
  );
}

/** @throws ArtError PROGRAM_CORRUPT if the bytes are not those of this version */
async function checkAsset(name: AssetName, url: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const actual = await sha256Of(bytes);
  const expected = PINNED[name].sha256;
  if (actual !== expected)
    throw new ArtError(
      'PROGRAM_CORRUPT',
      `${place(url)} is not the ${name} of this version (sha256 ${actual}, expected ${expected}): run 'art browser --out <dir>' again`,
    );
}

/** The assets of one place. Each is fetched once for all builds of a page. */
export class Assets {
  static readonly #opened = new Map<string, Assets>();
  /** Places that returned something else; the browser's cache may still contain it. */
  static readonly #failed = new Set<string>();
  readonly #listeners = new Set<(event: LoadEvent) => void>();
  readonly #checks: Promise<void>[] = [];
  readonly #toKeep: (() => void)[] = [];
  readonly #modules = new Map<AssetName, Promise<WebAssembly.Module>>();
  readonly #archives = new Map<AssetName, Promise<Blob>>();

  private constructor(readonly place: AssetPlace) {}

  static at(place: AssetPlace): Assets {
    const assets = Assets.#opened.get(place.base) ?? new Assets(place);
    Assets.#opened.set(place.base, assets);
    return assets;
  }

  /**
   * A program, compiled while it is received if the server sends it as application/wasm. It may not have been checked
   * yet.
   */
  module(name: AssetName): Promise<WebAssembly.Module> {
    return this.#once(this.#modules, name, async () => {
      const { response, keep, isKept } = await this.#fetch(name);
      const streams = /^application\/wasm\s*(;|$)/i.test(response.headers.get('content-type') ?? '');
      if (streams && isKept) return this.#compileKept(name, response);
      const bytes = this.#checked(name, streams ? response.clone() : response, keep);
      try {
        return await (streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await bytes));
      } catch (error) {
        await bytes; // if the bytes are wrong, this error explains more
        throw error;
      }
    });
  }

  /**
   * Compiles a program of the store. It is read again and checked after that, while the first unit is compiled, so that
   * V8 has all processors and the page's thread is free for the archives; `checked` waits for it. Both read the same
   * bytes, since a stored response does not change.
   */
  async #compileKept(name: AssetName, response: Response): Promise<WebAssembly.Module> {
    const same = response.clone();
    const compiling = WebAssembly.compileStreaming(response);
    const reading = compiling
      .then(() => Promise.allSettled(this.#archives.values()))
      .catch(() => {})
      .then(async () => new Uint8Array(await same.arrayBuffer()));
    const bytes = this.#check(name, response, reading);
    return compiling.catch(async (error) => {
      await bytes; // if the bytes are wrong, this error explains more
      throw error;
    });
  }

  /** Archives of sysroots, checked, as uncompressed tars. They are Blobs, since workers get these without a copy. */
  async archives(names: readonly AssetName[]): Promise<Map<AssetName, Blob>> {
    const blobs = await Promise.all(names.map((name) => this.#archive(name)));
    return new Map(names.map((name, i) => [name, blobs[i] as Blob]));
  }

  /** Rejects if something that was fetched does not have its pinned sha256. */
  async checked(): Promise<void> {
    await Promise.all(this.#checks);
  }

  /**
   * Writes the files that were fetched and checked to the store. It is called when the page has no other work to do.
   */
  keep(): void {
    for (const keep of this.#toKeep.splice(0)) keep();
  }

  /** Calls a listener until the returned function is called. */
  listen(listener: (event: LoadEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #archive(name: AssetName): Promise<Blob> {
    return this.#once(this.#archives, name, async () => {
      const { response, keep } = await this.#fetch(name);
      const bytes = await this.#checked(name, response, keep);
      const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
      if (!isGzip) return new Blob([bytes]);
      return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).blob();
    });
  }

  #once<T>(known: Map<AssetName, Promise<T>>, name: AssetName, load: () => Promise<T>): Promise<T> {
    const loading = known.get(name) ?? load();
    known.set(name, loading);
    // The next build tries again to fetch what failed in this one.
    loading.catch(() => this.#forget());
    return loading;
  }

  #forget(): void {
    Assets.#opened.delete(this.place.base);
    Assets.#failed.add(this.place.base);
  }

  /** Gets a file from the store, or else from the server; `keep` puts it into the store. */
  async #fetch(
    name: AssetName,
  ): Promise<{ response: Response; isKept?: boolean; keep?: (bytes: Uint8Array<ArrayBuffer>) => void }> {
    const url = assetURL(this.place, name);
    const failed = Assets.#failed.has(this.place.base);
    const store = await openStore(this.place.store);
    const kept = failed ? undefined : await store?.match(url).catch(() => undefined);
    if (kept) return { response: named(kept, url), isKept: true };
    const response = await this.#ask(url, failed);
    const keep = store && ((bytes: Uint8Array<ArrayBuffer>) => void keepIn(store, url, response, bytes));
    return keep ? { response, keep } : { response };
  }

  async #ask(url: string, failed: boolean): Promise<Response> {
    const get = async (from: string, signal?: AbortSignal) => {
      const response = await fetch(from, { cache: failed ? 'reload' : 'default', signal: signal ?? null }).catch(
        (cause) => {
          throw notThere(url, messageOf(cause), cause);
        },
      );
      if (!response.ok) throw notThere(url, `the server answered ${response.status}`);
      return response;
    };
    const stop = new AbortController();
    const plain = await get(url, stop.signal);
    // The headers of another origin may not be readable, so it is unknown whether that server compresses.
    const isPlain = new URL(url).origin === location.origin && !plain.headers.has('content-encoding');
    if (!isPlain || Number(plain.headers.get('content-length')) < WORTH_PACKING) return plain;
    const packed = await get(url.replace(/(?=\?)/, PACKED)).catch(() => undefined);
    const unpacked = packed && (await unpack(packed, plain));
    if (!unpacked) return plain;
    stop.abort();
    return unpacked;
  }

  #checked(
    name: AssetName,
    response: Response,
    keep?: (bytes: Uint8Array<ArrayBuffer>) => void,
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#check(name, response, this.#read(name, response), keep);
  }

  /** Checks what is read from a response. */
  #check(
    name: AssetName,
    { url }: Response,
    reading: Promise<Uint8Array<ArrayBuffer>>,
    keep?: (bytes: Uint8Array<ArrayBuffer>) => void,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const checking = (async () => {
      const bytes = await reading;
      // Sends the workers their messages first, since computing a digest begins with a copy of all bytes.
      await new Promise((resolve) => setTimeout(resolve));
      await checkAsset(name, url || assetURL(this.place, name), bytes);
      if (keep) this.#toKeep.push(() => keep(bytes));
      return bytes;
    })();
    const check = checking.then(() => {});
    check.catch(() => this.#forget());
    this.#checks.push(check);
    return checking;
  }

  async #read(name: AssetName, response: Response): Promise<Uint8Array<ArrayBuffer>> {
    const length = Number(response.headers.get('content-length')) || undefined;
    const isPacked = response.headers.has('content-encoding');
    const total = (isPacked ? undefined : length) ?? SIZES[name];
    const packed = isPacked && length !== undefined ? { packed: length } : {};
    const bytes = new GrowingBytes(total);
    let loaded = 0;
    let told = 0;
    const tell = () => {
      told = loaded;
      for (const listener of this.#listeners)
        listener({ type: 'loading', file: servedFile(name), loaded, total, ...packed });
    };
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        bytes.add(read.value);
        loaded += read.value.length;
        if (loaded - told >= EVENT_STEP) tell();
      }
    } catch (cause) {
      throw notThere(response.url || assetURL(this.place, name), messageOf(cause), cause);
    }
    tell();
    return bytes.end();
  }
}

/**
 * Collects bytes that arrive in pieces, and copies each piece to its place at once: joining 98 MB at the end would
 * block the page.
 */
class GrowingBytes {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** @param expected the expected number of bytes */
  constructor(expected = 0) {
    this.#bytes = new Uint8Array(expected);
  }

  add(piece: Uint8Array): void {
    const needed = this.#length + piece.length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = needed;
  }

  end(): Uint8Array<ArrayBuffer> {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#length);
  }
}

/** @returns undefined if the browser has no caches for this page, as on plain http */
async function openStore(name: string | undefined): Promise<Cache | undefined> {
  if (name === undefined || typeof caches === 'undefined') return undefined;
  return caches.open(name).catch(() => undefined);
}

/** Adds the URL to a stored response; in some browsers it has none. */
function named(kept: Response, url: string): Response {
  if (kept.url === '') Object.defineProperty(kept, 'url', { value: url });
  return kept;
}

/** Stores a checked file, and removes the same file of other versions. If the store is full, nothing is stored. */
async function keepIn(store: Cache, url: string, from: Response, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const type = from.headers.get('content-type') ?? 'application/octet-stream';
  const headers = { 'content-type': type, 'content-length': String(bytes.length) };
  try {
    for (const request of await store.keys())
      if (request.url !== url && request.url.replace(/\?.*/, '') === url.replace(/\?.*/, ''))
        await store.delete(request);
    await store.put(url, new Response(bytes, { headers }));
  } catch {
    // The next visit fetches it from the server.
  }
}

/**
 * Decompresses a .gz file, so that the response looks as if the server had compressed it; undefined if the server sent
 * something else.
 */
async function unpack(packed: Response, plain: Response): Promise<Response | undefined> {
  if (!packed.body || /^text\/html/.test(packed.headers.get('content-type') ?? '')) return undefined;
  const headers = new Headers({ 'content-type': plain.headers.get('content-type') ?? '' });
  const length = packed.headers.get('content-length');
  headers.set('content-encoding', 'gzip');
  if (length) headers.set('content-length', length);
  // Some servers send .gz files with Content-Encoding: gzip, and then the browser has decompressed them already.
  const body = packed.headers.has('content-encoding')
    ? packed.body
    : packed.body.pipeThrough(new DecompressionStream('gzip') as ReadableWritablePair<Uint8Array, Uint8Array>);
  return named(new Response(body, { headers }), packed.url);
}
