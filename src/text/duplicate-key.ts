const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** The keys of an object so far; most have few, and a hostile text has millions of objects. */
type Keys = string | Set<string> | undefined;

function withKey(keys: Keys, key: string): Keys {
  if (keys === undefined) return key;
  return typeof keys === 'string' ? new Set([keys, key]) : keys.add(key);
}

/** Where the string that begins at a quote ends: the place after its other quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(at)) at += code === BACKSLASH ? 2 : 1;
  return at + 1;
}

/**
 * A key that stands twice in one object: readers differ in which of its values they take (RFC 8259, section 4).
 * @param text JSON, which JSON.parse took
 */
export function duplicateKey(text: string): string | undefined {
  // null stands for an array.
  const open: (Keys | null)[] = [];
  let isKey = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (isKey) {
        const key: string = JSON.parse(text.slice(at, end));
        const keys = open.at(-1) as Keys;
        if (keys === key || (typeof keys === 'object' && keys.has(key))) return key;
        open[open.length - 1] = withKey(keys, key);
        isKey = false;
      }
      at = end - 1;
    } else if (code === OPEN_OBJECT) {
      open.push(undefined);
      isKey = true;
    } else if (code === OPEN_ARRAY) {
      open.push(null);
      isKey = false;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      open.pop();
      isKey = false;
    } else if (code === COMMA) isKey = open.at(-1) !== null;
  }
  return undefined;
}
