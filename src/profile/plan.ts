// The AOT plan: what a profile means for every function.
import { compareBytes } from '../text/byte-order.js';
import { type ArtifactProfile, addCounts, completeProfile, type ProfileEdge } from './artifact-profile.js';
import { orderFunctions } from './clusters.js';

export const PLAN_VERSION = '1.0';

/** What is decided about a function. */
export const DECISIONS = ['inline', 'hot', 'cold', 'split'] as const;
/**
 * What the optimiser is told of a function: `inline` it into its callers; it is `hot` or `cold`; `split` its cold blocks off.
 */
export type Decision = (typeof DECISIONS)[number];

/** What a plan says of a function. */
export interface PlannedFunction {
  /** As the object has it, mangled where it is of C++. */
  name: string;
  /** How often it ran. */
  count: number;
  /** count + 2 × the sum of the counts of its incoming edges. */
  score: number;
  /** Those that called it, most calls first; '<root>' for entry points. */
  callers: { name: string; count: number }[];
  /** In the order of DECISIONS. */
  decisions: Decision[];
}

/** A plan: keys in this order, names sorted bytewise unless said otherwise. */
export interface AotPlan {
  /** `1.0`. */
  schema_version: string;
  /** Every function that the profile names. */
  functions: PlannedFunction[];
  /** Calls, as the profile counted them. */
  edges: ProfileEdge[];
  /** Highest score first, with up to three callers as examples. */
  inline_candidates: { name: string; score: number; callers: string[] }[];
  /** The functions with the decision `hot`. */
  hot: string[];
  /** Those with `cold`. */
  cold: string[];
  /** Those with `split`. */
  split: string[];
  /** Those that ran, in the order in which they are laid out. */
  order: string[];
}

const LEAST_INLINE_SCORE = 3;
const MOST_INLINE_CANDIDATES = 10;
const EXAMPLE_CALLERS = 3;
/** As LLVM's ProfileSummary has it: the hottest functions that make up the first part are hot, those beyond the second cold. */
const HOT_PART = 0.99;
const WARM_PART = 0.999999;

interface Node {
  name: string;
  count: number;
  incoming: ProfileEdge[];
  outgoing: ProfileEdge[];
}

/** Plans. The same profile gives the same plan, in whatever order its counts come. */
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

/** Every function that the profile names, sorted. */
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

/** The most that a function runs or, in a loop of its own, calls another. */
const heat = ({ count, outgoing }: Node) => outgoing.reduce((most, edge) => Math.max(most, edge.count), count);

const callersOf = ({ incoming }: Node) =>
  [...incoming]
    .sort((a, b) => b.count - a.count || compareBytes(a.caller, b.caller))
    .map(({ caller, count }) => ({ name: caller, count }));

const namesWhere = (nodes: readonly Node[], test: (node: Node) => boolean) =>
  nodes.filter(test).map(({ name }) => name);

/** The least heat among the hottest functions that together make up a part of all. */
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
