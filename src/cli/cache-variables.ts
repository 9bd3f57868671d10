// What the environment says of the cache.
import type { BuildOptions } from '../config/options.js';
import { ArtError } from '../errors.js';
import { parseBytes } from '../text/limits.js';

/**
 * @param env a process's environment
 * @returns `cache` is left out where it says nothing
 * @throws ArtError INVALID_OPTION
 */
export function cacheVariables(
  env: Readonly<Record<string, string | undefined>>,
): Pick<BuildOptions, 'cache' | 'cacheSize'> {
  const { ART_NO_CACHE, ART_CACHE_DIR, ART_CACHE_SIZE } = env;
  const cacheSize = ART_CACHE_SIZE ? parseBytes(ART_CACHE_SIZE) : undefined;
  if (ART_CACHE_SIZE && !cacheSize)
    throw new ArtError('INVALID_OPTION', `ART_CACHE_SIZE is '${ART_CACHE_SIZE}': expected bytes, such as 10G`);
  return {
    ...(ART_NO_CACHE ? { cache: false } : ART_CACHE_DIR ? { cache: ART_CACHE_DIR } : {}),
    ...(cacheSize !== undefined && { cacheSize }),
  };
}
