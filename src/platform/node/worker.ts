// The thread that compiles. It is told once what to work with, then gets one request after another.
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { AssetName } from '../../assets/pinned.js';
import { makesNoMemory, prepareAgain } from '../../toolchain/instances.js';
import type { CommandRequest, CompileRequest } from '../../toolchain/requests.js';
import { Service } from '../../toolchain/service.js';
import { sysrootTrees } from '../../toolchain/sysroot.js';
import { tarTree } from '../../toolchain/tar-tree.js';
import { Trace } from '../../toolchain/trace.js';
import { Volume } from '../../toolchain/volume.js';
import type { Mount } from '../types.js';
import { openArchive } from './assets.js';
import { hostTrees } from './files.js';

/** First message: what stays the same for all requests. The archives are shared memory. */
export interface WorkerSetup {
  llvm: WebAssembly.Module;
  /** Pages of 64 KiB that its memory, which it imports, must have. */
  pages: number;
  /** The uncompressed archives that every unit needs. */
  archives: ReadonlyMap<AssetName, Uint8Array>;
  mounts: readonly Mount[];
  /** Their real paths. */
  roots: readonly string[];
}

/** Commands that wait already come sooner than this, and a process that ran only one has ended. */
const PAUSE_MS = 10;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** What is this worker's alone. */
interface OwnSetup {
  /** Where it says what it is at. */
  trace: ArrayBufferLike;
}

let service: Service;

// Of this thread alone. Without it wasm-util prints its errors, with stacks, to the standard error.
process.env.NODE_ENV = 'production';

function setUp({ llvm, pages, archives, mounts, roots, trace }: WorkerSetup & OwnSetup): void {
  makesNoMemory(llvm, pages);
  const sysroots = sysrootTrees((asset, below) => tarTree(archives.get(asset) ?? openArchive(asset), below));
  const host = hostTrees(mounts, roots);
  service = new Service(llvm, () => new Volume([...host, ...sysroots]), sha256, new Trace(trace));
}

/** Gets ready for a command like the last one. */
function prepare(): void {
  if (prepareAgain()) setImmediate(prepare);
}

parentPort?.on('message', (message: (WorkerSetup & OwnSetup) | CompileRequest | CommandRequest) => {
  if ('llvm' in message) {
    setUp(message);
    return;
  }
  const { result, transfer } = service.answer(message);
  parentPort?.postMessage(result, transfer);
  if ('program' in message) setTimeout(prepare, PAUSE_MS);
});
