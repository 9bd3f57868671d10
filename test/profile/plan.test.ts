// Plans: what a profile means for every function.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { artifactProfile, type ProfileEdge, ROOT } from '../../src/profile/artifact-profile.js';
import { orderFunctions } from '../../src/profile/clusters.js';
import { makePlan } from '../../src/profile/plan.js';
import { readPlan, serialisePlan } from '../../src/profile/plan-file.js';
import { art, project, REPOSITORY } from '../support/project.js';
import { propertyRuns } from '../support/properties.js';

const PROFILE = join(REPOSITORY, 'fixtures/profile/profile.json');
const edge = (caller: string, callee: string, count: number): ProfileEdge => ({ caller, callee, count });
const plan = (functions: Record<string, number>, ...edges: ProfileEdge[]) =>
  makePlan(artifactProfile(Object.entries(functions), edges));

test('the plan of the fixture', () => {
  const { status, stdout, stderr } = art(['plan', '--with-profile', PROFILE]);
  expect([status, stderr]).toEqual([0, '']);
  const made = JSON.parse(stdout);
  expect(Object.keys(made)).toEqual([
    ...['schema_version', 'functions', 'edges', 'inline_candidates', 'hot', 'cold', 'split', 'order'],
  ]);
  expect(made).toMatchObject({
    schema_version: '1.0',
    functions: [
      { name: 'complain', count: 0, score: 0, decisions: ['cold'] },
      { name: 'main', count: 1, score: 3, callers: [{ name: '<root>', count: 1 }], decisions: ['inline', 'split'] },
      {
        name: 'mix',
        count: 100001,
        score: 300003,
        callers: [
          { name: 'run', count: 100000 },
          { name: 'main', count: 1 },
        ],
        decisions: ['inline', 'hot'],
      },
      { name: 'repair', count: 25, score: 75, decisions: ['inline'] },
      { name: 'run', count: 1, score: 3, decisions: ['inline', 'hot', 'split'] },
    ],
    inline_candidates: [
      { name: 'mix', score: 300003, callers: ['run', 'main'] },
      { name: 'repair', score: 75, callers: ['run'] },
      { name: 'main', score: 3, callers: ['<root>'] },
      { name: 'run', score: 3, callers: ['main'] },
    ],
    hot: ['mix', 'run'],
    cold: ['complain'],
    split: ['main', 'run'],
  });
});

test('score is count + 2 × incoming; candidates: 3 and up, not self-recursive, ten, three callers', () => {
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`f${i}`, 10 + i]));
  const made = plan(
    { ...many, two: 2, recursive: 1000, called: 1 },
    edge('recursive', 'recursive', 5),
    ...['a', 'b', 'c', 'd'].map((caller, i) => edge(caller, 'called', i)),
  );
  expect(made.functions.find(({ name }) => name === 'recursive')?.score).toBe(1010);
  expect(made.functions.find(({ name }) => name === 'called')?.score).toBe(1 + 2 * 6);
  expect(made.inline_candidates.map(({ name }) => name)).toEqual([
    ...['f11', 'f10', 'f9', 'f8', 'f7', 'f6', 'f5', 'f4', 'called', 'f3'],
  ]);
  expect(made.inline_candidates[8]).toEqual({ name: 'called', score: 13, callers: ['d', 'c', 'b'] });
  expect(plan({ two: 2 }).inline_candidates).toEqual([]);
});

test('a function that only edges name ran as often as it was called', () => {
  const { functions } = plan({}, edge('main', 'f', 7), edge('other', 'f', 1), edge('idle', 'f', 0));
  expect(functions.map(({ name, count }) => [name, count])).toEqual([
    ['f', 8],
    ['idle', 0],
    ['main', 1],
    ['other', 1],
  ]);
});

test('the same plan in any key order', () => {
  const text = (json: object) => {
    const root = project({ 'p.json': JSON.stringify(json) });
    return art(['plan', '--with-profile', join(root, 'p.json')]).stdout;
  };
  const { functions, edges } = JSON.parse(readFileSync(PROFILE, 'utf8'));
  const reversed = (object: object) => Object.fromEntries(Object.entries(object).reverse());
  expect(text({ edges: reversed(edges), functions: reversed(functions) })).toBe(text({ functions, edges }));
});

test('--with-profile given twice adds up, and --out writes a file', () => {
  const root = project({});
  const out = join(root, 'plan.json');
  const { status, stdout } = art(['plan', '--with-profile', PROFILE, '--with-profile', PROFILE, '--out', out]);
  expect([status, stdout]).toEqual([0, expect.stringMatching(/plan\.json {2}\d.* KiB\n$/)]);
  expect(JSON.parse(readFileSync(out, 'utf8')).inline_candidates[0]).toEqual({
    name: 'mix',
    score: 600006,
    callers: ['run', 'main'],
  });
});

test('a caller stands before what it calls most, chains by density (C3)', () => {
  // The example in section 3 of the paper: G and H call each other's neighbours.
  const counts = new Map([
    ['A', 100],
    ['B', 90],
    ['C', 80],
    ['D', 1000],
    ['E', 10],
  ]);
  const edges = [edge('A', 'B', 80), edge('C', 'B', 10), edge('B', 'C', 70), edge('E', 'D', 3), edge('B', 'E', 9)];
  // Joined with D, E's cluster would be denser; D is put after its only caller.
  expect(orderFunctions(counts, edges)).toEqual(['A', 'B', 'C', 'E', 'D']);
  // A callee is not joined to a hot caller if the result would be more than eight times less dense.
  const cold = Array.from({ length: 20 }, (_, i) => [`cold${String(i).padStart(2, '0')}`, 1] as const);
  const ordered = orderFunctions(
    new Map([['hot', 1000], ...cold]),
    cold.map(([name]) => edge('hot', name, 1)),
  );
  expect(ordered.slice(0, 8)).toEqual(['hot', ...cold.slice(0, 7).map(([name]) => name)]);
  expect(ordered).toHaveLength(21);
});

const names = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'ä', '𐍈', '\uffee');
const profile = fc.record({
  functions: fc.array(fc.tuple(names, fc.nat(1000)), { maxLength: 8 }),
  edges: fc.array(fc.record({ caller: fc.oneof(fc.constant(ROOT), names), callee: names, count: fc.nat(1000) }), {
    maxLength: 20,
  }),
});

test('plans of any profile hold together, in whatever order it comes, and read back', async () => {
  await fc.assert(
    fc.asyncProperty(profile, async ({ functions, edges }) => {
      const made = makePlan(artifactProfile(functions, edges));
      const text = serialisePlan(made);
      expect(serialisePlan(makePlan(artifactProfile([...functions].reverse(), [...edges].reverse())))).toBe(text);
      expect(await readPlan(new TextEncoder().encode(text), 'plan.json')).toEqual(made);
      const ran = made.functions.filter(({ count }) => count > 0).map(({ name }) => name);
      expect([...made.order].sort()).toEqual([...ran].sort());
      const cold = new Set(made.cold);
      expect([...made.hot, ...made.split].filter((name) => cold.has(name))).toEqual([]);
      for (const { name, decisions } of made.functions)
        expect(decisions).toEqual([
          ...(made.inline_candidates.some((candidate) => candidate.name === name) ? ['inline'] : []),
          ...(['hot', 'cold', 'split'] as const).filter((list) => made[list].includes(name)),
        ]);
    }),
    { numRuns: propertyRuns(200) },
  );
});

test('lists and decisions of a plan say the same, or it is refused', async () => {
  const read = (json: unknown) => readPlan(new TextEncoder().encode(JSON.stringify(json)), 'plan.json');
  const made = plan({ often: 1000, seldom: 5 });
  const [often, seldom] = made.functions;
  const edited = { ...made, hot: ['often', 'seldom'], cold: ['seldom', 'unknown'], functions: [often, seldom] };
  await expect(read(edited)).rejects.toMatchObject({
    code: 'PROFILE_INVALID',
    message: [
      "'plan.json' contradicts itself; change the list and the decisions:",
      "  'seldom' is in both hot and cold",
      "  'seldom' is in hot, but 'hot' is not among its decisions",
      "  'seldom' is in cold, but 'cold' is not among its decisions",
    ].join('\n'),
  });
  const undecided = { ...made, functions: [{ ...often, decisions: ['hot', 'split'] }, seldom] };
  await expect(read(undecided)).rejects.toThrow(
    /'often' is in inline_candidates, but .*\n {2}'often' has the decision 'split', but is not in split/,
  );
});

test('a plan that does not hold is refused, with every field at fault', async () => {
  const read = (json: unknown) => readPlan(new TextEncoder().encode(JSON.stringify(json)), 'plan.json');
  await expect(read({ ...plan({ a: 1 }), schema_version: '2.0' })).rejects.toThrow("schema_version '2.0'");
  await expect(read({ ...plan({ a: 1 }), hot: [1], order: 'a' })).rejects.toThrow(
    /hot\[0\]: must be a string, not 1\n {2}order: must be an array, not "a"/,
  );
});
