// The cache, as the command line and the environment choose it.
import { delimiter } from 'node:path';
import type { BuildOptions } from '../config/options.js';
import type { RemoteCacheOptions } from '../config/remote-cache.js';
import { ArtError } from '../errors.js';
import { openCacheKeys, remoteAccess } from '../index.js';
import { isSeconds } from '../text/checks.js';
import { parseBytes } from '../text/limits.js';
import { passphrase } from './sign.js';

/**
 * @param env the environment variables of a process
 * @returns `cache` is left out if they do not name one
 * @throws ArtError INVALID_OPTION
 */
export function cacheVariables(env: Environment): Pick<BuildOptions, 'cache' | 'cacheSize'> {
  const { ART_NO_CACHE, ART_CACHE_DIR, ART_CACHE_SIZE } = env;
  const cacheSize = ART_CACHE_SIZE ? parseBytes(ART_CACHE_SIZE) : undefined;
  if (ART_CACHE_SIZE && !cacheSize)
    throw new ArtError('INVALID_OPTION', `ART_CACHE_SIZE is '${ART_CACHE_SIZE}': expected bytes, such as 10G`);
  return {
    ...(ART_NO_CACHE ? { cache: false } : ART_CACHE_DIR ? { cache: ART_CACHE_DIR } : {}),
    ...(cacheSize !== undefined && { cacheSize }),
  };
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The options of `art build` for a cache on a server. */
interface RemoteFlags {
  remoteCache?: string;
  remoteCacheKey?: string[];
  remoteCacheReadOnly?: boolean;
  remoteCacheInsecure?: boolean;
  cache: boolean;
}

/**
 * The cache on a server, if one is named; options take precedence over the environment.
 * @param warn called with a warning if other users may read a private key
 * @throws ArtError INVALID_OPTION, KEY_INVALID
 */
export async function remoteCacheOf(
  flags: RemoteFlags,
  env: Environment,
  warn: (message: string) => void,
): Promise<RemoteCacheOptions | undefined> {
  const url = flags.remoteCache ?? env.ART_REMOTE_CACHE;
  if (!url || !flags.cache) return undefined;
  const keys = flags.remoteCacheKey ?? (env.ART_REMOTE_CACHE_KEY ? env.ART_REMOTE_CACHE_KEY.split(delimiter) : []);
  return {
    url,
    headers: remoteAccess(url, env),
    readOnly: flags.remoteCacheReadOnly === true || !!env.ART_REMOTE_CACHE_READ_ONLY,
    insecure: flags.remoteCacheInsecure === true || !!env.ART_REMOTE_CACHE_INSECURE,
    ...(env.ART_REMOTE_CACHE_TIMEOUT && { timeout: timeoutOf(env.ART_REMOTE_CACHE_TIMEOUT) }),
    ...(keys.length > 0 && { keys: await openCacheKeys(keys, passphrase, warn) }),
  };
}

function timeoutOf(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  const expected = isSeconds(seconds);
  if (expected) throw new ArtError('INVALID_OPTION', `ART_REMOTE_CACHE_TIMEOUT is '${text}': expected ${expected}`);
  return seconds;
}
