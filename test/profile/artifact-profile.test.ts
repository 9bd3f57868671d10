// Artifact profiles, JSON v1: what is accepted, what is refused, and how profiles are merged.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  artifactProfile,
  completeProfile,
  mergeArtifactProfiles,
  readArtifactProfile,
  serialiseArtifactProfile,
} from '../../src/profile/artifact-profile.js';
import { propertyRuns } from '../support/properties.js';

const read = (json: unknown) =>
  readArtifactProfile(new TextEncoder().encode(typeof json === 'string' ? json : JSON.stringify(json)), 'p.json');
const refusal = async (json: unknown) => {
  const error = await read(json).then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toMatchObject({ name: 'ArtError', code: 'PROFILE_INVALID', isUsage: false });
  return error.message as string;
};

test('edges are a list or an object, and mean the same', async () => {
  const functions = { main: 1, f: 10 };
  const list = await read({
    functions,
    edges: [
      { caller: 'main', callee: 'f', count: 10 },
      { caller: '<root>', callee: 'main', count: 1 },
    ],
  });
  const map = await read({ edges: { '<root>->main': 1, 'main->f': 10 }, functions });
  expect(list).toEqual(map);
  expect(serialiseArtifactProfile(list)).toBe(serialiseArtifactProfile(map));
});

test('an edge that comes again is added; counts stay at the largest there is', async () => {
  const edge = { caller: 'a', callee: 'b', count: 2 ** 53 - 2 };
  expect((await read({ functions: { a: 1 }, edges: [edge, edge] })).edges).toEqual([{ ...edge, count: 2 ** 53 - 1 }]);
});

test("symbols that JavaScript's objects treat in their own way are symbols like others", async () => {
  const text = '{"functions":{"__proto__":3,"b":1,"10":2,"constructor":4},"edges":{"__proto__->b":1}}';
  const { functions, edges } = await read(text);
  expect([...functions]).toEqual([
    ['10', 2],
    ['__proto__', 3],
    ['b', 1],
    ['constructor', 4],
  ]);
  expect(edges).toEqual([{ caller: '__proto__', callee: 'b', count: 1 }]);
  expect(await refusal('{"functions":{"__proto__":-3}}')).toContain('__proto__');
});

test('all that is wrong is named at once', async () => {
  const wrong = {
    functions: { a: 1.5, '': 1, b: 'x', c: -1, d: 2 ** 53 },
    edges: { 'a>b': 1, 'a->b->c': 2 },
    counts: {},
  };
  expect(await refusal(wrong)).toBe(
    [
      "'p.json' is no valid artifact profile:",
      '  functions.a: must be a whole number, not 1.5',
      '  functions[""]: a name must not be empty',
      '  functions.b: must be a number, not "x"',
      '  functions.c: must be a whole number from 0 to 9007199254740991',
      '  functions.d: must be a whole number from 0 to 9007199254740991',
      `  edges["a>b"]: must be 'caller->callee'; a name with '->' in it needs a list`,
      `  edges["a->b->c"]: must be 'caller->callee'; a name with '->' in it needs a list`,
      '  counts: unknown key, expected $schema, version, functions, edges',
    ].join('\n'),
  );
  const edges = [{ caller: 'a' }, { caller: 'a', callee: '<root>', count: 1 }];
  expect(await refusal({ edges })).toMatch(
    /edges\[0\]\.callee: is missing.*edges\[0\]\.count: is missing.*edges\[1\]\.callee: '<root>' is no function/s,
  );
  expect(await refusal({ functions: { '\ud800': 1 } })).toContain('well-formed');
});

test('another version and a syntax error are said as such', async () => {
  expect(await refusal({ version: 2, functions: [] })).toContain('is an artifact profile of version 2');
  expect(await refusal('{"functions": {\n  "a": 1,\n}}')).toContain('line 3, column 1');
});

const name = fc.oneof(
  fc.constantFrom('a', 'b', 'c', '10', '2', '__proto__', 'größe', '𐍈', '\uffff'),
  fc.string({ unit: 'binary', minLength: 1 }).filter((text) => !/\p{Surrogate}/u.test(text) && text !== '<root>'),
);
const count = fc.oneof(fc.nat(100), fc.maxSafeNat());
const profile = fc
  .record({
    functions: fc.array(fc.tuple(name, count), { maxLength: 8 }),
    edges: fc.array(fc.record({ caller: fc.oneof(fc.constant('<root>'), name), callee: name, count }), {
      maxLength: 8,
    }),
  })
  .map(({ functions, edges }) => artifactProfile(functions, edges));

test('what is written reads back', async () => {
  await fc.assert(
    fc.asyncProperty(profile, async (p) => {
      expect(await read(serialiseArtifactProfile(p))).toEqual(p);
    }),
    { numRuns: propertyRuns(100) },
  );
});

test('a profile is complete when all that it names has a count, and then stays as it is', () => {
  fc.assert(
    fc.property(profile, (p) => {
      const { functions, edges } = completeProfile(p);
      expect(edges).toEqual(p.edges);
      for (const [name, n] of p.functions) expect(functions.get(name)).toBe(n);
      for (const { caller, callee } of edges)
        expect([caller === '<root>' || functions.has(caller), functions.has(callee)]).toEqual([true, true]);
      expect(completeProfile({ functions, edges })).toEqual({ functions, edges });
    }),
    { numRuns: propertyRuns(100) },
  );
});

test('merging does not depend on the order, and one profile stays as it is', () => {
  fc.assert(
    fc.property(profile, profile, profile, (a, b, c) => {
      const merged = serialiseArtifactProfile(mergeArtifactProfiles([a, b, c]));
      expect(serialiseArtifactProfile(mergeArtifactProfiles([c, mergeArtifactProfiles([b, a])]))).toBe(merged);
      expect(mergeArtifactProfiles([a])).toEqual(a);
    }),
    { numRuns: propertyRuns(100) },
  );
});
