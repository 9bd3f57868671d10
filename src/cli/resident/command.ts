import { resolve } from 'node:path';
import { isMemory } from '../../config/options.js';
import { ArtError } from '../../errors.js';
import { type CacheChoice, defaultCache, findSysroots } from '../../index.js';
import { DEFAULT_TRIPLES } from '../../targets/table.js';
import { isSeconds } from '../../text/checks.js';
import { parseBytes } from '../../text/limits.js';
import type { CommandRequest } from '../../toolchain/requests.js';
import { cacheVariables } from '../cache-variables.js';
import type { Request } from './protocol.js';

/** @throws ArtError INVALID_OPTION */
function secondsOf(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  const expected = isSeconds(seconds);
  if (expected) throw new ArtError('INVALID_OPTION', `ART_TIMEOUT is '${text}': expected ${expected}`);
  return seconds;
}

/** @throws ArtError INVALID_OPTION */
function memoryOf(text: string): number {
  const memory = parseBytes(text);
  const expected = isMemory(memory);
  if (expected) throw new ArtError('INVALID_OPTION', `ART_MAX_MEMORY is '${text}': expected ${expected}`);
  return memory as number;
}

/** The variables that choose the cache. */
const OF_CACHES: ReadonlySet<string> = new Set([
  'ART_NO_CACHE',
  'ART_CACHE_DIR',
  'ART_CACHE_SIZE',
  'XDG_CACHE_HOME',
  'HOME',
]);

/**
 * The cache for a client's commands; undefined: none.
 * @throws ArtError INVALID_OPTION
 */
export function cacheOf({ env, directory }: Pick<Request, 'env' | 'directory'>): CacheChoice | undefined {
  const { cache, cacheSize } = cacheVariables(env);
  if (cache === false) return undefined;
  const size = cacheSize === undefined ? {} : { maxBytes: cacheSize };
  if (typeof cache === 'string') return { directory: resolve(directory, cache), ...size };
  const own = defaultCache(env);
  return own === undefined ? undefined : { directory: own, isDefault: true, ...size };
}

/**
 * Converts a client's request to a request of the toolchain.
 * @throws ArtError INVALID_OPTION for an invalid variable; INPUT_NOT_FOUND if ART_SYSROOT is not a folder of art
 *   sysroot
 */
export function commandRequest(request: Omit<Request, 'umask'>): CommandRequest {
  const { SOURCE_DATE_EPOCH, ART_TIMEOUT, ART_MAX_MEMORY, ART_SYSROOT, ...rest } = request.env;
  const env = Object.fromEntries(Object.entries(rest).filter(([name]) => !OF_CACHES.has(name)));
  return {
    program: request.program,
    args: request.args,
    // The target of this machine, as for any compiler.
    triple: DEFAULT_TRIPLES[process.arch === 'arm64' ? 'aarch64' : 'x86_64'],
    directory: request.directory,
    stdin: request.stdin,
    env,
    color: request.color,
    ...(ART_SYSROOT && { sysroots: findSysroots(resolve(request.directory, ART_SYSROOT)) }),
    sourceDateEpoch: Number(SOURCE_DATE_EPOCH) || 0,
    ...(ART_TIMEOUT && { timeout: secondsOf(ART_TIMEOUT) }),
    ...(ART_MAX_MEMORY && { maxMemory: memoryOf(ART_MAX_MEMORY) }),
  };
}
