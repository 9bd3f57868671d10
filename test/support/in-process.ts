// Runs art on this machine's files with the compiler in this process, warm, for tests that build hundreds of times.
import { createHash } from 'node:crypto';
import { openArchive } from '../../src/platform/node/assets.js';
import { hostTrees } from '../../src/platform/node/files.js';
import { nodePlatform } from '../../src/platform/node/index.js';
import type { CompileWorker, Platform } from '../../src/platform/types.js';
import type { CommandResult, CompileResult } from '../../src/toolchain/requests.js';
import { Service } from '../../src/toolchain/service.js';
import { sysrootTrees } from '../../src/toolchain/sysroot.js';
import { tarTree } from '../../src/toolchain/tar-tree.js';
import { Volume } from '../../src/toolchain/volume.js';
import { loadProgram } from './compiler.js';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/**
 * Node's platform with the compiler in this process; as on a thread, files that a worker has read stay in memory until
 * its build ends.
 */
export function inProcessPlatform(): Platform & { asked: number } {
  const llvm = loadProgram();
  const tars = new Map<string, Uint8Array>();
  const sysroots = () =>
    sysrootTrees((asset, below) => {
      const tar = tars.get(asset) ?? openArchive(asset);
      tars.set(asset, tar);
      return tarTree(tar, below);
    });
  const platform: Platform & { asked: number } = {
    ...nodePlatform,
    asked: 0,
    openToolchain: (mounts) => ({
      startWorker(): CompileWorker {
        const host = hostTrees(mounts);
        const service = new Service(llvm, () => new Volume([...host, ...sysroots()]), sha256);
        const answer = async (request: Parameters<Service['answer']>[0]) => {
          platform.asked++;
          return service.answer(request).result;
        };
        return {
          ready: Promise.resolve(),
          compile: (request) => answer(request) as Promise<CompileResult>,
          command: (request) => answer(request) as Promise<CommandResult>,
          seen: () => ({ program: undefined, stderr: '' }),
          terminate: async () => {},
        };
      },
      verify: async () => {},
      close: async () => {},
    }),
  };
  return platform;
}
