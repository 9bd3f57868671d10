// Threads that are kept for later requests, with which the resident process compiles.
import type { Target } from '../../targets/targets.js';
import type { CommandRequest, CompileRequest, ResultOf } from '../../toolchain/requests.js';
import type { Seen } from '../../toolchain/trace.js';
import type { CompileWorker, Mount, Toolchain } from '../types.js';
import { Shared, Thread } from './toolchain.js';
import type { WorkerView } from './worker.js';

const NOTHING: Seen = { program: undefined, stderr: '' };

/** Threads, and the program that they share. A request occupies one thread. */
export class WarmThreads {
  #common = new Shared();
  readonly #idle: Thread[] = [];
  #busy = 0;

  /** @param most number of idle threads to keep */
  constructor(readonly most: number) {}

  /** The number of threads. */
  get count(): number {
    return this.#busy + this.#idle.length;
  }

  /**
   * Opens a toolchain. Its requests see the same files and read each file once; a later toolchain sees files as they
   * are then.
   */
  open(mounts: readonly Mount[], targets: readonly Target[]): Toolchain {
    const common = this.#common;
    const workers = new Set<CompileWorker>();
    let view: Promise<WorkerView> | undefined;
    return {
      startWorker: () => {
        view ??= common.view(mounts, targets);
        view.catch(() => {}); // whoever compiles reports it
        const worker = this.#worker(common, view);
        workers.add(worker);
        return worker;
      },
      verify: () => common.checked(),
      close: async () => {
        await Promise.all([...workers].map((worker) => worker.terminate()));
      },
    };
  }

  #worker(common: Shared, view: Promise<WorkerView>): CompileWorker {
    let thread: Thread | undefined;
    const ask = async <R extends CompileRequest | CommandRequest>(request: R): Promise<ResultOf<R>> => {
      const taken = this.#take(common, view);
      thread = taken;
      let isSound = false;
      try {
        const result = await taken.ask(request, view);
        // After a trap or a stop the state of the thread is unknown.
        isSound = !('failure' in result) || result.failure?.kind === 'diagnosed';
        return result;
      } finally {
        thread = undefined;
        this.#giveBack(taken, isSound && common === this.#common);
      }
    };
    const ready = Promise.all([common.program, view]).then(() => {});
    ready.catch(() => {}); // as above
    return {
      ready,
      compile: ask,
      command: ask,
      seen: () => thread?.seen() ?? NOTHING,
      terminate: async () => {
        await thread?.terminate();
      },
    };
  }

  /** Takes a thread, if possible one that has already read files of the view. */
  #take(common: Shared, view: Promise<WorkerView>): Thread {
    this.#busy++;
    const at = this.#idle.findIndex((thread) => thread.sees(view));
    const [found] = this.#idle.splice(at, 1); // the last one if none has
    if (found) return found;
    const started: Thread = new Thread(common, true, () => {
      const index = this.#idle.indexOf(started);
      if (index >= 0) this.#idle.splice(index, 1);
    });
    return started;
  }

  #giveBack(thread: Thread, isKept: boolean): void {
    this.#busy--;
    if (isKept && this.#idle.length < this.most) this.#idle.push(thread);
    else void thread.terminate();
  }

  /** Ends the idle threads, which frees their memory. */
  async shrink(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((thread) => thread.terminate()));
  }

  /** Drops the program as well, and everything that earlier toolchains have. Only while no request is running. */
  async forget(): Promise<void> {
    await this.shrink();
    this.#common = new Shared();
  }
}
