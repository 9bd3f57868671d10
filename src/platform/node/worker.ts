// The thread that compiles. It first gets its program, and then requests one after another.
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { AssetName } from '../../assets/pinned.js';
import { makesNoMemory, prepareAgain } from '../../toolchain/instances.js';
import type { FileTree } from '../../toolchain/mounts.js';
import type { CommandRequest, CompileRequest } from '../../toolchain/requests.js';
import { Service } from '../../toolchain/service.js';
import { sysrootTrees } from '../../toolchain/sysroot.js';
import { tarTree } from '../../toolchain/tar-tree.js';
import { Trace } from '../../toolchain/trace.js';
import { Volume } from '../../toolchain/volume.js';
import type { Mount } from '../types.js';
import { openArchive } from './assets.js';
import { hostTrees } from './files.js';

/** The first message: what stays the same for all requests. */
export interface WorkerSetup {
  llvm: WebAssembly.Module;
  /** Number of pages of 64 KiB that the imported memory of the program must have. */
  pages: number;
  /** Shared memory in which the worker writes its current tool and last output. */
  trace: ArrayBufferLike;
  /** Whether it prepares for the next request after a unit; after a command it always does. */
  waits: boolean;
}

/** What requests see, sent before the first request and whenever it changes. The archives are in shared memory. */
export interface WorkerView {
  /** The uncompressed archives that most of its units need. */
  archives: ReadonlyMap<AssetName, Uint8Array>;
  mounts: readonly Mount[];
  /** The real paths of the mounts. */
  roots: readonly string[];
}

/**
 * Commands that are already waiting come sooner than this, and a process that runs only one command has ended by then.
 */
const PAUSE_MS = 10;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let setup: WorkerSetup;
let service: Service;
let pause: NodeJS.Timeout | undefined;
/** Files of the sysroots, by archive and folder. */
const trees = new Map<string, FileTree>();

// Only for this thread. Without it wasm-util prints its errors with stack traces to the standard error.
process.env.NODE_ENV = 'production';

function look({ archives, mounts, roots }: WorkerView): void {
  const sysroots = sysrootTrees((asset, below) => {
    const key = `${asset}:${below}`;
    const tree = trees.get(key) ?? tarTree(archives.get(asset) ?? openArchive(asset), below);
    trees.set(key, tree);
    return tree;
  });
  const host = hostTrees(mounts, roots);
  service = new Service(setup.llvm, () => new Volume([...host, ...sysroots]), sha256, new Trace(setup.trace));
}

/** Prepares for work like the last. */
function prepare(): void {
  if (prepareAgain()) setImmediate(prepare);
}

parentPort?.on('message', (message: WorkerSetup | WorkerView | CompileRequest | CommandRequest) => {
  if ('llvm' in message) {
    setup = message;
    makesNoMemory(setup.llvm, setup.pages);
  } else if ('archives' in message) {
    look(message);
  } else {
    clearTimeout(pause);
    const { result, transfer } = service.answer(message);
    parentPort?.postMessage(result, transfer);
    if (setup.waits || 'program' in message) pause = setTimeout(prepare, PAUSE_MS);
  }
});
