import { ArtError, messageOf } from '../errors.js';
import type { CompileWorker, Toolchain } from '../platform/types.js';
import { showPaths } from '../toolchain/diagnostics.js';
import type { CompileFailure, CompileRequest, CompileResult } from '../toolchain/requests.js';
import { TimedOut, unitTimeout, withinTime } from '../toolchain/time-limit.js';
import { lastLines, type Seen } from '../toolchain/trace.js';

/** How jobs are run. */
export interface Schedule {
  /** Jobs at once. */
  workers: number;
  /** Seconds for one job; undefined for what is usual: a limit where its input is no source of the user's. */
  timeout: number | undefined;
  signal: AbortSignal | undefined;
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
  /**
   * Awaited before the worker takes its next job, which bounds what is in flight.
   * @param result undefined where nothing was asked of a worker
   */
  finished: (job: J, result: CompileResult | undefined) => Promise<void>;
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
  { request, started, finished, isReady = () => true }: Work<J>,
): Promise<void> {
  const queue = new Queue(jobs, isReady);
  const lane = async () => {
    let worker: CompileWorker | undefined;
    const run = async (job: J) => {
      schedule.signal?.throwIfAborted();
      const asked = request(job);
      if (!asked) return finished(job, undefined);
      worker ??= toolchain.startWorker();
      started(job);
      const result = await runJob(worker, asked, schedule);
      if (result.failure && result.failure.kind !== 'diagnosed') {
        await worker.terminate();
        worker = undefined;
      }
      await finished(job, result);
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
