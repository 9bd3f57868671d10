// Parses JSON that people write, and reports line and column of an error. Engines report errors in different words, and
// not always the place.
import { ArtError, type ArtErrorCode, messageOf } from '../errors.js';
import { beyondLimits, type JsonLimits } from './limits.js';

const TOKEN =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/uy;

/** What is expected at some place of a JSON text, in the words of the error. */
type Expectation =
  | 'a value'
  | "a value or ']'"
  | 'a key'
  | "a key or '}'"
  | "':'"
  | "',' or ']'"
  | "',' or '}'"
  | 'the end';

/** What is expected after a complete value. */
const afterValue = (open: readonly string[]): Expectation =>
  open.length === 0 ? 'the end' : open.at(-1) === '[' ? "',' or ']'" : "',' or '}'";

/** One step of the grammar. @returns what is expected after a token; undefined if the token is not allowed there */
function step(expected: Expectation, token: string, open: string[]): Expectation | undefined {
  if (expected.includes(`'${token}'`)) {
    if (token === ':') return 'a value';
    if (token === ',') return open.at(-1) === '[' ? 'a value' : 'a key';
    open.pop();
    return afterValue(open);
  }
  if (expected.startsWith('a key')) return token.startsWith('"') ? "':'" : undefined;
  if (!expected.startsWith('a value') || /^[}\],:]/.test(token)) return undefined;
  if (token === '{' || token === '[') {
    open.push(token);
    return token === '{' ? "a key or '}'" : "a value or ']'";
  }
  return afterValue(open);
}

/** Finds where a text stops being JSON, and what was expected there; undefined for valid JSON. */
export function findJsonError(text: string): { offset: number; expected: string } | undefined {
  const open: string[] = [];
  let expected: Expectation = 'a value';
  TOKEN.lastIndex = 0;
  for (let at = 0; ; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    const next: Expectation | undefined = match ? step(expected, match[0].trimStart(), open) : undefined;
    if (next) {
      expected = next;
      continue;
    }
    const blank = /[ \t\r\n]*/y;
    blank.lastIndex = at;
    const offset = at + (blank.exec(text)?.[0].length ?? 0);
    return offset === text.length && expected === 'the end' ? undefined : { offset, expected };
  }
}

/** Line and column of an offset in a text, both from 1. */
function position(text: string, offset: number): string {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', start)) {
    line++;
    start = at + 1;
  }
  return `line ${line}, column ${offset - start + 1}`;
}

/**
 * Parses the JSON text of a file. A byte order mark at its start is ignored.
 * @param shown the file in messages
 * @param limits of its size and content
 * @throws ArtError with `code`, naming the file, with line and column, or with the limit that is exceeded
 */
export function parseJson(bytes: Uint8Array, shown: string, code: ArtErrorCode, limits: JsonLimits): unknown {
  const beyond = beyondLimits(bytes, limits);
  if (beyond) throw new ArtError(code, `'${shown}' is not read: ${beyond}`);
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const error = findJsonError(text);
    if (!error) throw new ArtError(code, `'${shown}' is not JSON: ${messageOf(cause)}`, { cause });
    const found =
      error.offset < text.length ? JSON.stringify(/.\S{0,15}/suy.exec(text.slice(error.offset))?.[0]) : 'the end';
    throw new ArtError(
      code,
      `'${shown}' is not JSON: ${position(text, error.offset)}: expected ${error.expected}, found ${found}`,
      { cause },
    );
  }
}
