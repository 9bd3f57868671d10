import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Platform } from '../types.js';
import { nodeFiles } from './files.js';
import { checkOutput, stageInDirectory } from './staging.js';
import { openNodeToolchain } from './toolchain.js';
import { writeWhole } from './write.js';

/** Node's files, threads and crypto. */
export const nodePlatform: Platform = {
  files: nodeFiles,
  cores: availableParallelism,
  sha256() {
    const hash = createHash('sha256');
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
  },
  openToolchain: openNodeToolchain,
  checkOutput,
  stage: stageInDirectory,
  write: (path, bytes, executable) => writeWhole(path, bytes, executable),
};
