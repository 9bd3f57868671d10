// Orders functions by call-chain clustering (C3): Ottoni and Maher, "Optimizing Function Placement for Large-Scale
// Data-Center Applications", CGO 2017. As ld.lld does for --call-graph-ordering-file, but with all functions counted as of
// equal size, since none has been compiled yet.
import { compareBytes } from '../text/byte-order.js';
import { type ProfileEdge, ROOT } from './artifact-profile.js';

/** A cluster may not become less dense than its density divided by this (lld's MAX_DENSITY_DEGRADATION). */
const MAX_DENSITY_DEGRADATION = 8;

interface Cluster {
  names: string[];
  /** Sum of the counts. */
  weight: number;
  /** The function that the cluster started with; it decides the order of clusters with the same density. */
  first: string;
}

const density = ({ weight, names }: Pick<Cluster, 'weight' | 'names'>) => weight / names.length;

/**
 * Orders functions so that callers come before, and close to, the functions that they call most.
 * @param counts of the functions to order; none is 0
 * @param edges those of other functions, of '<root>' and from a function to itself are ignored
 */
export function orderFunctions(counts: ReadonlyMap<string, number>, edges: readonly ProfileEdge[]): string[] {
  const callers = mostLikelyCallers(counts, edges);
  const clusters = new Map<string, Cluster>();
  for (const [name, weight] of counts) clusters.set(name, { names: [name], weight, first: name });
  const hottestFirst = [...counts].sort(([a, x], [b, y]) => y - x || compareBytes(a, b));
  for (const [name] of hottestFirst) {
    const caller = callers.get(name);
    if (caller === undefined) continue;
    const [into, from] = [clusters.get(caller) as Cluster, clusters.get(name) as Cluster];
    if (into === from) continue;
    const joined = { names: [...into.names, ...from.names], weight: into.weight + from.weight };
    if (density(joined) < density(into) / MAX_DENSITY_DEGRADATION) continue;
    into.names.push(...from.names);
    into.weight = joined.weight;
    for (const member of from.names) clusters.set(member, into);
  }
  return [...new Set(clusters.values())]
    .sort((a, b) => density(b) - density(a) || compareBytes(a.first, b.first))
    .flatMap((cluster) => cluster.names);
}

/** For each function its most frequent caller; if there are several, the first by name. */
function mostLikelyCallers(
  counts: ReadonlyMap<string, number>,
  edges: readonly ProfileEdge[],
): ReadonlyMap<string, string> {
  const best = new Map<string, ProfileEdge>();
  for (const edge of edges) {
    const { caller, callee, count } = edge;
    if (count === 0 || caller === callee || caller === ROOT || !counts.has(caller) || !counts.has(callee)) continue;
    const other = best.get(callee);
    if (!other || count > other.count || (count === other.count && compareBytes(caller, other.caller) < 0))
      best.set(callee, edge);
  }
  return new Map([...best].map(([callee, { caller }]) => [callee, caller]));
}
