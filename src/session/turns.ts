import { ArtError } from '../errors.js';
import type { WebAbortSignal } from '../platform/web-types.js';

/** What is cancelled may come to its end by itself for so many milliseconds: a new worker takes as long to start. */
const GRACE = 200;

const cancelled = () => new ArtError('CANCELLED', 'the compilation was cancelled');

/** What work is told, and tells. */
export interface Turn {
  /** Aborts when the work is no longer wanted. */
  signal: AbortSignal;
  /** Says how the work is ended by force; called where it goes on for long after it was cancelled. */
  endWith(end: () => void): void;
}

/** Lets one piece of work after another have the one worker. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  readonly #waiting = new Set<AbortController>();

  /** @throws ArtError CANCELLED as soon as the signal says so, or `cancel` */
  async take<T>(signal: WebAbortSignal | undefined, work: (turn: Turn) => Promise<T>): Promise<T> {
    const stop = new AbortController();
    const forward = () => stop.abort();
    const given = signal as AbortSignal | undefined;
    if (given?.aborted) throw cancelled();
    given?.addEventListener('abort', forward);
    this.#waiting.add(stop);
    const aborted = new Promise<never>((_, reject) => {
      stop.signal.addEventListener('abort', () => reject(cancelled()));
    });
    const before = this.#last;
    const running = (async () => {
      await before;
      if (stop.signal.aborted) throw cancelled();
      return runUntil(stop.signal, work);
    })();
    this.#last = running.catch(() => {});
    try {
      return await Promise.race([running, aborted]);
    } finally {
      given?.removeEventListener('abort', forward);
      this.#waiting.delete(stop);
    }
  }

  /** Cancels all that runs or waits. */
  cancel(): void {
    for (const stop of this.#waiting) stop.abort();
  }
}

async function runUntil<T>(signal: AbortSignal, work: (turn: Turn) => Promise<T>): Promise<T> {
  let end = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = () => {
    timer = setTimeout(() => end(), GRACE);
  };
  signal.addEventListener('abort', onAbort);
  try {
    return await work({
      signal,
      endWith: (how) => {
        end = how;
      },
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
