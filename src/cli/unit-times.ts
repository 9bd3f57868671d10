// Measures from the events of a build how long each unit took.
import type { BuildEvent } from '../config/events.js';
import type { UnitTime } from '../index.js';

/** Collects the events of one build. */
export class UnitTimes {
  readonly #began = performance.now();
  readonly #started = new Map<string, number>();
  readonly #units: UnitTime[] = [];

  note(event: BuildEvent): void {
    const now = (performance.now() - this.#began) / 1000;
    if (event.type === 'started') this.#started.set(`${event.unit} ${event.target}`, now);
    if (event.type !== 'finished') return;
    const { unit, target, failed, cached = false } = event;
    const start = this.#started.get(`${unit} ${target}`) ?? now;
    this.#units.push({ unit, target, start, seconds: now - start, cached, failed });
  }

  /** The times, in seconds. */
  figures(): { seconds: number; units: readonly UnitTime[] } {
    return { seconds: (performance.now() - this.#began) / 1000, units: this.#units };
  }
}
