import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findJsonError, parseJson } from '../../src/text/json.js';
import { CONFIG_LIMITS } from '../../src/text/limits.js';
import { propertyRuns } from '../support/properties.js';

const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** JSON texts in which up to three characters are removed, inserted or changed. */
const damaged = fc
  .tuple(
    fc.json({ maxDepth: 3 }),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('', ...'{}[],:"\\0-.eE1 \n\tun/\u0007\u007f')), { maxLength: 3 }),
    fc.boolean(),
  )
  .map(([json, edits, spread]) =>
    edits.reduce(
      (text, [at, put]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + put + text.slice(place + 1);
      },
      spread ? JSON.stringify(JSON.parse(json), null, 1) : json,
    ),
  );

test('an error is found exactly where JSON.parse refuses the text', () => {
  fc.assert(
    fc.property(damaged, (text) => {
      expect(findJsonError(text) === undefined, text).toBe(isJson(text));
    }),
    { numRuns: propertyRuns(3000) },
  );
});

test.each([
  ['', 1, 1, 'a value', 'the end'],
  ['{"a": 1,\n  "b" 2}', 2, 7, "':'", '"2}"'],
  ['{"a": 1,\n}', 2, 1, 'a key', '"}"'],
  ['{"a": [1, 2}', 1, 12, "',' or ']'", '"}"'],
  ['// no\n{}', 1, 1, 'a value', '"//"'],
  ["{'a': 1}", 1, 2, "a key or '}'", `"'a':"`],
  ['{"a": 1', 1, 8, "',' or '}'", 'the end'],
  ['{}\n\n x', 3, 2, 'the end', '"x"'],
  ['{"a": "é\n"}', 1, 7, 'a value', '"\\"é"'],
])('%j', (text, line, column, expected, found) => {
  expect(() => parseJson(new TextEncoder().encode(text), 'x.json', 'CONFIG_INVALID', CONFIG_LIMITS)).toThrow(
    `'x.json' is not JSON: line ${line}, column ${column}: expected ${expected}, found ${found}`,
  );
});

test('a byte order mark is passed over', () => {
  expect(parseJson(new TextEncoder().encode('\ufeff{"a":1}'), 'x.json', 'CONFIG_INVALID', CONFIG_LIMITS)).toEqual({
    a: 1,
  });
});
