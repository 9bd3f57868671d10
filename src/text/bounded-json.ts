// Checks JSON from untrusted sources in one pass before it is parsed, so that a small text cannot use much time or
// memory.
import { messageOf } from '../errors.js';
import { printable } from './printable.js';
import { shownValue } from './schema-issues.js';

/** Limits of a text. */
export interface JsonBounds {
  /** How deep objects and arrays may be nested. */
  depth: number;
  /** Number of values: the outermost one, members of objects and elements of arrays. */
  values: number;
  /** Number of different keys in all objects: engines need much memory for each. */
  keys: number;
  /** Length of a string or a key in UTF-16 code units, as written between the quotes. */
  string: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const isBlank = (code: number) => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

/** An open array, or an open object with its keys so far. Most have few keys, so a Set is created only for many. */
interface Open {
  isArray: boolean;
  keys: string | Set<string> | undefined;
}

/** @returns false if the key exists already */
function addKey(open: Open, key: string): boolean {
  if (open.keys === undefined) open.keys = key;
  else if (typeof open.keys === 'string') {
    if (open.keys === key) return false;
    open.keys = new Set([open.keys, key]);
  } else {
    if (open.keys.has(key)) return false;
    open.keys.add(key);
  }
  return true;
}

/** The offset after the closing quote of the string that begins at `start`; the end of the text if there is none. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
  return text.length;
}

/** Decodes the escapes of a key. A malformed one is left as it is, since JSON.parse will refuse the whole text. */
function keyOf(written: string): string {
  if (!written.includes('\\')) return written.slice(1, -1);
  try {
    return JSON.parse(written);
  } catch {
    return written;
  }
}

/**
 * Finds the first limit that a text exceeds, or a key that occurs twice in an object, of whose values readers choose
 * different ones (RFC 8259, section 4).
 * @param text perhaps not JSON, which is not checked here
 * @returns text that follows the name of the file; undefined if nothing is wrong
 */
export function boundsProblem(text: string, bounds: JsonBounds): string | undefined {
  const open: Open[] = [];
  const known = new Set<string>();
  let values = 0;
  let isKey = false;
  const isTooMany = () => ++values > bounds.values;
  const tooMany = `has more than the ${bounds.values} values allowed`;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (end - at - 2 > bounds.string) return `has a string of more than the ${bounds.string} characters allowed`;
      const object = open.at(-1);
      if (isKey && object) {
        const key = keyOf(text.slice(at, end));
        if (!addKey(object, key)) return `has the key ${shownValue(key)} twice in one object: expected each key once`;
        if (known.add(key).size > bounds.keys) return `has more than the ${bounds.keys} different keys allowed`;
        isKey = false;
      } else if (isTooMany()) return tooMany;
      at = end - 1;
    } else if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (isTooMany()) return tooMany;
      if (open.length === bounds.depth) return `nests deeper than the ${bounds.depth} levels allowed`;
      open.push({ isArray: code === OPEN_ARRAY, keys: undefined });
      isKey = code === OPEN_OBJECT;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      open.pop();
      isKey = false;
    } else if (code === COMMA) isKey = open.at(-1)?.isArray === false;
    else if (code !== COLON && !isBlank(code)) {
      if (isTooMany()) return tooMany;
      at = endOfWord(text, at) - 1;
    }
  }
  return undefined;
}

/** The offset after a number, true, false or null. */
function endOfWord(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isBlank(code) || code === COMMA || code === CLOSE_OBJECT || code === CLOSE_ARRAY || code === QUOTE) break;
    at++;
  }
  return at;
}

/**
 * Parses a text after checking its limits.
 * @throws Error whose message follows the name of the file, such as `is not JSON (…)`
 */
export function parseWithin(text: string, bounds: JsonBounds): unknown {
  const problem = boundsProblem(text, bounds);
  if (problem) throw new Error(problem);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`is not JSON (${printable(messageOf(cause))})`, { cause });
  }
}

/**
 * Decodes UTF-8. A byte order mark is kept, and is then an error in JSON.
 * @throws Error whose message follows the name of the file
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new Error('is not UTF-8', { cause });
  }
}
