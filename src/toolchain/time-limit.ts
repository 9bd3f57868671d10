// Time limits of workers. A busy thread cannot be asked to stop, so the waiting side gives up.
import { DEFAULT_TIMEOUT, isOwnSource } from './limits.js';
import type { CommandRequest } from './requests.js';

/** Thrown when a time limit is reached. */
export class TimedOut extends Error {
  constructor(readonly seconds: number) {
    super(`it was not done after ${seconds} s`);
  }
}

/**
 * Waits for a worker until a time limit.
 * @param ready resolves when the worker has its programs; the time to load them, perhaps over a network, does not count
 * @param seconds the limit; undefined for none
 * @throws TimedOut; the worker is then still busy and must be terminated
 */
export async function withinTime<T>(work: Promise<T>, ready: Promise<void>, seconds: number | undefined): Promise<T> {
  if (seconds === undefined) return work;
  work.catch(() => {}); // it rejects when the worker is terminated afterwards
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
 * Waits for a command of art's own tools, whose input may be hostile.
 * @param late makes the error that is thrown if it takes too long
 */
export async function toolResult<T>(work: Promise<T>, ready: Promise<void>, late: (why: string) => Error): Promise<T> {
  try {
    return await withinTime(work, ready, DEFAULT_TIMEOUT);
  } catch (error) {
    throw error instanceof TimedOut ? late(error.message) : error;
  }
}

/** The time limit of a unit in seconds: none for a source, unless one was named. */
export function unitTimeout(path: string, named: number | undefined): number | undefined {
  return named ?? (isOwnSource(path) ? undefined : DEFAULT_TIMEOUT);
}

/** The time limit of a command in seconds. With `-x`, or from '-', any input is a source. */
export function commandTimeout({ program, args, timeout }: CommandRequest): number | undefined {
  const compiles =
    /^clang/.test(program) && args.some((arg) => isOwnSource(arg) || arg === '-' || /^-x[^i]?/.test(arg));
  return timeout ?? (compiles ? undefined : DEFAULT_TIMEOUT);
}
