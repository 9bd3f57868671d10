import { closeSync, openSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { gunzip as gunzipWithCallback } from 'node:zlib';
import type { AssetName } from '../../assets/pinned.js';
import { ArtError, isTooFewFiles, messageOf, TOO_FEW_FILES } from '../../errors.js';
import { archivesOf, type Target } from '../../targets/targets.js';
import { importMemory } from '../../toolchain/program-memory.js';
import type { CommandRequest, CompileRequest, ResultOf } from '../../toolchain/requests.js';
import { type Seen, Trace } from '../../toolchain/trace.js';
import type { CompileWorker, Mount, Toolchain } from '../types.js';
import { borrowAsset, checkAsset, readAsset, release } from './assets.js';
import { rootOf } from './files.js';
import type { WorkerSetup, WorkerView } from './worker.js';

/** Stack size of workers. clang recurses deeply on deeply nested sources, and Node's default of 4 MB is too little. */
const WORKER_STACK_MB = 64;
/** V8's flags for compiling the program; the measurements are in bench/README.md. */
const V8_FLAGS = [
  // Functions are validated when they are first called; the program's hash has been checked.
  '--wasm-lazy-validation',
  // These two make the program no faster, and optimising takes a tenth more memory.
  '--no-wasm-loop-unrolling',
  '--no-wasm-loop-peeling',
  // By default V8 optimises in four threads on every machine, and each needs memory of its own.
  `--wasm-num-compilation-tasks=${availableParallelism()}`,
];
/**
 * How much a function runs before V8 optimises it, in V8's own unit (default in Node 20: 1.8 million, in Node 24: 13
 * million). Optimising earlier costs more than it gains: compilers run most of their functions only a little.
 */
const TIERING_BUDGET = 60_000_000;
/** The same for a process that ends soon, in which optimising can take half of the processor time. */
const SHORT_TIERING_BUDGET = 1_500_000_000;
/** zlib needs some free space in its buffer, even at the end. */
const GZIP_SPARE = 64;
const gunzip = promisify(gunzipWithCallback);

type Program = Pick<WorkerSetup, 'llvm' | 'pages'>;

/** Copies bytes into shared memory. */
function shared(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

/**
 * Unpacks an archive to a tar in shared memory.
 * @throws ArtError PROGRAM_CORRUPT
 */
async function unpack(name: AssetName): Promise<[AssetName, Uint8Array]> {
  const bytes = readAsset(name);
  checkAsset(name, bytes);
  // In one piece, since between pieces zlib waits for this thread. A gzip file ends with its uncompressed length (RFC
  // 1952).
  const length = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUInt32LE(bytes.length - 4);
  return [name, shared(await gunzip(bytes, { chunkSize: length + GZIP_SPARE }))];
}

/**
 * Compiles the program so that each instance gets its memory from the host.
 * @param bytes the program, which this changes
 */
function compileProgram(bytes: Uint8Array<ArrayBuffer>, isShort: boolean): Program {
  for (const flag of V8_FLAGS) setFlagsFromString(flag);
  setFlagsFromString(`--wasm-tiering-budget=${isShort ? SHORT_TIERING_BUDGET : TIERING_BUDGET}`);
  const pages = importMemory(bytes);
  return { llvm: new WebAssembly.Module(bytes), pages };
}

/** What the threads of a process share: the program, read and compiled once, and archives, each unpacked once. */
export class Shared {
  readonly #archives = new Map<AssetName, Promise<[AssetName, Uint8Array]>>();
  #program: Promise<Program> | undefined;

  /** @param isShort see Toolchain.expectLittle */
  constructor(readonly isShort = false) {}

  /** The program; it is loaded when it is first asked for. Rejects with PROGRAM_CORRUPT. */
  get program(): Promise<Program> {
    this.#program ??= this.#load();
    this.#program.catch(() => {}); // whoever compiles reports it
    return this.#program;
  }

  /** Rejects if the program was loaded and is not the pinned one. */
  async checked(): Promise<void> {
    await this.#program;
  }

  /**
   * The directories of the host and the sysroots, for requests. If it is called before the program is loaded, archives
   * are unpacked while the program is read and compiled.
   */
  async view(mounts: readonly Mount[], targets: readonly Target[]): Promise<WorkerView> {
    await setImmediate();
    // This runs on other threads.
    const archives = Promise.all(archivesOf(targets, true).map((name) => this.#archive(name)));
    archives.catch(() => {}); // reported below
    const roots = mounts.map(({ host }) => rootOf(host));
    return { mounts, roots, archives: new Map(await archives) };
  }

  #archive(name: AssetName): Promise<[AssetName, Uint8Array]> {
    const unpacked = this.#archives.get(name) ?? unpack(name);
    this.#archives.set(name, unpacked);
    return unpacked;
  }

  async #load(): Promise<Program> {
    const bytes = await borrowAsset('llvm');
    try {
      // After the threads have started, since this sets V8's flags, and Node's built-in modules are precompiled for the
      // flags with which it was started. A thread that finds other flags compiles them itself, and takes twice as long
      // to start.
      return compileProgram(bytes, this.isShort);
    } finally {
      // Takes 10 ms, in which the workers can compile.
      setImmediate().then(() => release(bytes));
    }
  }
}

/** Opens a toolchain of threads that share the program. */
export function openNodeToolchain(mounts: readonly Mount[], targets: readonly Target[]): Toolchain {
  const threads = new Set<Thread>();
  let isShort = false;
  let common: Shared | undefined;
  let view: Promise<WorkerView> | undefined;
  return {
    startWorker() {
      common ??= new Shared(isShort);
      view ??= common.view(mounts, targets);
      view.catch(() => {}); // whoever compiles reports it
      const thread = new Thread(common, false, () => threads.delete(thread));
      threads.add(thread);
      return workerOf(thread, view);
    },
    expectLittle() {
      isShort = true;
    },
    async verify() {
      await common?.checked();
    },
    async close() {
      await Promise.all([...threads].map((thread) => thread.terminate()));
    },
  };
}

/** A worker for requests that all see the same files. */
function workerOf(thread: Thread, view: Promise<WorkerView>): CompileWorker {
  const ready = Promise.all([thread.ready, view]).then(() => {});
  ready.catch(() => {}); // as above
  return {
    ready,
    compile: (request) => thread.ask(request, view),
    command: (request) => thread.ask(request, view),
    seen: () => thread.seen(),
    terminate: () => thread.terminate(),
  };
}

/** Converts an error that a thread has thrown. Its class is lost when it is sent, its properties are not. */
function thrownBy(error: Error & { code?: unknown }): Error {
  if (error.code === 'PROGRAM_CORRUPT') return new ArtError('PROGRAM_CORRUPT', error.message, { cause: error });
  // A DataCloneError has no message, only a name.
  return new Error(messageOf(error) || error.name, { cause: error });
}

/** More file descriptors than a thread needs to start. */
const OF_A_THREAD = 24;

/** Whether there are enough file descriptors for a thread; without them it ends without an error. */
function hasDescriptors(): boolean {
  const open: number[] = [];
  try {
    while (open.length < OF_A_THREAD) open.push(openSync(process.execPath, 'r'));
    return true;
  } catch (error) {
    return !isTooFewFiles(error);
  } finally {
    for (const file of open) closeSync(file);
  }
}

/** A thread that compiles, one request at a time. */
export class Thread {
  readonly #thread = new Worker(new URL('./worker-start.js', import.meta.url), {
    resourceLimits: { stackSizeMb: WORKER_STACK_MB },
    // Node's options, such as --input-type, are for the user's program and not for this thread.
    execArgv: [],
  });
  /** Resolves when it has the program. */
  readonly ready: Promise<void>;
  readonly #ended: () => void;
  readonly #trace = new Trace();
  #view: Promise<WorkerView> | undefined;
  #gone: Error | undefined;
  #settle: { resolve(result: unknown): void; reject(error: Error): void } | undefined;

  /**
   * @param waits it will get more requests later, and prepares for them in between
   * @param ended called when it has ended
   */
  constructor(common: Shared, waits: boolean, ended: () => void) {
    this.#ended = ended;
    this.#thread.on('message', (result: unknown) => this.#settle?.resolve(result));
    this.#thread.on('error', (error) => this.#settle?.reject(thrownBy(error)));
    this.#thread.on('exit', () => {
      ended();
      this.#gone = new Error(hasDescriptors() ? 'the worker thread ended' : TOO_FEW_FILES);
      this.#settle?.reject(this.#gone);
    });
    this.ready = this.#setUp(common, waits);
    this.ready.catch(() => {}); // ask reports it
  }

  seen(): Seen {
    return this.#trace.look();
  }

  /** Whether its last request saw the same files, some of which it then still has in memory. */
  sees(view: Promise<WorkerView>): boolean {
    return this.#view === view;
  }

  /**
   * Sends a request. @param view the files that the request sees; what was read for one request is kept for the next
   * with the same view
   */
  async ask<R extends CompileRequest | CommandRequest>(request: R, view: Promise<WorkerView>): Promise<ResultOf<R>> {
    await this.ready;
    const seen = await view;
    // The thread may have ended during the wait.
    if (this.#gone) throw this.#gone;
    return new Promise<ResultOf<R>>((resolve, reject) => {
      this.#settle = { resolve: resolve as (result: unknown) => void, reject };
      if (!this.sees(view)) this.#thread.postMessage(seen);
      this.#view = view;
      this.#thread.postMessage(request);
    });
  }

  async terminate(): Promise<void> {
    this.#ended();
    await this.#thread.terminate();
  }

  async #setUp(common: Shared, waits: boolean): Promise<void> {
    const setup: WorkerSetup = { ...(await common.program), trace: this.#trace.memory, waits };
    this.#thread.postMessage(setup);
  }
}
