// Where the time and the bytes of a build went: figures, for machines and for the page of report-page.ts.
import type { Manifest } from '../artifact/manifest.js';
import { compareBytes } from '../text/byte-order.js';
import type { Inspection } from './inspect.js';

/** One unit for one target. */
export interface UnitTime {
  unit: string;
  target: string;
  /** Since the build began, and how long it took. */
  start: number;
  seconds: number;
  /** It was in the cache. */
  cached: boolean;
  failed: boolean;
}

/** Bytes now and, where there is something to compare with, before; 0 where it was not there. */
export interface Sized {
  size: number;
  before?: number;
}

/** What a build was like. */
export interface BuildReport {
  package: string;
  targets: string[];
  seconds: number;
  /** Results of the cache; null where there was none. */
  cache: { hits: number; misses: number } | null;
  /** The longest first. */
  units: UnitTime[];
  /** The largest first, as the next two. */
  entries: (Sized & { path: string; type: string })[];
  /** Of all objects of a target together. */
  sections: (Sized & { target: string; name: string })[];
  /** The largest hundred of the objects, and with something to compare with, those that grew the most. */
  functions: (Sized & { target: string; entry: string; name: string })[];
}

const MAX_FUNCTIONS = 100;

/** What is in an artifact, by names that are the same in another build. */
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

/** Largest first; by name where they are as large. */
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
 * @param now the artifact, with sections and symbols
 * @param base another one, such as that of the last release
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
