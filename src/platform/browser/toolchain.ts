import type { AssetName } from '../../assets/pinned.js';
import type { CommandResult, CompileResult } from '../../toolchain/requests.js';
import { type Seen, TRACE_BYTES, Trace } from '../../toolchain/trace.js';
import type { Mount, Toolchain } from '../types.js';
import type { Assets } from './assets.js';
import { startWorker } from './start-worker.js';
import type {
  WorkerArchives,
  WorkerLack,
  WorkerNews,
  WorkerProject,
  WorkerRequest,
  WorkerResult,
  WorkerSetup,
} from './worker.js';

/** Idle workers. They can start the next build at once, since they have already read and unpacked the sysroots. */
const idle = new WeakMap<Assets, Thread[]>();

/**
 * Opens a toolchain of web workers that share the programs of a page. Workers that are not stopped are kept for the
 * page's next build.
 * @param needed archives that are fetched before a worker starts; others are fetched when a unit looks for a file in
 *   them
 */
export function openBrowserToolchain(
  assets: Assets,
  files: ReadonlyMap<string, Blob>,
  mounts: readonly Mount[],
  needed: readonly AssetName[],
): Toolchain {
  const spare = idle.get(assets) ?? [];
  idle.set(assets, spare);
  const threads = new Set<Thread>();
  return {
    startWorker() {
      const thread = spare.pop() ?? new Thread(assets);
      threads.add(thread);
      // Not earlier: if the cache has all results, nothing needs to be fetched.
      const archives = assets.archives(needed);
      archives.catch(() => {}); // reported by `open`
      thread.open(archives.then((archives) => ({ files, mounts, archives })));
      return {
        ready: thread.ready,
        seen: () => thread.seen,
        compile: (request) => thread.ask(request) as Promise<CompileResult>,
        command: (request) => thread.ask(request) as Promise<CommandResult>,
        async terminate() {
          threads.delete(thread);
          thread.end();
        },
      };
    },
    verify: () => assets.checked(),
    async close() {
      for (const thread of threads)
        if (thread.isIdle) spare.push(thread);
        else thread.end();
      threads.clear();
    },
  };
}

/** Ends the idle workers of a page. */
export function endIdle(assets: Assets): void {
  for (const thread of idle.get(assets)?.splice(0) ?? []) thread.end();
}

class Thread {
  readonly #worker = startWorker(new URL('./worker.js', import.meta.url), 'art');
  /** Resolves once it has its program. */
  readonly #sent: Promise<void>;
  /** Resolves once it has its program, and the files and archives of its build. */
  ready: Promise<void> = new Promise(() => {});
  /** Rejects when the worker has ended. */
  readonly #gone: Promise<never>;
  #end!: (why: Error) => void;
  #resolve: ((result: WorkerResult | WorkerLack) => void) | undefined;
  /** Many pages may not use shared memory, so the trace is written here, from the worker's messages. */
  readonly #trace = new Trace(new ArrayBuffer(TRACE_BYTES));
  #isReady = false;
  #isGone = false;

  constructor(readonly assets: Assets) {
    this.#gone = new Promise((_, reject) => {
      this.#end = (why) => {
        this.#isGone = true;
        reject(why);
      };
    });
    this.#gone.catch(() => {});
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerResult | WorkerLack | WorkerNews>) => this.#hear(data);
    // If the script does not load, the event has no message.
    this.#worker.onerror = ({ message }: ErrorEvent) =>
      this.#end(new Error(message || "its script, worker.js beside art's module, did not load"));
    this.#worker.onmessageerror = () => this.#end(new Error('a message could not be read'));
    this.#sent = assets.module('llvm').then((llvm) => this.#worker.postMessage({ llvm } satisfies WorkerSetup));
    this.#sent.catch(() => {}); // whoever asks is told
  }

  /** The worker's current tool and its last output. */
  get seen(): Seen {
    return this.#trace.look();
  }

  get isIdle(): boolean {
    return this.#isReady && !this.#isGone && this.#resolve === undefined;
  }

  /** Sets the files for the next requests. */
  open(project: Promise<WorkerProject>): void {
    this.#isReady = false;
    const opened = Promise.all([project, this.#sent]).then(([project]) => {
      this.#worker.postMessage(project);
      this.#isReady = true;
    });
    this.ready = Promise.race([this.#gone, opened]);
    this.ready.catch(() => {}); // whoever asks is told
  }

  /** Sends a request. Rejects only if the worker itself failed, or did not get its program. */
  async ask(request: WorkerRequest): Promise<WorkerResult> {
    await this.ready;
    for (;;) {
      const answer = new Promise<WorkerResult | WorkerLack>((resolve) => {
        this.#resolve = resolve;
      });
      this.#worker.postMessage(request);
      const result = await Promise.race([this.#gone, answer]);
      if (!('lacks' in result)) {
        this.#resolve = undefined;
        return result;
      }
      const archives = await Promise.race([this.#gone, this.assets.archives([result.lacks])]);
      this.#worker.postMessage({ archives } satisfies WorkerArchives);
    }
  }

  #hear(data: WorkerResult | WorkerLack | WorkerNews): void {
    if ('began' in data) this.#trace.begin(data.began);
    else if ('printed' in data) this.#trace.print(data.printed);
    else this.#resolve?.(data);
  }

  end(): void {
    this.#worker.terminate();
    this.#end(new Error('the worker was stopped'));
  }
}
