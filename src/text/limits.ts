// Limits of files that art reads as a whole: their size, and how much they contain. Larger files are refused before
// they cost time and memory.

/** Limits of one kind of file. */
export interface FileLimit {
  /** Size of the file, in bytes. */
  bytes: number;
}

/** Limits of one kind of JSON file. */
export interface JsonLimits extends FileLimit {
  /** How deep objects and arrays may be nested. */
  depth: number;
  /** Total number of keys of objects and elements of arrays. */
  values: number;
}

const MIB = 1 << 20;

/** art.config.json, package.json. */
export const CONFIG_LIMITS: JsonLimits = { bytes: 4 * MIB, depth: 64, values: 200_000 };
/** compile_commands.json; LLVM's own has some 8,000 commands in 20 MiB. */
export const DATABASE_LIMITS: JsonLimits = { bytes: 48 * MIB, depth: 16, values: 800_000 };
/** Artifact profiles: a function is one value, an edge of a list four. */
export const PROFILE_LIMITS: JsonLimits = { bytes: 32 * MIB, depth: 16, values: 250_000 };
/** Plans, in which a function has some eight values. */
export const PLAN_LIMITS: JsonLimits = { bytes: 64 * MIB, depth: 16, values: 2_000_000 };
/** Profiles that LLVM reads. */
export const LLVM_PROFILE_LIMIT: FileLimit = { bytes: 512 * MIB };
/** Keys in PEM. */
export const KEY_LIMIT: FileLimit = { bytes: 64 << 10 };
/** The size of a response file, and the total number of words in those of one command. */
export const RESPONSE_LIMITS = { bytes: 64 * MIB, words: 200_000 } as const;

/** Parses a number of bytes, such as 500000000 or 2G; undefined if it is not one. */
export function parseBytes(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([KMGT]?)$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * 1024 ** ' KMGT'.indexOf(unit || ' ');
}

/** A number of bytes for messages, such as '64 MiB'. */
export function shownBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]}`;
}

/**
 * Reads chunks up to a limit.
 * @returns the bytes; undefined if there are more than `limit.bytes`
 */
export async function readBounded(
  pieces: AsyncIterable<Uint8Array>,
  { bytes: most }: FileLimit,
): Promise<Uint8Array | undefined> {
  const kept: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > most) return undefined;
    kept.push(piece);
  }
  if (kept.length === 1) return kept[0];
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of kept) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Checks a JSON text before parsing, in one pass over its bytes.
 * @param bytes perhaps not JSON
 * @returns the limit that is exceeded, as text of an error; undefined if none is
 */
export function beyondLimits(bytes: Uint8Array, limits: JsonLimits): string | undefined {
  if (bytes.length > limits.bytes) return `it is larger than ${shownBytes(limits.bytes)}`;
  let depth = 0;
  let values = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    } else if (byte === COMMA) values++;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      values++;
      if (++depth > limits.depth) return `objects and arrays lie more than ${limits.depth} deep in it`;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) depth--;
    if (values > limits.values) return `it has more than ${limits.values} keys and elements`;
  }
  return undefined;
}
