// Compiles shortly after the user's last change. A compilation whose text has changed again is cancelled.
import type * as Art from '../../../src/browser.js';

/** One unit to compile for one output. */
export interface Work {
  /** The index of the output, from 0. */
  at: number;
  unit: string;
  target: string;
  flags: string[];
  profiles: string[];
  wants: readonly Art.Wanted[];
  demangle: boolean;
}

/**
 * Limits, in milliseconds, on the delay between the last key and the compilation: short enough not to be noticed, and
 * shorter if the last compilation was fast.
 */
const [SOONEST, LATEST] = [25, 350];

export class Compiler {
  #running: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #took = 100;

  constructor(readonly session: Art.Session) {}

  /**
   * Compiles after the delay, or at once.
   * @param plan called then, returns what to compile
   * @param done called with each result; not for a compilation that was cancelled
   */
  schedule(
    plan: () => { files: ReadonlyMap<string, string>; works: Work[] },
    done: (at: number, result: Art.Compilation, milliseconds: number) => void,
    failed: (at: number, error: unknown) => void,
    atOnce = false,
  ): void {
    clearTimeout(this.#timer);
    const wait = atOnce ? 0 : Math.min(LATEST, Math.max(SOONEST, this.#took / 4));
    this.#timer = setTimeout(() => void this.#compile(plan, done, failed), wait);
  }

  async #compile(
    plan: () => { files: ReadonlyMap<string, string>; works: Work[] },
    done: (at: number, result: Art.Compilation, milliseconds: number) => void,
    failed: (at: number, error: unknown) => void,
  ): Promise<void> {
    this.#running?.abort();
    const running = new AbortController();
    this.#running = running;
    const { files, works } = plan();
    for (const { at, unit, target, flags, profiles, wants, demangle } of works) {
      const started = performance.now();
      try {
        const result = await this.session.compile(files, {
          ...{ unit, target, flags, wants, demangle, signal: running.signal },
          ...(profiles.length > 0 && { withProfile: profiles }),
        });
        if (running.signal.aborted) return;
        const took = performance.now() - started;
        this.#took = took;
        done(at, result, took);
      } catch (error) {
        if (running.signal.aborted) return;
        failed(at, error);
      }
    }
  }
}
