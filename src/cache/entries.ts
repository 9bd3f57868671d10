// Reads entries of stores as untrusted data: anything that differs from what was written is not an entry.
import type { CacheStore } from '../platform/types.js';

export type Content = (bytes: Uint8Array) => Promise<string>;

type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const textIn = (fields: Fields, name: string): string | undefined =>
  typeof fields[name] === 'string' ? fields[name] : undefined;

/** The bytes that an entry names by their sha256. */
export async function bytesOf(sha256: unknown, store: CacheStore): Promise<Uint8Array | undefined> {
  return typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) ? store.content(sha256) : undefined;
}

/** Reads a map of names and bytes; undefined if some are missing. */
export async function allBytes(value: unknown, store: CacheStore): Promise<Map<string, Uint8Array> | undefined> {
  if (!isFields(value)) return undefined;
  const all = new Map<string, Uint8Array>();
  for (const [name, sha256] of Object.entries(value)) {
    const bytes = await bytesOf(sha256, store);
    if (bytes === undefined) return undefined;
    all.set(name, bytes);
  }
  return all;
}

/** Reads a list of pairs of strings. */
export const pairsIn = (value: unknown): [string, string][] | undefined =>
  Array.isArray(value) &&
  value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every((one) => typeof one === 'string'))
    ? (value as [string, string][])
    : undefined;
