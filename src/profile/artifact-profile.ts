// The artifact profile, JSON v1: how often functions ran, and how often each called each other.
import { ArtError } from '../errors.js';
import { compareBytes } from '../text/byte-order.js';
import { parseJson } from '../text/json.js';
import { PROFILE_LIMITS } from '../text/limits.js';
import { explainIssues } from '../text/schema-issues.js';

/** The caller of entry points. */
export const ROOT = '<root>';

/** Calls of one function by another. */
export interface ProfileEdge {
  /** `<root>` for an entry point's. */
  caller: string;
  /** The function that was called. */
  callee: string;
  /** How often. */
  count: number;
}

/** Counts are whole numbers up to 2^53 - 1, where they stay. */
export interface ArtifactProfile {
  /** Sorted by name. */
  functions: ReadonlyMap<string, number>;
  /** Sorted by caller, then callee; each pair once. */
  edges: readonly ProfileEdge[];
}

/** The sum of counts, which stays at the largest there is. */
export const addCounts = (a: number, b: number) => Math.min(a + b, Number.MAX_SAFE_INTEGER);

/**
 * Reads an artifact profile.
 * @param shown the file as messages name it
 * @throws ArtError PROFILE_INVALID, naming line and column of a syntax error, the version, or every field at fault
 */
export async function readArtifactProfile(bytes: Uint8Array, shown: string): Promise<ArtifactProfile> {
  const json = parseJson(bytes, shown, 'PROFILE_INVALID', PROFILE_LIMITS) as {
    version?: unknown;
    functions?: object;
    edges?: object;
  };
  const { version } = json ?? {};
  if (version !== undefined && version !== 1)
    throw new ArtError(
      'PROFILE_INVALID',
      `'${shown}' is an artifact profile of version ${JSON.stringify(version)}: this version of art reads version 1; use a newer one`,
    );
  const { profileSchema, profileSchemaFor } = await import('./profile-schema.js');
  const parsed = profileSchemaFor(json?.edges).safeParse(json);
  if (!parsed.success)
    throw new ArtError(
      'PROFILE_INVALID',
      `'${shown}' is no valid artifact profile:\n${explainIssues(parsed.error, json, Object.keys(profileSchema.shape))}`,
    );
  return artifactProfile(namedCounts(json?.functions, shown), edgesOf(parsed.data.edges));
}

/** Checked entries of the file itself: zod leaves '__proto__' out, which is as good a symbol as any. */
function namedCounts(functions: object | undefined, shown: string): [string, number][] {
  return Object.entries(functions ?? {}).map(([name, count]) => {
    if (Number.isSafeInteger(count) && count >= 0) return [name, count];
    throw new ArtError('PROFILE_INVALID', `'${shown}': functions.${name} must be a whole number from 0`);
  });
}

function edgesOf(edges: readonly ProfileEdge[] | Readonly<Record<string, number>>): readonly ProfileEdge[] {
  if (Array.isArray(edges)) return edges;
  return Object.entries(edges as Readonly<Record<string, number>>).map(([key, count]) => {
    const [caller, callee] = key.split('->') as [string, string];
    return { caller, callee, count };
  });
}

/** A profile of counts in any order; what comes again is added. */
export function artifactProfile(
  functions: Iterable<readonly [string, number]>,
  edges: Iterable<ProfileEdge>,
): ArtifactProfile {
  const counts = new Map<string, number>();
  for (const [name, count] of functions) counts.set(name, addCounts(counts.get(name) ?? 0, count));
  const byPair = new Map<string, ProfileEdge>();
  for (const { caller, callee, count } of edges) {
    const key = JSON.stringify([caller, callee]);
    byPair.set(key, { caller, callee, count: addCounts(byPair.get(key)?.count ?? 0, count) });
  }
  return {
    functions: new Map([...counts].sort(([a], [b]) => compareBytes(a, b))),
    edges: [...byPair.values()].sort((a, b) => compareBytes(a.caller, b.caller) || compareBytes(a.callee, b.callee)),
  };
}

/**
 * The same profile with a count for every function that it names. One that only
 * edges name ran as often as it was called; one that only calls, once.
 */
export function completeProfile({ functions, edges }: ArtifactProfile): ArtifactProfile {
  const counts = new Map<string, number>();
  for (const { callee, count } of edges) counts.set(callee, addCounts(counts.get(callee) ?? 0, count));
  for (const { caller, count } of edges)
    if (caller !== ROOT && !counts.get(caller)) counts.set(caller, Math.min(count, 1));
  const missing = [...counts].filter(([name]) => !functions.has(name));
  return missing.length === 0 ? { functions, edges } : artifactProfile([...functions, ...missing], edges);
}

/** One profile of several: their counts added. */
export function mergeArtifactProfiles(profiles: readonly ArtifactProfile[]): ArtifactProfile {
  return artifactProfile(
    profiles.flatMap(({ functions }) => [...functions]),
    profiles.flatMap(({ edges }) => edges),
  );
}

/** The one spelling of a profile: names and edges sorted bytewise, edges as a list, two spaces, a newline at the end. */
export function serialiseArtifactProfile({ functions, edges }: ArtifactProfile): string {
  // By hand: an object would move names such as '10' to its front.
  const entries = [...functions].map(([name, count]) => `    ${JSON.stringify(name)}: ${count}`);
  const list = edges.map(
    ({ caller, callee, count }) =>
      `    { "caller": ${JSON.stringify(caller)}, "callee": ${JSON.stringify(callee)}, "count": ${count} }`,
  );
  const lines = (open: string, items: readonly string[], close: string) =>
    items.length === 0 ? open + close : `${open}\n${items.join(',\n')}\n  ${close}`;
  return `{\n  "version": 1,\n  "functions": ${lines('{', entries, '}')},\n  "edges": ${lines('[', list, ']')}\n}\n`;
}
