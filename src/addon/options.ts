// The options of the library's functions for add-ons.

import { join } from 'pathe';
import type { BuildEvent } from '../config/events.js';
import { isCache, isEpoch, isMemory } from '../config/options.js';
import { cacheChoice } from '../config/settings.js';
import { ArtError } from '../errors.js';
import type { AddonHost } from '../platform/addon-host.js';
import type { Signer } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import {
  type Check,
  checkAll,
  isBoolean,
  isCount,
  isFunction,
  isNamedTexts,
  isSeconds,
  isSignal,
  isSigner,
  isText,
  isTexts,
} from '../text/checks.js';
import type { AddonSettings } from './build.js';
import { findHeaders, type NodeHeaders } from './headers.js';
import { platformOf } from './platforms.js';

/** Options of `buildAddon`. */
export interface AddonOptions {
  /** The folder of the package, with its binding.gyp. Default: the working directory. */
  directory?: string;
  /** Builds for debugging, to build/Debug. Default: no. */
  debug?: boolean;
  /** The architecture, as in `process.arch`. Default: that of the running Node. */
  arch?: string;
  /** A folder with Node's headers. Default: the headers that belong to the running Node, if they are installed. */
  nodedir?: string;
  /** The folder in which node-gyp stores headers. Default: node-gyp's own. */
  devdir?: string;
  /** The version of Node to build for, if the add-on uses more than N-API. Default: that of the running Node. */
  nodeVersion?: string;
  /** Downloads missing headers: `true` from nodejs.org, a string from this URL. Default: false. */
  download?: boolean | string;
  /** Values for the variables of binding.gyp, as `node-gyp --name=value` sets them. */
  variables?: Readonly<Record<string, string>>;
  /** How many units are compiled at the same time. Default: the number of processors. */
  jobs?: number;
  /** Time limit in seconds for each unit and for each link. Default: none for sources, 600 for the link. */
  timeout?: number;
  /** Limit in bytes on the compiler's memory plus its outputs, for each unit. Default: 2 GiB. */
  maxMemory?: number;
  /** A folder that `art sysroot` wrote, whose files diagnostics then name. */
  sysrootFiles?: string;
  /** A folder that stores results for later builds. `true`: the user's own cache folder. Default: none. */
  cache?: string | boolean;
  /** Limit on the size of the cache, in bytes; the least recently used entries are removed. Default: 5 GB. */
  cacheSize?: number;
  /** The directory that relative paths are resolved against. Default: the process's working directory. */
  cwd?: string;
  /** Whether clang's diagnostics have colours (ANSI escape codes). Default: false. */
  color?: boolean;
  /** Called with each event of the build as it happens. */
  onEvent?: (event: BuildEvent) => void;
  /** Cancels the build: it rejects with the code CANCELLED. */
  signal?: WebAbortSignal;
}

/** Options of `prebuildAddon`. */
export interface PrebuildOptions extends Omit<AddonOptions, 'arch' | 'debug'> {
  /**
   * Names of platforms, such as 'linux-x64-musl'; a prefix such as 'linux-arm64' selects all that begin with it.
   * Default: all platforms.
   */
  platforms?: readonly string[];
  /** The file name of the prebuilds. Default: the package's name. */
  name?: string;
  /** The folder to write the artifact to. Default: `artifact` in the package. */
  out?: string;
  /** Signs the artifact with this key, which `openKey` returns. */
  sign?: Signer;
  /** The time, in seconds since 1970, of the archive's entries. Default: 0. */
  sourceDateEpoch?: number;
}

const COMMON: { readonly [K in keyof Required<Omit<AddonOptions, 'arch' | 'debug'>>]: Check } = {
  directory: isText,
  nodedir: isText,
  devdir: isText,
  nodeVersion: isText,
  download: (v) => (typeof v === 'boolean' ? undefined : isText(v) && 'true, false or a URL'),
  variables: isNamedTexts,
  jobs: isCount,
  timeout: isSeconds,
  maxMemory: isMemory,
  sysrootFiles: isText,
  cache: isCache,
  cacheSize: isCount,
  cwd: isText,
  color: isBoolean,
  onEvent: isFunction,
  signal: isSignal,
};

const ADDON: { readonly [K in keyof Required<AddonOptions>]: Check } = { ...COMMON, debug: isBoolean, arch: isText };

const PREBUILD: { readonly [K in keyof Required<PrebuildOptions>]: Check } = {
  ...COMMON,
  platforms: isTexts,
  name: isText,
  out: isText,
  sign: isSigner,
  sourceDateEpoch: isEpoch,
};

/** Settings of a prebuild that do not depend on the platform. @throws ArtError UNKNOWN_OPTION, INVALID_OPTION, INPUT_NOT_FOUND */
export function prebuildSettings(options: PrebuildOptions, cwd: string, host: AddonHost) {
  checkAll(options, PREBUILD);
  return commonSettings(options, cwd, host);
}

/** Settings that do not depend on the platform. @throws ArtError INPUT_NOT_FOUND */
async function commonSettings(options: Omit<AddonOptions, 'arch'>, cwd: string, host: AddonHost) {
  const directory = host.files.resolve(options.cwd ?? cwd, options.directory ?? '.');
  if ((await host.files.kind(directory)) !== 'directory')
    throw new ArtError('INPUT_NOT_FOUND', `no folder '${options.directory ?? directory}'`);
  return {
    directory,
    variables: options.variables ?? {},
    jobs: options.jobs ?? host.cores(),
    timeout: options.timeout,
    maxMemory: options.maxMemory,
    sysroots: options.sysrootFiles,
    cache: options.cache ? cacheChoice(options, options.cwd ?? cwd, undefined, host.files) : undefined,
    color: options.color ?? false,
    onEvent: options.onEvent ?? (() => {}),
    signal: options.signal,
  };
}

/** Finds the headers that the options name. @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE, CANCELLED */
export function headersFor(options: AddonOptions, directory: string, host: AddonHost): Promise<NodeHeaders> {
  const { nodedir, devdir, nodeVersion, download } = options;
  return findHeaders(
    {
      nodedir,
      devdir,
      version: nodeVersion?.replace(/^v/, ''),
      download: download === true ? '' : download || undefined,
    },
    directory,
    host,
    options.signal,
  );
}

/** @throws ArtError UNKNOWN_OPTION, INVALID_OPTION, INPUT_NOT_FOUND, UNKNOWN_TARGET */
export async function addonSettings(options: AddonOptions, cwd: string, host: AddonHost): Promise<AddonSettings> {
  checkAll(options, ADDON);
  const common = await commonSettings(options, cwd, host);
  const { directory } = common;
  const platform = platformOf(host.node, options.arch);
  return {
    ...common,
    platform,
    headers: await headersFor(options, directory, host),
    configuration: options.debug ? 'Debug' : 'Release',
    buildDirectory: join(directory, 'build'),
  };
}
