// What a path in an artifact may be (docs/format.md, section 2).
import { PUBLISHING_NAME } from '../platform/names.js';
import { ARCHIVE_NAME, BUNDLE_NAME, DIRECTORY_MANIFEST, MANIFEST_NAME } from './names.js';

/** In UTF-8. */
export const MAX_PATH_BYTES = 4096;

// Control characters, those that turn the direction of text, and others that break a line. By their numbers, so that the
// JSON Schema has them as well; lone surrogates only match with the flag u.
const CHARACTERS = '\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff';
const NAME = `(?!\\.{1,2}(?:\\/|$))[^\\/\\\\${CHARACTERS}]+`;

/** Relative, '/' between the parts, no '.', '..' or empty part, no drive; no backslash and no character that is not shown. */
export const PATH = new RegExp(`^(?![A-Za-z]:)${NAME}(?:\\/${NAME})*$`, 'u');

export const PATH_EXPECTED =
  "must be a relative path with '/' between its parts, without '.', '..', a drive, a backslash or control characters";

/** Files of an artifact itself, in one layout or another, and subjects of its signature; and where they are published. */
const RESERVED: ReadonlySet<string> = new Set([
  MANIFEST_NAME,
  ARCHIVE_NAME,
  BUNDLE_NAME,
  DIRECTORY_MANIFEST,
  PUBLISHING_NAME,
]);

export const RESERVED_EXPECTED = `must not begin with ${[...RESERVED].join(', ')}, which are names of the artifact's own`;

/** Whether an entry would lie where an artifact has a file of its own. */
export const isReserved = (path: string): boolean => RESERVED.has(foldPath(path.split('/', 1)[0] as string));

export const isTooLong = (path: string): boolean => new TextEncoder().encode(path).length > MAX_PATH_BYTES;

/**
 * A path under which all that some file system takes for the same are one: macOS composes accents, it and Windows
 * ignore case. Three mappings, since 'ß' and 'ẞ' only meet in 'SS'; 'ς' is what lower case makes of a last 'Σ'.
 */
export const foldPath = (path: string): string =>
  path.normalize('NFD').toLowerCase().toUpperCase().toLowerCase().normalize('NFC').replaceAll('ς', 'σ');

/** Why a path cannot be a path in an artifact, in words that follow its name; undefined where it can. */
export function pathProblem(path: string): string | undefined {
  if (isTooLong(path)) return `is longer than the ${MAX_PATH_BYTES} bytes that a path in an artifact may have`;
  if (/^[A-Za-z]:/.test(path)) return 'begins as a path on a drive of Windows does';
  if (!PATH.test(path))
    return 'holds a control character, a character that turns the direction of text, a backslash or bytes that are not UTF-8';
  return undefined;
}
