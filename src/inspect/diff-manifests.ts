// Compares two manifests, except their entries and archives.
import type { ReadManifest } from '../artifact/manifest.js';

/** A key whose values differ. A value is undefined if that manifest does not have the key. */
export interface KeyDifference {
  /** Path of the key, such as `provenance.flags` or `provenance.sources["src/a.c"]`. */
  key: string;
  /** Its value in the first manifest. */
  a: unknown;
  /** Its value in the second manifest. */
  b: unknown;
}

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Lists whose items have a name: items of the same name are compared. */
const NAMED: Readonly<Record<string, (item: Json) => string>> = {
  'provenance.programs': (item) => String(item.name),
  'provenance.sysroots': (item) => String(item.name),
  'provenance.sources': (item) => String(item.path),
  'provenance.unit_flags': (item) => `${item.source}${item.variant ? `.${item.variant}` : ''}`,
};

/** Every key whose values differ, in the order of the first manifest. */
export function diffManifests(a: ReadManifest, b: ReadManifest): KeyDifference[] {
  const { entries: _a, archive: __a, ...first } = a;
  const { entries: _b, archive: __b, ...second } = b;
  return diffValues('', first, second);
}

function diffValues(key: string, a: unknown, b: unknown): KeyDifference[] {
  const name = NAMED[key];
  if (name && Array.isArray(a) && Array.isArray(b)) return diffNamed(key, a, b, name);
  if (!isObject(a) || !isObject(b)) return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ key, a, b }];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((inner) => diffValues(key === '' ? inner : `${key}.${inner}`, a[inner], b[inner]));
}

function diffNamed(key: string, a: Json[], b: Json[], name: (item: Json) => string): KeyDifference[] {
  const first = new Map(a.map((item) => [name(item), item]));
  const second = new Map(b.map((item) => [name(item), item]));
  const differences = [...new Set([...first.keys(), ...second.keys()])]
    .filter((item) => JSON.stringify(first.get(item)) !== JSON.stringify(second.get(item)))
    .map((item) => ({ key: `${key}[${JSON.stringify(item)}]`, a: first.get(item), b: second.get(item) }));
  const isReordered = differences.length === 0 && JSON.stringify(a) !== JSON.stringify(b);
  return isReordered ? [{ key, a: a.map(name), b: b.map(name) }] : differences;
}
