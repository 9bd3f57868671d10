// How long a worker may take: its thread cannot be asked to stop, so whoever waits for it gives up.
import { DEFAULT_TIMEOUT, isOwnSource } from './limits.js';
import type { CommandRequest } from './requests.js';

/** What was waited for did not come in time. */
export class TimedOut extends Error {
  constructor(readonly seconds: number) {
    super(`it was not done after ${seconds} s`);
  }
}

/**
 * Waits for what a worker does, and no longer than it may take.
 * @param ready when the worker has its programs: the time that these take to come, perhaps over a network, does not count
 * @param seconds undefined for no limit
 * @throws TimedOut; the worker is then still at work, and is to be terminated
 */
export async function withinTime<T>(work: Promise<T>, ready: Promise<void>, seconds: number | undefined): Promise<T> {
  if (seconds === undefined) return work;
  work.catch(() => {}); // of a worker that is terminated afterwards
  await ready;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const rang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOut(seconds)), seconds * 1000);
  });
  try {
    return await Promise.race([work, rang]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits for a command of art's own tools, whose input may be anything.
 * @param late what is thrown where it takes too long
 */
export async function toolResult<T>(work: Promise<T>, ready: Promise<void>, late: (why: string) => Error): Promise<T> {
  try {
    return await withinTime(work, ready, DEFAULT_TIMEOUT);
  } catch (error) {
    throw error instanceof TimedOut ? late(error.message) : error;
  }
}

/** Seconds that a unit may take: a source of the user's, any time, unless one was named. */
export function unitTimeout(path: string, named: number | undefined): number | undefined {
  return named ?? (isOwnSource(path) ? undefined : DEFAULT_TIMEOUT);
}

/** The same for a command. `-x` says of any input that it is a source; '-' is one. */
export function commandTimeout({ program, args, timeout }: CommandRequest): number | undefined {
  const compiles =
    /^clang/.test(program) && args.some((arg) => isOwnSource(arg) || arg === '-' || /^-x[^i]?/.test(arg));
  return timeout ?? (compiles ? undefined : DEFAULT_TIMEOUT);
}
