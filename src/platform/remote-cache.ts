// A cache on a server, with Bazel's HTTP cache protocol: `/ac/<key>` are results and `/cas/<sha256>` are contents, read
// by GET and written by PUT. bazel-remote implements it, and any WebDAV server can be used.
import { fetchFailure } from '../errors.js';
import { bytesUpTo, chunksOf } from './streams.js';
import type { CacheStore, Hasher, RemoteChoice } from './types.js';
import type { WebAbortSignal } from './web-types.js';

/** Upper limits: no valid result and no output is larger. */
const MAX_RESULT_BYTES = 16 << 20;
const MAX_CONTENT_BYTES = 1 << 30;

class Refused extends Error {}

/**
 * A cache on a server. After the first failed request it is not used any more, so that a build does not wait again and
 * again.
 */
export class RemoteStore implements CacheStore {
  #isLost = false;
  readonly #base: string;

  /**
   * @param warn called at most once, with the reason why the server is not used
   * @param signal ends all requests, without a warning
   */
  constructor(
    readonly server: RemoteChoice,
    readonly sha256: () => Hasher,
    readonly warn: (message: string) => void,
    readonly signal?: WebAbortSignal,
  ) {
    this.#base = server.url.replace(/\/+$/, '');
  }

  get isReadOnly(): boolean {
    return this.server.isReadOnly || this.#isLost;
  }

  result(key: string): Promise<Uint8Array | undefined> {
    return this.#get(`ac/${key}`, MAX_RESULT_BYTES);
  }

  putResult(key: string, bytes: Uint8Array): Promise<void> {
    return this.#put(`ac/${key}`, bytes);
  }

  async content(sha256: string): Promise<Uint8Array | undefined> {
    const bytes = await this.#get(`cas/${sha256}`, MAX_CONTENT_BYTES);
    if (bytes === undefined) return undefined;
    const hash = this.sha256();
    hash.update(bytes);
    if (hash.digest() === sha256) return bytes;
    return this.#lose(`it returned wrong bytes for /cas/${sha256}`);
  }

  putContent(sha256: string, bytes: Uint8Array): Promise<void> {
    return this.#put(`cas/${sha256}`, bytes);
  }

  async close(): Promise<void> {}

  async #get(path: string, most: number): Promise<Uint8Array | undefined> {
    if (this.#isLost) return undefined;
    try {
      const response = await this.#fetch(path, { method: 'GET' });
      if (response.status === 404) {
        await response.body?.cancel();
        return undefined;
      }
      checkAnswer(response);
      return await bytesOf(response, most);
    } catch (error) {
      return this.#lose(reasonOf(error, this.server.timeout));
    }
  }

  async #put(path: string, bytes: Uint8Array): Promise<void> {
    if (this.isReadOnly) return;
    try {
      const response = await this.#fetch(path, { method: 'PUT', body: bytes as Uint8Array<ArrayBuffer> });
      await response.body?.cancel();
      checkAnswer(response);
    } catch (error) {
      this.#lose(reasonOf(error, this.server.timeout));
    }
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    const { headers, timeout } = this.server;
    // Redirects are errors, since the headers with the credentials would be sent to another server.
    const how: RequestInit = { ...init, headers: { ...headers }, redirect: 'error' };
    const limit = AbortSignal.timeout(timeout * 1000);
    const signal = this.signal ? AbortSignal.any([limit, this.signal as AbortSignal]) : limit;
    return fetch(`${this.#base}/${path}`, { ...how, signal });
  }

  #lose(why: string): undefined {
    if (!this.#isLost && !this.signal?.aborted) this.warn(`the remote cache '${this.#base}' is not used: ${why}`);
    this.#isLost = true;
    return undefined;
  }
}

const ACCESS = ': set ART_REMOTE_CACHE_TOKEN, or add a line for it to ~/.netrc';
const HINTS: Readonly<Record<number, string>> = {
  400: ': bazel-remote wants --disable_http_ac_validation',
  401: ACCESS,
  403: ACCESS,
};

function checkAnswer({ ok, status }: Response): void {
  if (ok) return;
  throw new Refused(`it answered ${status}${HINTS[status] ?? ''}`);
}

async function bytesOf({ body }: Response, most: number): Promise<Uint8Array> {
  const bytes = body ? await bytesUpTo(chunksOf(body), most) : new Uint8Array(0);
  if (bytes === undefined) throw new Refused('it returned more bytes than any result has');
  return bytes;
}

function reasonOf(error: unknown, timeout: number): string {
  if (error instanceof Refused) return error.message;
  if ((error as { name?: unknown })?.name === 'TimeoutError') return `it took more than ${timeout} s`;
  return fetchFailure(error);
}
