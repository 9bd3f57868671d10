import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { DiskPlatform, Platform } from '../types.js';
import { openCacheStore } from './cache-store.js';
import { hostTrees, installation, nodeFiles, stamp } from './files.js';
import { openFolder } from './folder.js';
import { openSigner, openVerifier } from './keys.js';
import { writeBeside } from './publishing.js';
import { stageFiles } from './staged-files.js';
import { stageLayout } from './staged-layout.js';
import { checkOutput, stageInDirectory } from './staging.js';
import { openNodeToolchain } from './toolchain.js';
import { writeWhole } from './write.js';

let openToolchain: Platform['openToolchain'] = openNodeToolchain;

/** Sets how toolchains are opened from now on, such as in the resident process. */
export function openToolchainsWith(open: Platform['openToolchain']): void {
  openToolchain = open;
}

/** Node's files, threads and crypto. */
export const nodePlatform: DiskPlatform = {
  files: nodeFiles,
  cores: availableParallelism,
  sha256() {
    const hash = createHash('sha256');
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
  },
  openFolder,
  openVerifier,
  openSigner,
  openToolchain: (mounts, targets) => openToolchain(mounts, targets),
  hostTrees,
  openCache: openCacheStore,
  installation,
  stamp,
  checkOutput,
  stage: stageInDirectory,
  stageFiles,
  stageLayout,
  writeBeside,
  write: (path, bytes, executable) => writeWhole(path, bytes, executable),
};
