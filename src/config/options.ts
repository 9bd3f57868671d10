import type { Signer } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import {
  type Check,
  checkAll,
  isBoolean,
  isCount,
  isFunction,
  isSignal,
  isSigner,
  isText,
  isTexts,
} from '../text/checks.js';
import { LEAST_MEMORY, MOST_MEMORY } from '../toolchain/limits.js';
import type { EmitKind } from '../toolchain/requests.js';
import type { BuildEvent } from './events.js';
import type { RemoteCacheOptions } from './remote-cache.js';

/** Levels of instrumentation: counters that clang puts in as it reads the source, or LLVM before it optimises. */
export const INSTRUMENT_LEVELS = ['frontend', 'ir'] as const;
export type InstrumentLevel = (typeof INSTRUMENT_LEVELS)[number];

/** Parts that a build can be cut into. */
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
   * Files, directories of which every source below is taken, or globs. Beside
   * `compileCommands` they choose among its units. Default: the `sources` of the config file.
   */
  inputs?: readonly string[];
  /**
   * A compile_commands.json, as CMake, Meson and Bear write it: its units are built, each with
   * the flags of its own command, and `flags` after them.
   */
  compileCommands?: string;
  /**
   * A config file, such as art.config.json; options win over what it says, and `flags` come after
   * its own. Default: the art.config.json of `cwd`, where there is one and `inputs` is left out or empty.
   */
  config?: string;
  /** Name of the package, such as `mycrate-0.1`. Default: name-version of the nearest package.json, else the directory's name. */
  package?: string;
  /** Directory for `artifact.json` and `artifact.tar.gz`; made where missing. Default: `artifact`. */
  out?: string;
  /** `x86_64`, `aarch64`, `wasm32`, or full triples of these. Default: x86_64 and aarch64. */
  targets?: readonly string[];
  /** What to write for each translation unit. Default: bitcode and object. */
  emit?: readonly EmitKind[];
  /** clang's own flags, such as `-O2`, `-DNDEBUG`, `-Iinclude`. Default: none, which is -O0, as for clang. */
  flags?: readonly string[];
  /** Links the objects of each target to a static program of this name, which joins the artifact. `flags` may name libraries. */
  link?: string;
  /**
   * Profiles that steer the optimiser, of any kind that docs/profiles.md names; several are merged.
   * At most one of `withProfile`, `plan` and `instrument`.
   */
  withProfile?: readonly string[];
  /** A plan, as `plan` makes it, in place of profiles. */
  plan?: string;
  /** Programs of the objects write a profile when they end. */
  instrument?: InstrumentLevel;
  /** A sysroot in place of art's own, for headers and libraries. */
  sysroot?: string;
  /** A folder that `art sysroot` wrote: diagnostics name its files in place of art's own. */
  sysrootFiles?: string;
  /** Writes the manifest of what would be built, and nothing else. */
  manifestOnly?: boolean;
  /**
   * A folder where results are kept for the next build, and taken from. `true`: the one that the config file names, or the
   * user's own. `false`: none. Default: the one that the config file names, or none.
   */
  cache?: string | boolean;
  /** Bytes that the cache may hold; what was not used the longest is removed. Default: 5 GB. */
  cacheSize?: number;
  /** A server that keeps results as well, for a team; `cache` is then `true` unless it says otherwise. */
  remoteCache?: RemoteCacheOptions;
  /**
   * Builds one part of the artifact only, which `merge` puts together with the others: all of them with the same
   * options, whose `out` may differ. Default of `out` then: `artifact-parts/<index>-of-<count>`.
   */
  shard?: Shard;
  /** Signs the artifact with this key, as `openKey` gives it; it is published with its signature. */
  sign?: Signer;
  /** Units compiled at once. Default: the number of processors. */
  jobs?: number;
  /**
   * Seconds that one unit may take for one target, and the link. Default: 600 for bitcode, IR and the link, and no limit
   * for other sources.
   */
  timeout?: number;
  /**
   * Bytes that the compiler's memory and what it writes may come to, for one unit and target. Default: 2 GiB. In a browser
   * the memory itself has no limit but WebAssembly's own of 4 GiB.
   */
  maxMemory?: number;
  /** Where relative paths start. Default: the process's working directory. */
  cwd?: string;
  /** Seconds since 1970 for `__DATE__`, `__TIME__`, `__TIMESTAMP__` and the archive's entries. Default: 0. */
  sourceDateEpoch?: number;
  /** Colours in clang's diagnostics. Default: no. */
  color?: boolean;
  /** Called as the build goes on. */
  onEvent?: (event: BuildEvent) => void;
  /** Ends the build early; it then rejects with CANCELLED and leaves nothing behind. */
  signal?: WebAbortSignal;
}

const isEpoch: Check = (v) =>
  Number.isSafeInteger(v) && (v as number) >= 0 && (v as number) < 2 ** 31
    ? undefined
    : 'whole seconds since 1970, from 0 to 2147483647';
export const isSeconds: Check = (v) =>
  typeof v === 'number' && v > 0 && v <= 2_000_000 ? undefined : 'seconds, more than 0 and at most 2000000';
export const isMemory: Check = (v) =>
  Number.isSafeInteger(v) && (v as number) >= LEAST_MEMORY && (v as number) <= MOST_MEMORY
    ? undefined
    : `whole bytes, from ${LEAST_MEMORY} (64M) to ${MOST_MEMORY} (4G)`;
/** What a program may be called. */
export const PROGRAM_NAME = /^[\w+][\w.+-]{0,99}$/;
export const PROGRAM_NAME_EXPECTED = "a file name of letters, digits and '_', '+', '.', '-'";

/** What a package may be called, and how to say so. */
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
  cache: (v) => (typeof v === 'boolean' || (typeof v === 'string' && v !== '') ? undefined : 'a folder, true or false'),
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
