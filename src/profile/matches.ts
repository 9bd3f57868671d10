// How a profile fits a build, over all of its units and targets.
import { compareBytes } from '../compare.js';
import { ArtError } from '../errors.js';
import type { ProfileReport } from '../toolchain/compile.js';
import { addCounts } from './artifact-profile.js';

/** What a profile holds: functions, and the sum of their counts. */
export interface ProfileTotals {
  functions: number;
  counts: number;
}

/** Match statistics, as provenance has them. */
export interface ProfileMatches {
  functions: { total: number; matched: number; mismatched: number };
  counts: { total: number; matched: number };
  /** Of counts, matched of total: 0 to 1, to four digits. */
  share: number;
}

const NAMED = 3;

/** Gathers the reports of units. A function that any of them matches is matched. */
export class MatchCounter {
  readonly #matched = new Map<string, number>();
  readonly #mismatched = new Set<string>();
  #defined = 0;
  #reports = 0;

  /** Whether any unit could tell. */
  get isInformed(): boolean {
    return this.#reports > 0;
  }

  add({ functions, defined }: ProfileReport): void {
    this.#reports++;
    this.#defined += defined;
    for (const { name, count, status } of functions)
      if (status === 'mismatched') this.#mismatched.add(name);
      else this.#matched.set(name, Math.max(count, this.#matched.get(name) ?? 0));
  }

  /** Known by name, but other code than when the profile was made; sorted. */
  get mismatched(): string[] {
    return [...this.#mismatched].filter((name) => !this.#matched.has(name)).sort(compareBytes);
  }

  matches({ functions, counts }: ProfileTotals): ProfileMatches {
    const matched = [...this.#matched.values()].reduce(addCounts, 0);
    const total = Math.min(counts, Number.MAX_SAFE_INTEGER);
    return {
      functions: { total: functions, matched: this.#matched.size, mismatched: this.mismatched.length },
      counts: { total, matched: Math.min(matched, total) },
      // Without counts there is nothing of which any could be missing.
      share: total === 0 ? 1 : Math.round((Math.min(matched, total) / total) * 10_000) / 10_000,
    };
  }

  /**
   * @throws ArtError PROFILE_UNMATCHED where the profile says nothing about any function of the build
   */
  check(): void {
    if (this.#matched.size > 0) return;
    const why =
      this.mismatched.length > 0
        ? `the code of ${someOf(this.mismatched)} is another than when it was made; make it anew`
        : `none of the ${this.#defined} functions here has a name in it; is it of this program?`;
    throw new ArtError('PROFILE_UNMATCHED', `the profile matches no function of the build: ${why}`);
  }

  /** What the user should know; undefined where all functions that are known by name match. */
  warning(): string | undefined {
    const { mismatched } = this;
    if (mismatched.length === 0) return undefined;
    return `the profile is older than the code of ${someOf(mismatched)}, for which it was not used: make it anew`;
  }
}

function someOf(names: readonly string[]): string {
  const named = names
    .slice(0, NAMED)
    .map((name) => `'${name}'`)
    .join(', ');
  return names.length > NAMED ? `${named} and ${names.length - NAMED} more` : named;
}
