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
 * Runs jobs on workers, each worker one job after another, in the given order.
 * A worker that breaks or takes too long is replaced and its job has failed; the
 * others go on. A worker whose program trapped is replaced as well.
 * @param finished is awaited before the worker takes its next job, which bounds what is in flight
 */
export async function runJobs<J>(
  jobs: readonly J[],
  toolchain: Toolchain,
  schedule: Schedule,
  request: (job: J) => CompileRequest,
  started: (job: J) => void,
  finished: (job: J, result: CompileResult) => Promise<void>,
): Promise<void> {
  const queue = [...jobs];
  const lane = async () => {
    let worker: CompileWorker | undefined;
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      schedule.signal?.throwIfAborted();
      worker ??= toolchain.startWorker();
      started(job);
      const result = await runJob(worker, request(job), schedule);
      if (result.failure && result.failure.kind !== 'diagnosed') {
        await worker.terminate();
        worker = undefined;
      }
      await finished(job, result);
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
    queue.length = 0;
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
