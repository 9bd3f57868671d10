// Threads that are kept for whoever asks next: what a process that serves others compiles with.
import type { Target } from '../../targets/targets.js';
import type { CommandRequest, CompileRequest, ResultOf } from '../../toolchain/requests.js';
import type { Seen } from '../../toolchain/trace.js';
import type { CompileWorker, Mount, Toolchain } from '../types.js';
import { Shared, Thread } from './toolchain.js';
import type { WorkerView } from './worker.js';

const NOTHING: Seen = { program: undefined, stderr: '' };

/** Threads, and the program that they share. A request has one of them for as long as it takes. */
export class WarmThreads {
  #common = new Shared();
  readonly #idle: Thread[] = [];
  #busy = 0;

  /** @param most threads to keep while they have no work */
  constructor(readonly most: number) {}

  /** Threads that there are. */
  get count(): number {
    return this.#busy + this.#idle.length;
  }

  /** Requests of one toolchain see the same files, and read each file once; those of the next see them as they are then. */
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
        // What a trap or a stop leaves is not known.
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

  /** One that has read what the view shows, where there is one. */
  #take(common: Shared, view: Promise<WorkerView>): Thread {
    this.#busy++;
    const at = this.#idle.findIndex((thread) => thread.sees(view));
    const [found] = this.#idle.splice(at, 1); // the last, where none has
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

  /** Ends the threads that have no work; what they had is free then. */
  async shrink(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((thread) => thread.terminate()));
  }

  /** Forgets the program as well, and all that toolchains opened before have; only while no request is at work. */
  async forget(): Promise<void> {
    await this.shrink();
    this.#common = new Shared();
  }
}
