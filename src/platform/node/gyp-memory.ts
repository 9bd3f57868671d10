// Python's memory with GYP loaded, in the cache of this machine. A process that starts from it does not compile the
// sources of the two hundred modules that CPython and GYP import, which takes most of GYP's time.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'pathe';
import { VERSION } from '../../version.js';
import type { GypRequest } from '../addon-host.js';
import type { CacheStore } from '../types.js';
import { openCacheStore } from './cache-store.js';
import { installation } from './files.js';

/** The stored memory, as far as a request allows. */
export interface KeptMemory {
  /** The memory; undefined if it is not stored. */
  memory: Uint8Array | undefined;
  /** Stores the memory that a function returns, unless that throws. */
  keep(make: () => Uint8Array): Promise<void>;
}

/** Where node-gyp has GYP's modules. */
export const pylibOf = (nodeGyp: string): string => join(nodeGyp, 'gyp/pylib');

/**
 * Looks for the stored memory.
 * @returns undefined if there is no cache, or a package that is not complete
 */
export async function openMemory(request: GypRequest): Promise<KeptMemory | undefined> {
  // The command itself warns about a cache that it cannot use.
  const store: CacheStore | undefined = request.cache && openCacheStore({ ...request.cache, warn: () => {} });
  if (!store) return undefined;
  let key: string;
  try {
    key = keyOf(request);
  } catch {
    return undefined;
  }
  return {
    memory: await store.result(key),
    async keep(make) {
      let memory: Uint8Array;
      try {
        memory = make();
      } catch {
        return;
      }
      await store.putResult(key, memory);
      await store.close({ hits: 0, misses: 0 });
    },
  };
}

/** The digest of everything that the memory is made from. */
function keyOf({ pyodide, nodeGyp }: GypRequest): string {
  // Pyodide starts differently with some features of WebAssembly, which flags of Node can turn on.
  const features = Object.getOwnPropertyNames(WebAssembly).sort();
  const node = [process.version, process.platform, process.arch, features];
  const hash = createHash('sha256').update(JSON.stringify(['gyp', VERSION, installation(), node]));
  for (const [folder, files] of [
    [pyodide, /^py[^/]*\.(js|mjs|wasm|zip|json)$/],
    [pylibOf(nodeGyp), /\.py$/],
  ] as const)
    for (const name of (readdirSync(folder, { recursive: true }) as string[]).sort()) {
      if (!files.test(name)) continue;
      const bytes = readFileSync(join(folder, name));
      hash.update(JSON.stringify([name, bytes.length])).update(bytes);
    }
  return hash.digest('hex');
}
