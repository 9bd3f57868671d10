// What the library's functions about add-ons take.
import { join } from 'pathe';
import type { BuildEvent } from '../config/events.js';
import { ArtError } from '../errors.js';
import type { AddonHost } from '../platform/addon-host.js';
import type { Signer } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import type { AddonSettings } from './build.js';
import { findHeaders, type NodeHeaders } from './headers.js';
import { platformOf } from './platforms.js';

/** Options of `buildAddon`. */
export interface AddonOptions {
  /** The package's folder, which has binding.gyp. Default: the working directory. */
  directory?: string;
  /** Builds for debugging, to build/Debug. Default: no. */
  debug?: boolean;
  /** The architecture, as process.arch says. Default: that of the Node that runs. */
  arch?: string;
  /** A folder with Node's headers. Default: those of the Node that runs, where they are. */
  nodedir?: string;
  /** The folder in which node-gyp keeps headers. Default: node-gyp's own. */
  devdir?: string;
  /** The version of Node that it is for, where it uses more than N-API. Default: that of the Node that runs. */
  nodeVersion?: string;
  /** Downloads headers that are missing: from nodejs.org, or from this URL. Default: no. */
  download?: boolean | string;
  /** Values for variables of the build file, as `node-gyp --name=value` gives them. */
  variables?: Readonly<Record<string, string>>;
  /** Units compiled at once. Default: the number of processors. */
  jobs?: number;
  /** As for `build`. */
  timeout?: number;
  maxMemory?: number;
  sysrootFiles?: string;
  /** A folder where results are kept for the next build, and taken from. `true`: the user's own. Default: none. */
  cache?: string | boolean;
  /** Bytes that the cache may hold; what was not used the longest is removed. Default: 5 GB. */
  cacheSize?: number;
  cwd?: string;
  color?: boolean;
  onEvent?: (event: BuildEvent) => void;
  signal?: WebAbortSignal;
}

/** Options of `prebuildAddon`. */
export interface PrebuildOptions extends Omit<AddonOptions, 'arch' | 'debug'> {
  /** Such as 'linux-x64-musl', or 'linux-arm64' for all that begin so. Default: all. */
  platforms?: readonly string[];
  /** What the files are called. Default: the package's name. */
  name?: string;
  /** Where the artifact goes. Default: `artifact` in the package. */
  out?: string;
  /** Signs the artifact with a key, as `openKey` gives it. */
  sign?: Signer;
  /** Seconds since 1970 for the times in the archive. Default: 0. */
  sourceDateEpoch?: number;
}

/** Settings that do not depend on the platform. @throws ArtError INPUT_NOT_FOUND */
export async function commonSettings(options: Omit<AddonOptions, 'arch'>, cwd: string, host: AddonHost) {
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
    cache: cacheChoice(options, options.cwd ?? cwd, host),
    color: options.color ?? false,
    onEvent: options.onEvent ?? (() => {}),
    signal: options.signal,
  };
}

function cacheChoice({ cache, cacheSize: maxBytes }: AddonOptions, cwd: string, { files }: AddonHost) {
  if (!cache) return undefined;
  return {
    ...(cache !== true && { directory: files.resolve(cwd, cache) }),
    ...(maxBytes !== undefined && { maxBytes }),
  };
}

/** Headers as the options say. @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE */
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
  );
}

/** @throws ArtError INPUT_NOT_FOUND, UNKNOWN_TARGET */
export async function addonSettings(options: AddonOptions, cwd: string, host: AddonHost): Promise<AddonSettings> {
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
