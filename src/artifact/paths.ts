// What a path in an artifact may be (docs/format.md, section 2).

import { PUBLISHING_NAME } from '../platform/names.js';
import { MAX_PATH_BYTES, MAX_PATH_NAMES } from './bounds.js';
import { ARCHIVE_NAME, BUNDLE_NAME, DIRECTORY_MANIFEST, MANIFEST_NAME } from './names.js';

// Characters by their numbers, so that the JSON Schema has them as well.
/** Control characters, those that turn the direction of text or break a line, and halves of surrogates. */
const STEERING = '\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff';
/** Those that show nothing: Unicode 16's Default_Ignorable_Code_Point and U+FFF9 to U+FFFB, without U+200C and U+200D. */
const UNSEEN =
  '\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b\\u2060-\\u2065\\u206a-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}';
/** The joiners, without which many words of Arabic's and India's scripts are misspelt, stand after a letter of these. */
const JOINED = '(?<=[\\u0620-\\u0dff])[\\u200c\\u200d]';
const PLAIN = `[^\\/\\\\:${STEERING}${UNSEEN}\\u200c\\u200d]`;

const anyCase = (text: string) => text.replace(/[a-z]/g, (c) => `[${c.toUpperCase()}${c}]`);
/** Devices of Windows, whatever ending they have. */
const DEVICE = `(?:${anyCase('con|prn|aux|nul|conin\\$|conout\\$')}|(?:${anyCase('com|lpt')})[0-9¹²³]) *(?:\\.|\\/|$)`;
/** What git keeps its own files in, and its short name on Windows: a checkout there could run what hooks it holds. */
const GIT = `(?:\\.${anyCase('git')}|${anyCase('git')}~1)(?:\\/|$)`;
const NAME = `(?!${DEVICE})(?!${GIT})(?:${PLAIN}|${JOINED})*(?:(?![. ])${PLAIN}|${JOINED})`;

/** Relative, '/' between its names; no name that some system takes for another, or for something else than a file. */
export const PATH = new RegExp(`^${NAME}(?:\\/${NAME}){0,${MAX_PATH_NAMES - 1}}$`, 'u');

/** What of a path is wrong, in words that follow its name; the first that fits is said. */
const PROBLEMS: readonly [pattern: RegExp, problem: string | ((found: string) => string)][] = [
  [/^[A-Za-z]:/, 'begins as a path on a drive of Windows does'],
  [/:/, "holds ':', which parts a file from its streams on Windows"],
  [/\\/, 'holds a backslash'],
  [/^\/|^$/, 'is not relative'],
  [/\/\/|\/$/, 'has an empty name in it'],
  [/(?:^|\/)\.{1,2}(?:\/|$)/, "has '.' or '..' as a name"],
  [/[. ](?:\/|$)/, 'has a name that ends in a dot or a space, which Windows takes away'],
  [new RegExp(`[${STEERING}]`, 'u'), (found) => `holds ${codePoint(found)}, which controls a terminal or turns text`],
  [
    new RegExp(`[${UNSEEN}]|(?<![\\u0620-\\u0dff])[\\u200c\\u200d]`, 'u'),
    (found) => `holds ${codePoint(found)}, which shows nothing`,
  ],
  [
    new RegExp(`(?<=^|\\/)(?:${DEVICE})`, 'u'),
    (found) => `has '${found.replace(/ *[./]?$/, '')}' in it, a device of Windows`,
  ],
  [new RegExp(`(?<=^|\\/)(?:${GIT})`, 'u'), 'leads into a folder of git'],
];

const codePoint = (character: string) =>
  `U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;

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

const encoder = new TextEncoder();
/** A UTF-16 code unit is three bytes of UTF-8 at most, so that most paths need not be counted. */
export const isTooLong = (path: string): boolean =>
  path.length * 3 > MAX_PATH_BYTES && (path.length > MAX_PATH_BYTES || encoder.encode(path).length > MAX_PATH_BYTES);

/**
 * A path under which all that some file system takes for the same are one: macOS composes accents, it and Windows
 * ignore case; the joiners that a name may have are not seen. Three mappings, since 'ß' and 'ẞ' only meet in 'SS'; 'ς' is
 * what lower case makes of a last 'Σ'.
 */
export const foldPath = (path: string): string =>
  path
    .replace(/[\u200c\u200d]/g, '')
    .normalize('NFD')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFC')
    .replaceAll('ς', 'σ');

/** Why a path cannot be a path in an artifact, in words that follow its name; undefined where it can. */
export function pathProblem(path: string): string | undefined {
  if (isTooLong(path)) return `is longer than the ${MAX_PATH_BYTES} bytes that a path in an artifact may have`;
  if (PATH.test(path)) return undefined;
  for (const [pattern, problem] of PROBLEMS) {
    const found = pattern.exec(path)?.[0];
    if (found !== undefined) return typeof problem === 'string' ? problem : problem(found);
  }
  return `has more than the ${MAX_PATH_NAMES} names that a path in an artifact may have`;
}

/** The same for a manifest, whose keys must be what is said. */
export const pathExpected = (path: unknown): string =>
  `must be a relative path of plain names: it ${typeof path === 'string' ? pathProblem(path) : 'is none'}`;
