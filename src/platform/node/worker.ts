// The thread that compiles. It is told once what to work with, then gets one request after another.
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

/** First message: what stays the same for all requests. */
export interface WorkerSetup {
  llvm: WebAssembly.Module;
  /** Pages of 64 KiB that its memory, which it imports, must have. */
  pages: number;
  /** Where the worker writes its current tool and last output: shared memory. */
  trace: ArrayBufferLike;
  /** After a unit it gets ready for the next; after a command it always does. */
  waits: boolean;
}

/** What requests see, sent before the first one and whenever it is another. The archives are shared memory. */
export interface WorkerView {
  /** Uncompressed archives that most of its units need. */
  archives: ReadonlyMap<AssetName, Uint8Array>;
  mounts: readonly Mount[];
  /** Their real paths. */
  roots: readonly string[];
}

/** Commands that wait already come sooner than this, and a process that ran only one has ended. */
const PAUSE_MS = 10;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let setup: WorkerSetup;
let service: Service;
let pause: NodeJS.Timeout | undefined;
/** Files of the sysroots, by the archive and the folder in it. */
const trees = new Map<string, FileTree>();

// Of this thread alone. Without it wasm-util prints its errors, with stacks, to the standard error.
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

/** Gets ready for work like the last. */
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
