import { ArtError } from '../errors.js';
import type { WebAbortSignal } from '../platform/web-types.js';

/** How long, in milliseconds, cancelled work may take to end by itself. Starting a new worker takes about as long. */
const GRACE = 200;

const cancelled = () => new ArtError('CANCELLED', 'the compilation was cancelled');

/** What a piece of work gets when its turn comes. */
export interface Turn {
  /** Aborts when the work is cancelled. */
  signal: AbortSignal;
  /** Sets how to end the work by force, if it continues for long after it was cancelled. */
  endWith(end: () => void): void;
}

/** Gives the single worker to one piece of work after another. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();
  readonly #waiting = new Set<AbortController>();

  /**
   * Waits for a turn and does the work.
   * @throws ArtError CANCELLED as soon as the signal aborts or `cancel` is called
   */
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

  /** Cancels all work that is running or waiting. */
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
