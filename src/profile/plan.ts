// Makes the AOT plan: what a profile means for every function.
import { compareBytes } from '../text/byte-order.js';
import { type ArtifactProfile, addCounts, completeProfile, type ProfileEdge } from './artifact-profile.js';
import { orderFunctions } from './clusters.js';

export const PLAN_VERSION = '1.0';

/** The decisions that a plan can make about a function; see `Decision`. */
export const DECISIONS = ['inline', 'hot', 'cold', 'split'] as const;
/**
 * A decision about a function: `inline` it into its callers; treat it as `hot`, or as `cold`; `split` its cold blocks
 * off into a section of their own.
 */
export type Decision = (typeof DECISIONS)[number];

/** What a plan says about a function. */
export interface PlannedFunction {
  /** Its name in the object; that of C++ is mangled. */
  name: string;
  /** How often it was entered. */
  count: number;
  /** Its score: count + 2 × the sum of the counts of the calls to it. */
  score: number;
  /** Its callers, most calls first; '<root>' stands for entry points. */
  callers: { name: string; count: number }[];
  /** The decisions about it. */
  decisions: Decision[];
}

/** A plan. In its file, keys have this order, and names are sorted bytewise unless said otherwise. */
export interface AotPlan {
  /** Version of the format: `1.0`. */
  schema_version: string;
  /** All functions that the profile names. */
  functions: PlannedFunction[];
  /** The calls that the profile counted. */
  edges: ProfileEdge[];
  /** The functions that are worth inlining, highest score first, each with up to three of its callers. */
  inline_candidates: { name: string; score: number; callers: string[] }[];
  /** Names of the functions with the decision `hot`. */
  hot: string[];
  /** Names of the functions with the decision `cold`. */
  cold: string[];
  /** Names of the functions with the decision `split`. */
  split: string[];
  /** Names of the functions that ran, in the order in which they should lie in memory. */
  order: string[];
}

const LEAST_INLINE_SCORE = 3;
const MOST_INLINE_CANDIDATES = 10;
const EXAMPLE_CALLERS = 3;
/**
 * As in LLVM's ProfileSummary: the hottest functions whose counts make up HOT_PART of all counts are hot; those beyond
 * WARM_PART are cold.
 */
const HOT_PART = 0.99;
const WARM_PART = 0.999999;

interface Node {
  name: string;
  count: number;
  incoming: ProfileEdge[];
  outgoing: ProfileEdge[];
}

/** Makes a plan. The same profile gives the same plan, whatever the order of its counts. */
export function makePlan(profile: ArtifactProfile): AotPlan {
  const nodes = callGraph(profile);
  const least = thresholds(nodes);
  const scores = new Map(nodes.map((node) => [node.name, scoreOf(node)]));
  const hot = namesWhere(nodes, (node) => node.count > 0 && heat(node) >= least.hot);
  const cold = namesWhere(nodes, (node) => heat(node) === 0 || heat(node) < least.warm);
  const isCold = new Set(cold);
  const split = namesWhere(
    nodes,
    (node) => node.count > 0 && !isCold.has(node.name) && node.outgoing.some(({ callee }) => isCold.has(callee)),
  );
  const candidates = nodes
    .filter(({ name, outgoing }) => !outgoing.some(({ callee }) => callee === name))
    .map((node) => ({
      name: node.name,
      score: scores.get(node.name) as number,
      callers: callersOf(node)
        .slice(0, EXAMPLE_CALLERS)
        .map(({ name }) => name),
    }))
    .filter(({ score }) => score >= LEAST_INLINE_SCORE)
    .sort((a, b) => b.score - a.score || compareBytes(a.name, b.name))
    .slice(0, MOST_INLINE_CANDIDATES);
  const decided: readonly [Decision, ReadonlySet<string>][] = [
    ['inline', new Set(candidates.map(({ name }) => name))],
    ['hot', new Set(hot)],
    ['cold', isCold],
    ['split', new Set(split)],
  ];
  return {
    schema_version: PLAN_VERSION,
    functions: nodes.map((node) => ({
      name: node.name,
      count: node.count,
      score: scores.get(node.name) as number,
      callers: callersOf(node),
      decisions: decided.filter(([, names]) => names.has(node.name)).map(([decision]) => decision),
    })),
    edges: profile.edges.map(({ caller, callee, count }) => ({ caller, callee, count })),
    inline_candidates: candidates,
    hot,
    cold,
    split,
    order: orderFunctions(
      new Map(nodes.filter(({ count }) => count > 0).map(({ name, count }) => [name, count])),
      profile.edges,
    ),
  };
}

/** The call graph: every function that the profile names, sorted. */
function callGraph(profile: ArtifactProfile): Node[] {
  const { functions, edges } = completeProfile(profile);
  const nodes = new Map<string, Node>();
  for (const [name, count] of functions) nodes.set(name, { name, count, incoming: [], outgoing: [] });
  for (const edge of edges) {
    nodes.get(edge.callee)?.incoming.push(edge);
    nodes.get(edge.caller)?.outgoing.push(edge); // '<root>' has no node
  }
  return [...nodes.values()];
}

/** How often a function was called. */
const calls = ({ incoming }: Node) => incoming.reduce((sum, { count }) => addCounts(sum, count), 0);

const scoreOf = (node: Node) => addCounts(node.count, addCounts(calls(node), calls(node)));

/** How often a function was entered or, if that is more, called another one (in a loop). */
const heat = ({ count, outgoing }: Node) => outgoing.reduce((most, edge) => Math.max(most, edge.count), count);

const callersOf = ({ incoming }: Node) =>
  [...incoming]
    .sort((a, b) => b.count - a.count || compareBytes(a.caller, b.caller))
    .map(({ caller, count }) => ({ name: caller, count }));

const namesWhere = (nodes: readonly Node[], test: (node: Node) => boolean) =>
  nodes.filter(test).map(({ name }) => name);

/** The lowest heat among the hottest functions that together make up a given share of all counts. */
function thresholds(nodes: readonly Node[]): { hot: number; warm: number } {
  const heats = nodes.map(heat).sort((a, b) => b - a);
  const total = heats.reduce((sum, most) => sum + most, 0);
  const leastOf = (part: number) => {
    let sum = 0;
    for (const most of heats) {
      sum += most;
      if (sum >= total * part) return most;
    }
    return 0;
  };
  return { hot: leastOf(HOT_PART), warm: leastOf(WARM_PART) };
}
