// Counts how well a profile fits a build, over all units and targets.
import { ArtError } from '../errors.js';
import { compareBytes } from '../text/byte-order.js';
import type { ProfileReport } from '../toolchain/requests.js';
import { addCounts } from './artifact-profile.js';
import { shortName } from './names.js';

/** Totals of a profile: the number of functions, and the sum of their counts. */
export interface ProfileTotals {
  functions: number;
  counts: number;
}

/** Match statistics, as in provenance. */
export interface ProfileMatches {
  functions: { total: number; matched: number; mismatched: number };
  counts: { total: number; matched: number };
  /** The share of the counts that matched functions have, from 0 to 1, to four digits. */
  share: number;
}

/** Why functions that a profile names could not use it. */
export const UNUSABLE = {
  samples: "their module was made without clang's -fprofile-sample-use; build it from its source",
  counters: 'counters of the front end do not apply to IR; count with --instrument=ir',
} as const;

const NAMED = 3;

/** The reports of the units of one part of a build, for merging the parts. */
export interface MatchRecord {
  /** Number of units that have reported. */
  reports: number;
  /** Number of functions that they define. */
  defined: number;
  /** Whether there were units to which counters of the front end cannot apply. */
  counters: boolean;
  /** The functions of the profile; `shown` is left out if it equals the name. */
  functions: { name: string; status: 'matched' | 'mismatched' | 'unused'; count?: number; shown?: string }[];
}

/** Collects the reports of units. A function counts as matched if any unit matches it. */
export class MatchCounter {
  readonly #matched = new Map<string, number>();
  /** The names as they are shown, by name. */
  readonly #mismatched = new Map<string, string>();
  readonly #unused = new Map<string, string>();
  #why: string = UNUSABLE.samples;
  #defined = 0;
  #reports = 0;

  /** Whether any unit has reported. */
  get isInformed(): boolean {
    return this.#reports > 0;
  }

  /** Adds the report of a unit. @param unusable why counters of the front end could not apply to it in any case */
  add({ functions, defined }: ProfileReport, unusable?: string): void {
    this.#reports++;
    this.#defined += defined;
    if (unusable !== undefined) this.#why = unusable;
    for (const { name, count, status, shown } of functions)
      if (status === 'matched') this.#matched.set(name, Math.max(count, this.#matched.get(name) ?? 0));
      else if (status === 'unused' || unusable !== undefined) this.#unused.set(name, shown ?? name);
      else this.#mismatched.set(name, shown ?? name);
  }

  /** Everything reported so far, sorted. */
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

  /** Adds the record of another part of the build. */
  addRecord({ reports, defined, counters, functions }: MatchRecord): void {
    this.#reports += reports;
    this.#defined += defined;
    if (counters) this.#why = UNUSABLE.counters;
    for (const { name, status, count = 0, shown = name } of functions)
      if (status === 'matched') this.#matched.set(name, Math.max(count, this.#matched.get(name) ?? 0));
      else (status === 'unused' ? this.#unused : this.#mismatched).set(name, shown);
  }

  /** The functions whose code has changed since the profile was made, sorted. */
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
      // Without counts, none can be missing.
      share: total === 0 ? 1 : Math.round((Math.min(matched, total) / total) * 10_000) / 10_000,
    };
  }

  /** @throws ArtError PROFILE_UNMATCHED if the profile matches no function of the build */
  check(): void {
    if (this.#matched.size > 0) return;
    const { mismatched } = this;
    const unused = this.#apart(this.#unused);
    const why =
      mismatched.length > 0
        ? `the code of ${someOf(mismatched)} has changed since it was made; record it again`
        : unused.length > 0
          ? `it has ${someOf(unused)}, but ${this.#why}`
          : `none of the ${this.#defined} functions here has a name in it; is it of this program?`;
    throw new ArtError('PROFILE_UNMATCHED', `the profile matches no function of the build: ${why}`);
  }

  /** Warnings about functions that the profile names and does not match. */
  warnings(): string[] {
    const { mismatched } = this;
    const unused = this.#apart(this.#unused);
    const said: string[] = [];
    if (mismatched.length > 0)
      said.push(
        `the profile is older than the code of ${someOf(mismatched)}, for which it was not used: record it again`,
      );
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
