import type { Signer } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import {
  type Check,
  checkAll,
  isBoolean,
  isCount,
  isFunction,
  isSeconds,
  isSignal,
  isSigner,
  isText,
  isTexts,
} from '../text/checks.js';
import { LEAST_MEMORY, MOST_MEMORY } from '../toolchain/limits.js';
import type { EmitKind } from '../toolchain/requests.js';
import type { BuildEvent } from './events.js';
import type { RemoteCacheOptions } from './remote-cache.js';

/**
 * Levels of instrumentation: `frontend`, counters that clang inserts as it reads the source; `ir`, counters that LLVM
 * inserts before it optimises.
 */
export const INSTRUMENT_LEVELS = ['frontend', 'ir'] as const;
export type InstrumentLevel = (typeof INSTRUMENT_LEVELS)[number];

/** The largest number of parts that a build can be split into. */
export const MAX_SHARDS = 4096;

/** One part of a build that several machines share. */
export interface Shard {
  /** Which part, from 1. */
  index: number;
  /** How many there are, at most 4096. */
  count: number;
}

/** Options of `build`. */
export interface BuildOptions {
  /**
   * Files, directories (every source below one is taken), and globs. With `compileCommands` they select among its
   * units. Default: the `sources` of the config file.
   */
  inputs?: readonly string[];
  /**
   * A compile_commands.json, as CMake, Meson and Bear write it. Its units are built, each with the flags of its own
   * command, followed by `flags`.
   */
  compileCommands?: string;
  /**
   * A config file, such as art.config.json. An option here takes precedence over the same key in the file; `flags` are
   * added after those of the file. Default: the art.config.json in `cwd`, if there is one and `inputs` is left out or
   * empty.
   */
  config?: string;
  /** Name of the package, such as `mycrate-0.1`. Default: name-version of the nearest package.json, else the directory's name. */
  package?: string;
  /** Directory for `artifact.json` and `artifact.tar.gz`; created if it does not exist. Default: `artifact`. */
  out?: string;
  /** `x86_64`, `aarch64`, `wasm32`, or full triples of these. Default: x86_64 and aarch64. */
  targets?: readonly string[];
  /** What to write for each translation unit. Default: bitcode and object. */
  emit?: readonly EmitKind[];
  /** clang's own flags, such as `-O2`, `-DNDEBUG`, `-Iinclude`. Default: none, which is -O0, as for clang. */
  flags?: readonly string[];
  /**
   * Links the objects of each target into a static program of this name, which is added to the artifact. `flags` may
   * name libraries.
   */
  link?: string;
  /**
   * Profiles for the optimiser, of any kind that docs/profiles.md names; several are merged. At most one of
   * `withProfile`, `plan` and `instrument`.
   */
  withProfile?: readonly string[];
  /** Path of a plan, as `plan` makes it, instead of profiles. */
  plan?: string;
  /** Adds counters to the objects, so that a program linked from them writes a profile when it ends. */
  instrument?: InstrumentLevel;
  /** Path of a sysroot to use for headers and libraries instead of art's own. */
  sysroot?: string;
  /**
   * A folder that `art sysroot` wrote. Diagnostics then name the files in it where they would name art's built-in
   * headers.
   */
  sysrootFiles?: string;
  /** Writes only the manifest of what would be built; compiles nothing. */
  manifestOnly?: boolean;
  /**
   * The cache: a folder where results of compilations are kept and looked up. `true`: the folder that the config file
   * names, else the user's own cache folder. `false`: no cache. Default: the folder that the config file names, else no
   * cache.
   */
  cache?: string | boolean;
  /** The largest size of the cache, in bytes; the least recently used results are removed first. Default: 5 GiB. */
  cacheSize?: number;
  /** A cache on a server, shared by a team, used besides the local one. Setting it makes `cache` default to `true`. */
  remoteCache?: RemoteCacheOptions;
  /**
   * Builds only one part of the artifact; `merge` puts all parts together. Every part must be built with the same
   * options, except `out`, which then defaults to `artifact-parts/<index>-of-<count>`.
   */
  shard?: Shard;
  /**
   * Signs the artifact with this key, which `openKey` returns. The signature is published together with the artifact.
   */
  sign?: Signer;
  /** How many units are compiled at the same time. Default: the number of processors. */
  jobs?: number;
  /**
   * Time limit in seconds, for each unit and target and for the link. Default: 600 for bitcode, LLVM IR and the link;
   * no limit for other sources.
   */
  timeout?: number;
  /**
   * Limit in bytes on the compiler's memory plus its outputs, for each unit and target. Default: 2 GiB. In a browser
   * only the outputs are limited by it; the memory is limited to WebAssembly's 4 GiB.
   */
  maxMemory?: number;
  /** The directory that relative paths are resolved against. Default: the process's working directory. */
  cwd?: string;
  /**
   * The time, in seconds since 1970, that `__DATE__`, `__TIME__`, `__TIMESTAMP__` and the archive's entries get.
   * Default: 0.
   */
  sourceDateEpoch?: number;
  /** Whether clang's diagnostics have colours (ANSI escape codes). Default: false. */
  color?: boolean;
  /** Called with each event of the build as it happens. */
  onEvent?: (event: BuildEvent) => void;
  /** Cancels the build: it rejects with the code CANCELLED and leaves no files behind. */
  signal?: WebAbortSignal;
}

export const isEpoch: Check = (v) =>
  Number.isSafeInteger(v) && (v as number) >= 0 && (v as number) < 2 ** 31
    ? undefined
    : 'whole seconds since 1970, from 0 to 2147483647';
export const isMemory: Check = (v) =>
  Number.isSafeInteger(v) && (v as number) >= LEAST_MEMORY && (v as number) <= MOST_MEMORY
    ? undefined
    : `whole bytes, from ${LEAST_MEMORY} (64M) to ${MOST_MEMORY} (4G)`;
export const isCache: Check = (v) => (typeof v === 'boolean' ? undefined : isText(v) && 'a folder, true or false');
/** Which names a program may have. */
export const PROGRAM_NAME = /^[\w+][\w.+-]{0,99}$/;
export const PROGRAM_NAME_EXPECTED = "a file name of letters, digits and '_', '+', '.', '-'";

/** Which names a package may have, and the same in words for messages. */
export const PACKAGE_NAME = /^[^\p{Cc}]{1,214}$/u;
export const PACKAGE_NAME_EXPECTED = '1 to 214 characters, none of them a control character';
const isPackage: Check = (v) => (typeof v === 'string' && PACKAGE_NAME.test(v) ? undefined : PACKAGE_NAME_EXPECTED);

const isShard: Check = (v) => {
  const { index, count, ...more } = (typeof v === 'object' && v !== null ? v : {}) as Partial<Shard>;
  const isNumber = (n: unknown, most: number) => Number.isSafeInteger(n) && (n as number) >= 1 && (n as number) <= most;
  return isNumber(count, MAX_SHARDS) && isNumber(index, count as number) && Object.keys(more).length === 0
    ? undefined
    : `a part and how many there are, such as 2/8 ({ index: 2, count: 8 }): from 1/1 to ${MAX_SHARDS}/${MAX_SHARDS}`;
};

const CHECKS: { readonly [K in keyof Required<BuildOptions>]: Check } = {
  inputs: isTexts,
  compileCommands: isText,
  config: isText,
  package: isPackage,
  out: isText,
  targets: isTexts,
  emit: isTexts,
  flags: isTexts,
  link: (v) => (typeof v === 'string' && PROGRAM_NAME.test(v) ? undefined : PROGRAM_NAME_EXPECTED),
  withProfile: (v) =>
    Array.isArray(v) && v.length > 0 && v.every((x) => typeof x === 'string' && x !== '')
      ? undefined
      : 'an array of file names',
  plan: isText,
  instrument: (v) =>
    INSTRUMENT_LEVELS.includes(v as InstrumentLevel) ? undefined : `one of ${INSTRUMENT_LEVELS.join(', ')}`,
  sysroot: isText,
  sysrootFiles: isText,
  manifestOnly: isBoolean,
  cache: isCache,
  cacheSize: isCount,
  remoteCache: (v) =>
    typeof v === 'object' && v !== null && 'url' in v && typeof v.url === 'string' ? undefined : 'an object with a url',
  shard: isShard,
  sign: isSigner,
  jobs: isCount,
  timeout: isSeconds,
  maxMemory: isMemory,
  cwd: isText,
  sourceDateEpoch: isEpoch,
  color: isBoolean,
  onEvent: isFunction,
  signal: isSignal,
};

/** @throws ArtError UNKNOWN_OPTION, INVALID_OPTION */
export const checkOptions = (options: BuildOptions): void => checkAll(options, CHECKS);
