// The wasm programs and sysroots, fetched from where the page's server has them.
import { servedFile } from '../../assets/files.js';
import { type AssetName, PINNED } from '../../assets/pinned.js';
import { ArtError, messageOf } from '../../errors.js';
import { concat } from '../../toolchain/bytes.js';
import { sha256Of } from './sha256.js';

/** How far a program or sysroot has come; the browser keeps it for the next time, as it does any file. */
export interface LoadEvent {
  type: 'loading';
  /** Such as `llvm.wasm`. */
  file: string;
  /** Bytes that have come, unpacked. */
  loaded: number;
  /** Of how many; undefined where the server does not say. */
  total: number | undefined;
}

/** Bytes between two events about a file. */
const EVENT_STEP = 1 << 20;

/** Where an asset is; the digest keeps a cache from giving that of another version. */
function assetURL(base: string, name: AssetName): string {
  const url = new URL(servedFile(name), base);
  url.searchParams.set('sha256', PINNED[name].sha256.slice(0, 12));
  return url.href;
}

const place = (url: string) => `'${url.replace(/\?.*/, '')}'`;

/** An asset that did not come. */
function notThere(url: string, why: string, cause?: unknown): ArtError {
  return new ArtError(
    'PROGRAM_CORRUPT',
    `cannot fetch ${place(url)} (${why}): put the files there that 'art browser --out <dir>' writes, or name their folder with 'assets'`,
    { cause },
  );
}

/** @throws ArtError PROGRAM_CORRUPT where these are not the bytes that this version was made with */
async function checkAsset(name: AssetName, url: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const actual = await sha256Of(bytes);
  const expected = PINNED[name].sha256;
  if (actual !== expected)
    throw new ArtError(
      'PROGRAM_CORRUPT',
      `${place(url)} is not the ${name} of this version (sha256 ${actual}, expected ${expected}): run 'art browser --out <dir>' again`,
    );
}

/** What was fetched from one place, once for all builds of a page. */
export class Assets {
  static readonly #opened = new Map<string, Assets>();
  /** Places that gave something else; the browser's cache may have it still. */
  static readonly #failed = new Set<string>();
  readonly #listeners = new Set<(event: LoadEvent) => void>();
  readonly #checks: Promise<void>[] = [];
  readonly #modules = new Map<AssetName, Promise<WebAssembly.Module>>();
  readonly #archives = new Map<AssetName, Promise<Blob>>();

  private constructor(readonly base: string) {}

  /** @param base URL of the folder that holds them, ending in '/' */
  static at(base: string): Assets {
    const assets = Assets.#opened.get(base) ?? new Assets(base);
    Assets.#opened.set(base, assets);
    return assets;
  }

  /** A program, compiled as it comes where its server calls it application/wasm. It may not be checked yet. */
  module(name: AssetName): Promise<WebAssembly.Module> {
    return this.#once(this.#modules, name, async () => {
      const response = await this.#fetch(name);
      const streams = /^application\/wasm\s*(;|$)/i.test(response.headers.get('content-type') ?? '');
      const bytes = this.#checked(name, streams ? response.clone() : response);
      try {
        return await (streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await bytes));
      } catch (error) {
        await bytes; // which says more, where they are not what they should be
        throw error;
      }
    });
  }

  /**
   * Archives of sysroots, checked, as uncompressed tars. As Blobs, so that workers need not be sent copies.
   */
  async archives(names: readonly AssetName[]): Promise<Map<AssetName, Blob>> {
    const blobs = await Promise.all(names.map((name) => this.#archive(name)));
    return new Map(names.map((name, i) => [name, blobs[i] as Blob]));
  }

  /** Rejects unless all that has come is what is pinned. */
  async checked(): Promise<void> {
    await Promise.all(this.#checks);
  }

  /** Calls a listener until the returned function is called. */
  listen(listener: (event: LoadEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #archive(name: AssetName): Promise<Blob> {
    return this.#once(this.#archives, name, async () => {
      const bytes = await this.#checked(name, await this.#fetch(name));
      const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
      if (!isGzip) return new Blob([bytes]);
      return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).blob();
    });
  }

  #once<T>(known: Map<AssetName, Promise<T>>, name: AssetName, load: () => Promise<T>): Promise<T> {
    const loading = known.get(name) ?? load();
    known.set(name, loading);
    // The next build fetches anew what did not come in this one.
    loading.catch(() => this.#forget());
    return loading;
  }

  #forget(): void {
    Assets.#opened.delete(this.base);
    Assets.#failed.add(this.base);
  }

  async #fetch(name: AssetName): Promise<Response> {
    const url = assetURL(this.base, name);
    const cache = Assets.#failed.has(this.base) ? 'reload' : 'default';
    const response = await fetch(url, { cache }).catch((cause) => {
      throw notThere(url, messageOf(cause), cause);
    });
    if (!response.ok) throw notThere(url, `the server answered ${response.status}`);
    return response;
  }

  #checked(name: AssetName, response: Response): Promise<Uint8Array<ArrayBuffer>> {
    const reading = (async () => {
      const bytes = await this.#read(name, response);
      await checkAsset(name, response.url, bytes);
      return bytes;
    })();
    const check = reading.then(() => {});
    check.catch(() => this.#forget());
    this.#checks.push(check);
    return reading;
  }

  async #read(name: AssetName, response: Response): Promise<Uint8Array<ArrayBuffer>> {
    const length = Number(response.headers.get('content-length'));
    const total = response.headers.has('content-encoding') || !length ? undefined : length;
    const chunks: Uint8Array[] = [];
    let loaded = 0;
    let told = 0;
    const tell = () => {
      told = loaded;
      for (const listener of this.#listeners) listener({ type: 'loading', file: servedFile(name), loaded, total });
    };
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        chunks.push(read.value);
        loaded += read.value.length;
        if (loaded - told >= EVENT_STEP) tell();
      }
    } catch (cause) {
      throw notThere(response.url, messageOf(cause), cause);
    }
    tell();
    return concat(chunks) as Uint8Array<ArrayBuffer>;
  }
}
