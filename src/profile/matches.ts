// How a profile fits a build, over all of its units and targets.
import { ArtError } from '../errors.js';
import { compareBytes } from '../text/byte-order.js';
import type { ProfileReport } from '../toolchain/requests.js';
import { addCounts } from './artifact-profile.js';
import { shortName } from './names.js';

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

/** Why functions that a profile knows could not use it. */
export const UNUSABLE = {
  samples: "their module was made without clang's -fprofile-sample-use; build it from its source",
  counters: 'counters of the front end do not apply to IR; count with --instrument=ir',
} as const;

const NAMED = 3;

/** What the units of one part of a build have reported, for those who put the parts together. */
export interface MatchRecord {
  /** Units that could tell. */
  reports: number;
  /** Functions that they define. */
  defined: number;
  /** Whether there were units that counters of the front end do not apply to. */
  counters: boolean;
  /** `shown` is left out where it is the name. */
  functions: { name: string; status: 'matched' | 'mismatched' | 'unused'; count?: number; shown?: string }[];
}

/** Gathers the reports of units. A function that any of them matches is matched. */
export class MatchCounter {
  readonly #matched = new Map<string, number>();
  /** Names, as they are shown. */
  readonly #mismatched = new Map<string, string>();
  readonly #unused = new Map<string, string>();
  #why: string = UNUSABLE.samples;
  #defined = 0;
  #reports = 0;

  /** Whether any unit could tell. */
  get isInformed(): boolean {
    return this.#reports > 0;
  }

  /** @param unusable why code that counters do not fit could not have used them in any case */
  add({ functions, defined }: ProfileReport, unusable?: string): void {
    this.#reports++;
    this.#defined += defined;
    if (unusable !== undefined) this.#why = unusable;
    for (const { name, count, status, shown } of functions)
      if (status === 'matched') this.#matched.set(name, Math.max(count, this.#matched.get(name) ?? 0));
      else if (status === 'unused' || unusable !== undefined) this.#unused.set(name, shown ?? name);
      else this.#mismatched.set(name, shown ?? name);
  }

  /** All that is known so far; sorted. */
  get record(): MatchRecord {
    const named = (names: ReadonlyMap<string, string>, status: 'mismatched' | 'unused') =>
      [...names].map(([name, shown]) => ({ name, status, ...(shown !== name && { shown }) }));
    return {
      reports: this.#reports,
      defined: this.#defined,
      counters: this.#why === UNUSABLE.counters,
      functions: [
        ...[...this.#matched].map(([name, count]) => ({ name, status: 'matched' as const, count })),
        ...named(this.#mismatched, 'mismatched'),
        ...named(this.#unused, 'unused'),
      ].sort((a, b) => compareBytes(a.name, b.name) || compareBytes(a.status, b.status)),
    };
  }

  /** Adds what another part of the build knows. */
  addRecord({ reports, defined, counters, functions }: MatchRecord): void {
    this.#reports += reports;
    this.#defined += defined;
    if (counters) this.#why = UNUSABLE.counters;
    for (const { name, status, count = 0, shown = name } of functions)
      if (status === 'matched') this.#matched.set(name, Math.max(count, this.#matched.get(name) ?? 0));
      else (status === 'unused' ? this.#unused : this.#mismatched).set(name, shown);
  }

  /** Known by name, but other code than when the profile was made; sorted. */
  get mismatched(): string[] {
    return this.#apart(this.#mismatched);
  }

  #apart(names: ReadonlyMap<string, string>): string[] {
    return [...names]
      .filter(([name]) => !this.#matched.has(name))
      .sort(([a], [b]) => compareBytes(a, b))
      .map(([, shown]) => shown);
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
    const { mismatched } = this;
    const unused = this.#apart(this.#unused);
    const why =
      mismatched.length > 0
        ? `the code of ${someOf(mismatched)} is another than when it was made; make it anew`
        : unused.length > 0
          ? `it has ${someOf(unused)}, but ${this.#why}`
          : `none of the ${this.#defined} functions here has a name in it; is it of this program?`;
    throw new ArtError('PROFILE_UNMATCHED', `the profile matches no function of the build: ${why}`);
  }

  /** What the user should know of functions that the profile knows by name and does not match. */
  warnings(): string[] {
    const { mismatched } = this;
    const unused = this.#apart(this.#unused);
    const said: string[] = [];
    if (mismatched.length > 0)
      said.push(`the profile is older than the code of ${someOf(mismatched)}, for which it was not used: make it anew`);
    if (unused.length > 0) said.push(`the profile was not used for ${someOf(unused)}: ${this.#why}`);
    return said;
  }
}

function someOf(names: readonly string[]): string {
  const named = names
    .slice(0, NAMED)
    .map((name) => `'${shortName(name)}'`)
    .join(', ');
  return names.length > NAMED ? `${named} and ${names.length - NAMED} more` : named;
}
