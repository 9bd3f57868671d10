import type { Ask, ResultCache } from '../cache/cache.js';
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
import { LookAhead } from './look-ahead.js';

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

  get length(): number {
    return this.#jobs.length;
  }
}

/** The functions that handle jobs. */
export interface Work<J> {
  /** Makes the request to a worker; undefined if there is none, since something that the job needs is missing. */
  request: (job: J) => CompileRequest | undefined;
  started: (job: J) => void;
  /** Whether it takes little time to compile these jobs (see Toolchain.expectLittle). Default: it never does. */
  isLittle?: (jobs: readonly J[]) => boolean;
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
  work: Work<J>,
): Promise<void> {
  const { request, isReady = () => true, isLittle = () => false } = work;
  const { cache, signal } = schedule;
  const ahead = cache && new LookAhead({ cache, request, isLittle, signal });
  // Workers that are stopped reject their current request.
  const stop = () => void toolchain.close();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const leavesLittle = await (ahead ? ahead.begin(jobs, jobs.filter(isReady)) : isLittle(jobs));
    if (leavesLittle) toolchain.expectLittle?.();
    const modules: MadeModules = new Map();
    const run = () => runOnWorker(toolchain, schedule, work, ahead, modules);
    await inLanes(new Queue(jobs, isReady), schedule.workers, run, stop);
  } finally {
    signal?.removeEventListener('abort', stop);
    await toolchain.close();
    await ahead?.end();
  }
}

/** Makes a function that runs jobs on one worker. If all results are in the cache, it does not start one. */
function runOnWorker<J>(
  toolchain: Toolchain,
  schedule: Schedule,
  { request, started, asked = () => {}, finished }: Work<J>,
  ahead: LookAhead<J> | undefined,
  modules: MadeModules,
): (job: J) => Promise<void> {
  const { cache, signal } = schedule;
  let worker: CompileWorker | undefined;
  let isAsked = false;
  const make: Ask = (asking) => {
    isAsked = true;
    worker ??= toolchain.startWorker();
    asked(worker);
    return runJob(worker, asking, schedule);
  };
  const ask: Ask = cache ? (asking) => cache.unit(asking, make) : make;
  /** For a job's first request, whose result may have been looked for already. */
  const askFirst = (job: J): Ask => {
    const look = ahead?.take(job);
    return cache && look ? async (asking) => (await look) ?? cache.makeUnit(asking, make) : ask;
  };
  return async (job) => {
    signal?.throwIfAborted();
    const wanted = request(job);
    if (!wanted) return finished(job, undefined, false);
    started(job);
    isAsked = false;
    const result = await runWithModules(askFirst(job), ask, wanted, modules);
    if (result.failure && result.failure.kind !== 'diagnosed') {
      await worker?.terminate();
      worker = undefined;
    }
    await finished(job, result, !isAsked);
  };
}

/** Takes jobs from a queue in several lanes. @param stop called when one fails, to end the current jobs of the others */
async function inLanes<J>(
  queue: Queue<J>,
  count: number,
  makeRun: () => (job: J) => Promise<void>,
  stop: () => void,
): Promise<void> {
  const lane = async () => {
    const run = makeRun();
    try {
      for (let job = await queue.take(); job !== undefined; job = await queue.take()) {
        await run(job);
        queue.end();
      }
    } catch (error) {
      queue.clear();
      queue.end();
      stop();
      throw error;
    }
  };
  const lanes = Array.from({ length: Math.min(count, queue.length) }, lane);
  try {
    await Promise.all(lanes);
  } finally {
    queue.clear();
    await Promise.allSettled(lanes);
  }
}

/**
 * The modules of the standard library in a build, by name, target and flags. A CompileResult says why a module could
 * not be compiled.
 */
type MadeModules = Map<string, Promise<StandardModule | CompileResult>>;

/**
 * Runs a job. If it needs modules of the standard library, runs it again with them; each module is compiled once.
 * @param askFirst for the first run, `ask` for all others
 */
async function runWithModules(
  askFirst: Ask,
  ask: Ask,
  request: CompileRequest,
  made: MadeModules,
): Promise<CompileResult> {
  const modules: StandardModule[] = [];
  for (;;) {
    const result = await (modules.length > 0 ? ask({ ...request, modules }) : askFirst(request));
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
