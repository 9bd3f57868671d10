import type { z } from 'zod';
import { printable } from './printable.js';

/** How many errors are shown; further ones are mostly of the same kind. */
export const SHOWN_ISSUES = 20;
const SHOWN_LENGTH = 40;

const shorten = (text: string) => (text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH - 1)}…` : text);

/** An untrusted value for messages: shortened, on one line, however deep it is nested. */
export function shownValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  // What is cut off here would be cut off below in any case.
  return printable(shorten(typeof value === 'string' ? JSON.stringify(value.slice(0, SHOWN_LENGTH)) : String(value)));
}

/** The first lines of many; the last one says how many more there are. */
export function firstLines(lines: readonly string[]): string[] {
  const more = lines.length - SHOWN_ISSUES;
  return more > 0 ? [...lines.slice(0, SHOWN_ISSUES), `and ${more} more`] : [...lines];
}

/** The path of a key in JavaScript notation: `fileFlags["a*.c"][0]`. */
function keyPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((shown, key) => {
    if (typeof key === 'number') return `${shown}[${key}]`;
    const name = String(key);
    if (!/^[$\w]+$/.test(name)) return `${shown}[${printable(JSON.stringify(name))}]`;
    return shown === '' ? name : `${shown}.${name}`;
  }, '');
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a string',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
};

/**
 * Explains the errors of a schema, one line for each place.
 * @param json the value that was checked
 * @param known the keys of the outermost object
 */
export function explainIssues(error: z.ZodError, json: unknown, known: readonly string[]): string {
  const lines = error.issues.slice(0, SHOWN_ISSUES).flatMap((issue) => {
    const place = keyPath(issue.path);
    const value = issue.path.reduce<unknown>(
      (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
      json,
    );
    const line = (text: string) => (place === '' ? text : `${place}: ${text}`);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${printable(key)}: unknown key, expected ${known.join(', ')}`);
    if (issue.code === 'invalid_type') {
      const expected = KINDS[issue.expected] ?? issue.expected;
      return line(
        value === undefined ? `is missing, expected ${expected}` : `must be ${expected}, not ${shownValue(value)}`,
      );
    }
    if (issue.code === 'invalid_value') return line(`must be ${issue.values.join(', ')}, not ${shownValue(value)}`);
    if (issue.code === 'invalid_key') return line(issue.issues.map(({ message }) => message).join('; '));
    return line(issue.message);
  });
  const hidden = error.issues.slice(SHOWN_ISSUES).map(() => '');
  return firstLines([...lines, ...hidden])
    .map((line) => `  ${line}`)
    .join('\n');
}
