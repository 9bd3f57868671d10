import { ArtError } from '../../errors.js';
import { archivesOf } from '../../targets/targets.js';
import { MemoryStaging, type Published } from '../memory-staging.js';
import type { Platform, ReadingPlatform } from '../types.js';
import { folderByURL } from '../web-folder.js';
import type { WebURL } from '../web-types.js';
import { Assets } from './assets.js';
import { openCacheStore } from './cache-store.js';
import { browserFiles, bytesOf, FileIndex, folderAmong, treesAmong } from './files.js';
import { openVerifier } from './keys.js';
import { openHasher } from './sha256.js';
import { openBrowserToolchain } from './toolchain.js';

/** Each worker has a clang of its own, of some 200 MB, and the memory of a tab is limited. */
const MAX_WORKERS = 4;

/** The platform for one build or link in a tab, and its results. */
export interface BrowserPlatform extends Platform {
  /** The artifact; undefined until it is published. */
  published(): Published | undefined;
  /** Files that were written, by absolute path. */
  readonly written: ReadonlyMap<string, Uint8Array>;
}

/** What is needed to read artifacts in a page. */
export const browserReading: ReadingPlatform = {
  sha256: openHasher,
  openFolder: async (source) => folderByURL(new URL(source, pageURL())),
  openVerifier,
};

/**
 * @param files by absolute path
 * @param isLazy fetches at first only the archives of the sysroots that nearly every unit reads, and another one when a
 *   unit looks for a file in it
 */
export function browserPlatform(assets: Assets, files: ReadonlyMap<string, Blob>, isLazy = false): BrowserPlatform {
  const staging = new MemoryStaging();
  const written = new Map<string, Uint8Array>();
  const index = new FileIndex(files);
  return {
    files: browserFiles(index),
    cores: () => Math.min(navigator.hardwareConcurrency || 1, MAX_WORKERS),
    ...browserReading,
    // Absolute paths name files of the build; everything else is a URL.
    openFolder: async (source) =>
      typeof source === 'string' && source.startsWith('/')
        ? folderAmong(index, source)
        : browserReading.openFolder(source),
    hostTrees: (mounts) => treesAmong(index, mounts, bytesOf),
    openCache: openCacheStore,
    openToolchain: (mounts, targets) => openBrowserToolchain(assets, files, mounts, archivesOf(targets, isLazy)),
    stage: async () => staging,
    write: async (path, bytes) => void written.set(path, bytes),
    published: () => staging.published,
    written,
  };
}

/** The base of relative URLs: the URL of the page, or of the worker that uses this module. */
export const pageURL = (): string => globalThis.document?.baseURI ?? location.href;

/**
 * Where the compiler is: the URL of a folder that `art browser` wrote, or `{ package }` with the URL of the npm package
 * on a CDN.
 */
export type AssetsOption = string | WebURL | { package: string | WebURL };

/** The URL of this module in the npm package on a CDN. */
const IN_PACKAGE = /dist\/browser\/[^/]*$/;

/**
 * @param option default: the folder of this module
 * @param store name of a Cache that stores the files
 * @throws ArtError INVALID_OPTION
 */
export function openAssets(option?: AssetsOption, store?: string): Assets {
  const found =
    option ?? (IN_PACKAGE.test(import.meta.url) ? { package: new URL('../../', import.meta.url) } : undefined);
  const isPackage = typeof found === 'object' && 'package' in found;
  const base = isPackage ? found.package : (found ?? new URL('./', import.meta.url));
  try {
    const url = new URL(base, pageURL());
    if (!url.pathname.endsWith('/')) url.pathname += '/';
    return Assets.at({ base: url.href, isPackage, store });
  } catch (cause) {
    throw new ArtError('INVALID_OPTION', `option 'assets' must be the URL of a folder, not '${base}'`, { cause });
  }
}
