import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beyondLimits, parseBytes, readBounded, shownBytes } from '../../src/text/limits.js';
import { propertyRuns } from '../support/properties.js';

const bytes = (text: string) => new TextEncoder().encode(text);

/** The number of keys and elements of a parsed value, and its depth. */
function measure(value: unknown): { values: number; depth: number } {
  if (typeof value !== 'object' || value === null) return { values: 0, depth: 0 };
  const inner = Object.values(value).map(measure);
  return {
    values: inner.length + inner.reduce((sum, { values }) => sum + values, 0),
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
  };
}

test('JSON within its limits passes, and no JSON beyond them does, whatever its strings hold', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(8), fc.nat(60), (value, depth, values) => {
      const text = JSON.stringify(value);
      const is = measure(value);
      const limit = { bytes: 1 << 20, depth, values };
      if (is.depth > depth || is.values > 2 * values) expect(beyondLimits(bytes(text), limit)).toBeDefined();
      // An object or array counts itself in addition to its content.
      if (is.depth <= depth && 2 * is.values + 1 <= values) expect(beyondLimits(bytes(text), limit)).toBeUndefined();
    }),
    { numRuns: propertyRuns(500) },
  );
});

test('what is too much is named', () => {
  const limits = { bytes: 1024, depth: 2, values: 10 };
  expect(beyondLimits(bytes(' '.repeat(1025)), limits)).toBe('it is larger than 1 KiB');
  expect(beyondLimits(bytes('[[["x"]]]'), limits)).toBe('objects and arrays lie more than 2 deep in it');
  expect(beyondLimits(bytes(`[${'0,'.repeat(20)}0]`), limits)).toBe('it has more than 10 keys and elements');
  expect(beyondLimits(bytes(`["${'[{,'.repeat(20)}\\"[[[,"]`), limits)).toBeUndefined();
});

test('no more is read than may be', async () => {
  let given = 0;
  async function* endless() {
    for (;;) {
      given += 1000;
      yield new Uint8Array(1000);
    }
  }
  expect(await readBounded(endless(), { bytes: 5000 })).toBeUndefined();
  expect(given).toBeLessThanOrEqual(6000);
  async function* pieces() {
    yield Uint8Array.of(1, 2);
    yield Uint8Array.of(3);
  }
  expect(await readBounded(pieces(), { bytes: 3 })).toEqual(Uint8Array.of(1, 2, 3));
});

test.each([
  ['500', 500],
  ['2K', 2048],
  ['3G', 3 * 2 ** 30],
  ['1.5G', undefined],
  ['-1', undefined],
  ['', undefined],
])('%j is %s bytes', (text, expected) => expect(parseBytes(text)).toBe(expected));

test.each([
  [500, '500 bytes'],
  [64 << 20, '64 MiB'],
  [1.5 * 2 ** 30, '1.5 GiB'],
])('%d bytes are shown as %s', (size, shown) => expect(shownBytes(size)).toBe(shown));
