// Figures of a build, its times and its sizes, for programs and for the HTML page of report-page.ts.
import type { Manifest } from '../artifact/manifest.js';
import { compareBytes } from '../text/byte-order.js';
import type { Inspection } from './inspect.js';

/** The compilation of one unit for one target. */
export interface UnitTime {
  /** Path of the unit, as the user wrote it. */
  unit: string;
  /** The triple. */
  target: string;
  /** When it started, in seconds since the build began. */
  start: number;
  /** How long it took, in seconds. */
  seconds: number;
  /** Whether the result came from the cache. */
  cached: boolean;
  /** Whether it failed. */
  failed: boolean;
}

/** A size, and if another artifact is compared, the size there. */
export interface Sized {
  /** Bytes in this artifact; 0 if it is only in the other. */
  size: number;
  /** Bytes in the artifact that is compared; 0 if it is only in this one. Left out if none is compared. */
  before?: number;
}

/** Figures of a build: how long units took, and what the bytes are used for. */
export interface BuildReport {
  /** Name of the package. */
  package: string;
  /** The triples. */
  targets: string[];
  /** How long the whole build took, in seconds. */
  seconds: number;
  /** How many results were found in the cache and how many were not; null if no cache was used. */
  cache: { hits: number; misses: number } | null;
  /** The compilations, longest first. */
  units: UnitTime[];
  /** The entries of the artifact, largest first. */
  entries: (Sized & { path: string; type: string })[];
  /** Sections by target and name, each summed over all objects of the target; largest first. */
  sections: (Sized & { target: string; name: string })[];
  /** The hundred largest functions of the objects; if another artifact is compared, those that grew the most. */
  functions: (Sized & { target: string; entry: string; name: string })[];
}

const MAX_FUNCTIONS = 100;

/** What is in an artifact, with keys that stay the same in another build. */
interface Contents {
  entries: Map<string, Sized & { path: string; type: string }>;
  sections: Map<string, Sized & { target: string; name: string }>;
  functions: Map<string, Sized & { target: string; entry: string; name: string }>;
}

function contentsOf({ files }: Inspection): Contents {
  const found: Contents = { entries: new Map(), sections: new Map(), functions: new Map() };
  for (const { path, type, size, target, contents } of files) {
    found.entries.set(path, { path, type: type ?? '', size: size ?? 0 });
    if (!type?.startsWith('object/') || target === null || !contents) continue;
    for (const section of contents.sections ?? []) {
      const key = `${target} ${section.name}`;
      const sum = found.sections.get(key) ?? { target, name: section.name, size: 0 };
      sum.size += section.size;
      if (sum.size > 0) found.sections.set(key, sum);
    }
    for (const { name, type: kind, defined, size: bytes = 0 } of contents.symbols)
      if (kind === 'function' && defined && bytes > 0)
        found.functions.set(`${path} ${name}`, { target, entry: path, name, size: bytes });
  }
  return found;
}

/** Sorts by size, largest first, then by name. */
function sorted<T extends Sized>(now: Map<string, T>, before: Map<string, T> | undefined): T[] {
  const all = new Map<string, T>();
  for (const [key, one] of now) all.set(key, before ? { ...one, before: before.get(key)?.size ?? 0 } : one);
  for (const [key, one] of before ?? []) if (!now.has(key)) all.set(key, { ...one, size: 0, before: one.size });
  return [...all].sort(([a, { size: x }], [b, { size: y }]) => y - x || compareBytes(a, b)).map(([, one]) => one);
}

export const growthOf = ({ size, before = size }: Sized): number => size - before;

function mostOf<T extends Sized>(all: readonly T[]): T[] {
  const grown = [...all].filter((one) => growthOf(one) > 0).sort((a, b) => growthOf(b) - growthOf(a));
  const chosen = new Set([...all.slice(0, MAX_FUNCTIONS), ...grown.slice(0, MAX_FUNCTIONS)]);
  return all.filter((one) => chosen.has(one) && one.size > 0);
}

/**
 * Makes a report.
 * @param now the artifact, inspected with sections and symbols
 * @param base another artifact to compare with, such as that of the last release
 */
export function makeReport(
  manifest: Manifest,
  times: { seconds: number; units: readonly UnitTime[]; cache: BuildReport['cache'] },
  now: Inspection,
  base?: Inspection,
): BuildReport {
  const [own, other] = [contentsOf(now), base && contentsOf(base)];
  return {
    package: manifest.package,
    targets: manifest.targets,
    seconds: times.seconds,
    cache: times.cache,
    units: [...times.units].sort((a, b) => b.seconds - a.seconds),
    entries: sorted(own.entries, other?.entries),
    sections: sorted(own.sections, other?.sections),
    functions: mostOf(sorted(own.functions, other?.functions)),
  };
}
