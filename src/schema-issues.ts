import type { z } from 'zod';

/** More mistakes than these are of one kind. */
const SHOWN_ISSUES = 20;

/** A key's place as one would write it in JavaScript: `fileFlags["a*.c"][0]`. */
function keyPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((shown, key) => {
    if (typeof key === 'number') return `${shown}[${key}]`;
    const name = String(key);
    if (!/^[$\w]+$/.test(name)) return `${shown}[${JSON.stringify(name)}]`;
    return shown === '' ? name : `${shown}.${name}`;
  }, '');
}

const kindOf = (value: unknown) =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : JSON.stringify(value);

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
 * What is wrong with a file, a line for each place.
 * @param json what was checked
 * @param known keys at its top
 */
export function explainIssues(error: z.ZodError, json: unknown, known: readonly string[]): string {
  const lines = error.issues.flatMap((issue) => {
    const place = keyPath(issue.path);
    const value = issue.path.reduce<unknown>(
      (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
      json,
    );
    const line = (text: string) => `  ${place === '' ? '' : `${place}: `}${text}`;
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `  ${key}: unknown key, expected ${known.join(', ')}`);
    if (issue.code === 'invalid_type') {
      const expected = KINDS[issue.expected] ?? issue.expected;
      return line(
        value === undefined ? `is missing, expected ${expected}` : `must be ${expected}, not ${shorten(kindOf(value))}`,
      );
    }
    if (issue.code === 'invalid_value')
      return line(`must be ${issue.values.join(', ')}, not ${shorten(kindOf(value))}`);
    if (issue.code === 'invalid_key') return line(issue.issues.map(({ message }) => message).join('; '));
    return line(issue.message);
  });
  const more = lines.length - SHOWN_ISSUES;
  return [...lines.slice(0, SHOWN_ISSUES), ...(more > 0 ? [`  and ${more} more`] : [])].join('\n');
}

const shorten = (text: string) => (text.length > 40 ? `${text.slice(0, 39)}…` : text);
