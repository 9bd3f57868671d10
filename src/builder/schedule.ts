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
  /** Jobs at once. */
  workers: number;
  /** Seconds for one job; undefined for what is usual: a limit where its input is no source of the user's. */
  timeout: number | undefined;
  signal: AbortSignal | undefined;
  cache?: ResultCache | undefined;
}

/**
 * Jobs that wait their turn, in order; one that has to wait for another is passed over.
 * @param isReady asked again whenever a job has ended
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

  /** The next job, as soon as one is ready; undefined where there is none, or the rest waits for what nobody does. */
  async take(): Promise<J | undefined> {
    for (;;) {
      const at = this.#jobs.findIndex(this.isReady);
      if (at >= 0) this.#running++;
      if (at >= 0) return this.#jobs.splice(at, 1)[0];
      if (this.#jobs.length === 0 || this.#running === 0) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** A job that was taken has ended. */
  end(): void {
    this.#running--;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  clear(): void {
    this.#jobs.length = 0;
  }
}

/** What becomes of jobs. */
export interface Work<J> {
  /** What is asked of a worker; undefined where nothing is, since what the job needs is not there. */
  request: (job: J) => CompileRequest | undefined;
  started: (job: J) => void;
  /** A worker is about to be asked, since the result was in no cache. */
  asked?: () => void;
  /**
   * Awaited before the worker takes its next job, which bounds what is in flight.
   * @param result undefined where nothing was asked of a worker
   * @param isCached no worker was
   */
  finished: (job: J, result: CompileResult | undefined, isCached: boolean) => Promise<void>;
  /** Whether all is done that a job waits for. Default: it waits for nothing. */
  isReady?: (job: J) => boolean;
}

/**
 * Runs jobs on workers, each worker one job after another, in the given order.
 * A worker that breaks or takes too long is replaced and its job has failed; the
 * others go on. A worker whose program trapped is replaced as well.
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
    // Where all is in the cache, none is started.
    let isAsked = false;
    const ask: Ask = (asking) => {
      isAsked = true;
      asked();
      worker ??= toolchain.startWorker();
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
  // Workers that are stopped reject what they were at.
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

/** The standard library's modules of a build, by name, target and flags; a result is why one could not be made. */
type MadeModules = Map<string, Promise<StandardModule | CompileResult>>;

/** Has one request answered. */
type Ask = (request: CompileRequest) => Promise<CompileResult>;

/** The same, with what is in the cache, and is put there. */
const cached = (ask: Ask, cache: ResultCache | undefined): Ask => (cache ? (request) => cache.unit(request, ask) : ask);

/** Runs a job, and again with the modules of the standard library that it turns out to import: each is made once. */
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

/** The module for a unit, made by the worker where no other has begun to make it. */
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

/** Bytes that threads share, where there is such memory: pages may have none. */
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
    // Without its programs no worker gets further.
    if (schedule.signal?.aborted || error instanceof ArtError) throw error;
    const timedOut = error instanceof TimedOut;
    const how = timedOut ? `${error.seconds} s` : messageOf(error);
    const failure = workerFailure(timedOut ? 'timed-out' : 'worker-lost', how, request, worker.seen());
    return { failure, diagnostics: '', read: [] };
  }
}

/** @param how after how long, or by what */
function workerFailure(
  kind: 'timed-out' | 'worker-lost',
  how: string,
  { shown, triple }: CompileRequest,
  { program, stderr }: Seen,
): CompileFailure {
  const where = `${shown.unit.shown} for ${triple}`;
  const what =
    kind === 'timed-out'
      ? `${where} was not done after ${how}: raise --timeout, or mend it`
      : `the worker that compiled ${where} broke down: ${how}`;
  if (program === undefined) return { kind, message: what };
  const last = lastLines(showPaths(stderr, shown));
  return { kind, program, message: `${what}; ${program} was at work${last && ` and last said:\n${last}`}` };
}
