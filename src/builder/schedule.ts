import type { ResultCache } from '../cache/cache.js';
import { ArtError, messageOf } from '../errors.js';
import type { CompileWorker, Toolchain } from '../platform/types.js';
import { showPaths } from '../toolchain/diagnostics.js';
import type {
  CompileFailure,
  CompileRequest,
  CompileResult,
  ModuleName,
  StandardModule,
} from '../toolchain/requests.js';
import { IMPORTS, moduleFlags } from '../toolchain/standard-modules.js';
import { TimedOut, unitTimeout, withinTime } from '../toolchain/time-limit.js';
import { lastLines, type Seen } from '../toolchain/trace.js';

/** How jobs are run. */
export interface Schedule {
  /** Number of jobs at the same time. */
  workers: number;
  /** Time limit of one job in seconds; undefined for the default: none for sources, a limit for other input. */
  timeout: number | undefined;
  signal: AbortSignal | undefined;
  cache?: ResultCache | undefined;
}

/**
 * A queue of jobs. A job that has to wait for another is skipped until it is ready.
 * @param isReady is called again whenever a job has ended
 */
class Queue<J> {
  readonly #jobs: J[];
  #running = 0;
  #waiting: (() => void)[] = [];

  constructor(
    jobs: readonly J[],
    readonly isReady: (job: J) => boolean,
  ) {
    this.#jobs = [...jobs];
  }

  /**
   * Takes the next job as soon as one is ready; undefined if there is none, or if the rest waits for something that no
   * job does.
   */
  async take(): Promise<J | undefined> {
    for (;;) {
      const at = this.#jobs.findIndex(this.isReady);
      if (at >= 0) this.#running++;
      if (at >= 0) return this.#jobs.splice(at, 1)[0];
      if (this.#jobs.length === 0 || this.#running === 0) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Tells the queue that a job has ended. */
  end(): void {
    this.#running--;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  clear(): void {
    this.#jobs.length = 0;
  }
}

/** The functions that handle jobs. */
export interface Work<J> {
  /** Makes the request to a worker; undefined if there is none, since something that the job needs is missing. */
  request: (job: J) => CompileRequest | undefined;
  started: (job: J) => void;
  /** Called when a request goes to a worker, since its result was not in a cache. */
  asked?: (worker: CompileWorker) => void;
  /**
   * Called with the result. The worker waits for it before it takes its next job, which limits the number of unfinished
   * results.
   * @param result undefined if there was no request
   * @param isCached the result came from the cache
   */
  finished: (job: J, result: CompileResult | undefined, isCached: boolean) => Promise<void>;
  /** Whether everything that a job waits for is done. Default: it waits for nothing. */
  isReady?: (job: J) => boolean;
}

/**
 * Runs jobs on workers, in the given order; each worker runs one job after another. If a worker fails or takes too
 * long, it is replaced, its job has failed, and the others continue. A worker whose program trapped is replaced as
 * well.
 */
export async function runJobs<J>(
  jobs: readonly J[],
  toolchain: Toolchain,
  schedule: Schedule,
  { request, started, asked = () => {}, finished, isReady = () => true }: Work<J>,
): Promise<void> {
  const queue = new Queue(jobs, isReady);
  const modules: MadeModules = new Map();
  const lane = async () => {
    let worker: CompileWorker | undefined;
    // If all results are in the cache, no worker is started.
    let isAsked = false;
    const ask: Ask = (asking) => {
      isAsked = true;
      worker ??= toolchain.startWorker();
      asked(worker);
      return runJob(worker, asking, schedule);
    };
    const run = async (job: J) => {
      schedule.signal?.throwIfAborted();
      const wanted = request(job);
      if (!wanted) return finished(job, undefined, false);
      started(job);
      isAsked = false;
      const result = await runWithModules(cached(ask, schedule.cache), wanted, modules);
      if (result.failure && result.failure.kind !== 'diagnosed') {
        await worker?.terminate();
        worker = undefined;
      }
      await finished(job, result, !isAsked);
    };
    try {
      for (let job = await queue.take(); job !== undefined; job = await queue.take()) {
        await run(job);
        queue.end();
      }
    } catch (error) {
      queue.clear();
      queue.end();
      throw error;
    }
  };
  // Workers that are stopped reject their current request.
  const stop = () => void toolchain.close();
  schedule.signal?.addEventListener('abort', stop, { once: true });
  const lanes = Array.from({ length: Math.min(schedule.workers, jobs.length) }, lane);
  try {
    await Promise.all(lanes);
  } finally {
    schedule.signal?.removeEventListener('abort', stop);
    queue.clear();
    await toolchain.close();
    await Promise.allSettled(lanes);
  }
}

/**
 * The modules of the standard library in a build, by name, target and flags. A CompileResult says why a module could
 * not be compiled.
 */
type MadeModules = Map<string, Promise<StandardModule | CompileResult>>;

/** Sends a request and returns the result. */
type Ask = (request: CompileRequest) => Promise<CompileResult>;

/** The same, with what is in the cache, and is put there. */
const cached = (ask: Ask, cache: ResultCache | undefined): Ask => (cache ? (request) => cache.unit(request, ask) : ask);

/** Runs a job. If it needs modules of the standard library, runs it again with them; each module is compiled once. */
async function runWithModules(ask: Ask, request: CompileRequest, made: MadeModules): Promise<CompileResult> {
  const modules: StandardModule[] = [];
  for (;;) {
    const result = await ask({ ...request, ...(modules.length > 0 && { modules }) });
    if (result.needs === undefined) return result;
    for (const name of [...IMPORTS[result.needs], result.needs]) {
      if (modules.some((module) => module.name === name)) continue;
      const module = await moduleFor(name, ask, { ...request, modules: [...modules] }, made);
      if (!('name' in module)) return module;
      modules.push(module);
    }
  }
}

/** Returns the module for a unit. The worker compiles it, unless another worker has begun to. */
function moduleFor(
  name: ModuleName,
  ask: Ask,
  request: CompileRequest,
  made: MadeModules,
): Promise<StandardModule | CompileResult> {
  const key = JSON.stringify([name, request.triple, moduleFlags(request.flags)]);
  const make = async (): Promise<StandardModule | CompileResult> => {
    const result = await ask({ ...request, makes: name });
    return result.module ? { name, bytes: shared(result.module) } : result;
  };
  const making = made.get(key) ?? make();
  made.set(key, making);
  return making;
}

/** Copies bytes to shared memory if it exists, which most pages may not use. */
function shared(bytes: Uint8Array): Uint8Array {
  if (typeof SharedArrayBuffer === 'undefined') return bytes;
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}

async function runJob(worker: CompileWorker, request: CompileRequest, schedule: Schedule): Promise<CompileResult> {
  const seconds = unitTimeout(request.path, schedule.timeout);
  try {
    return await withinTime(worker.compile(request), worker.ready, seconds);
  } catch (error) {
    // Without the program no worker can continue.
    if (schedule.signal?.aborted || error instanceof ArtError) throw error;
    const timedOut = error instanceof TimedOut;
    const how = timedOut ? `${error.seconds} s` : messageOf(error);
    const failure = workerFailure(timedOut ? 'timed-out' : 'worker-lost', how, request, worker.seen());
    return { failure, diagnostics: '', read: [] };
  }
}

/** Makes the failure of a job whose worker failed. @param how the time limit, or the error */
function workerFailure(
  kind: 'timed-out' | 'worker-lost',
  how: string,
  { shown, triple }: CompileRequest,
  { program, stderr }: Seen,
): CompileFailure {
  const where = `${shown.unit.shown} for ${triple}`;
  const what =
    kind === 'timed-out'
      ? `${where} was not done after ${how}: raise --timeout, or simplify it`
      : `the worker that compiled ${where} ended unexpectedly: ${how}`;
  if (program === undefined) return { kind, message: what };
  const last = lastLines(showPaths(stderr, shown));
  return { kind, program, message: `${what}; ${program} was at work${last && ` and last said:\n${last}`}` };
}
