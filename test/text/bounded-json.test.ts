// JSON from outside: limits, and duplicate keys.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundsProblem, type JsonBounds, parseWithin } from '../../src/text/bounded-json.js';
import { propertyRuns } from '../support/properties.js';

const WIDE: JsonBounds = { depth: 1e6, values: 1e6, keys: 1e6, string: 1e6 };

/** Measures a value for each limit, by walking over it. */
function measure(json: unknown): JsonBounds {
  const keys = new Set<string>();
  let values = 0;
  let string = 0;
  const written = (text: string) => JSON.stringify(text).length - 2;
  const walk = (value: unknown): number => {
    values++;
    if (typeof value === 'string') string = Math.max(string, written(value));
    if (typeof value !== 'object' || value === null) return 0;
    let depth = 0;
    for (const [key, inner] of Object.entries(value)) {
      if (!Array.isArray(value)) {
        keys.add(key);
        string = Math.max(string, written(key));
      }
      depth = Math.max(depth, walk(inner));
    }
    return depth + 1;
  };
  const depth = walk(json);
  return { depth, values, keys: keys.size, string };
}

test('a text is within its own measure, and in no smaller one', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.boolean(), (text, spread) => {
      const value = JSON.parse(text);
      const json = JSON.stringify(value, null, spread ? 2 : 0);
      const own = measure(value);
      expect(boundsProblem(json, own)).toBeUndefined();
      expect(parseWithin(json, own)).toEqual(value);
      for (const name of ['depth', 'values', 'keys', 'string'] as const)
        if (own[name] > 0)
          expect(boundsProblem(json, { ...own, [name]: own[name] - 1 })).toMatch(/^(has|nests) .* allowed$/);
    }),
    { numRuns: propertyRuns(1000) },
  );
});

test('a damaged text ends, and is JSON where JSON.parse says so', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom('"', '\\', '{', '}', ',', '', '[', '\\u'), (json, at, put) => {
      const place = at % (json.length + 1);
      const text = json.slice(0, place) + put + json.slice(place + 1);
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        expect(() => parseWithin(text, WIDE)).toThrow(/^(is not JSON \(|has the key )/);
        return;
      }
      if (boundsProblem(text, WIDE) === undefined) expect(parseWithin(text, WIDE)).toEqual(value);
    }),
    { numRuns: propertyRuns(2000) },
  );
});

describe('a key that stands twice', () => {
  test.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['[{"b":{"a":1},"a":[],"b":"{"}]', 'b'],
    ['{"x":1,"y":2,"z":{"x":1},"y":3}', 'y'],
    ['{"\\"":1,"\\"":2}', '\\"'],
  ])('%s', (text, key) => {
    expect(boundsProblem(text, WIDE)).toBe(
      `has the key "${key}" twice in one object: expected each key once`.replace('\\"', '\\"'),
    );
  });
  test.each(['{"a":{"a":{"a":[]}},"b":"a"}', '[{"a":1},{"a":1}]', '{"a":["a","a"]}'])('%s has none', (text) => {
    expect(boundsProblem(text, WIDE)).toBeUndefined();
  });
});
