// Which paths an artifact may have (docs/format.md, section 2).

import { PUBLISHING_NAME } from '../platform/names.js';
import { MAX_PATH_BYTES, MAX_PATH_NAMES } from './bounds.js';
import { ARCHIVE_NAME, BUNDLE_NAME, DIRECTORY_MANIFEST, MANIFEST_NAME } from './names.js';

// Characters are written by number, so that they can be copied to the JSON Schema.
/** Control characters, characters that change the direction of text or break a line, and unpaired surrogates. */
const STEERING = '\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ud800-\\udfff';
/** Invisible characters: Unicode 16's Default_Ignorable_Code_Point and U+FFF9 to U+FFFB, without U+200C and U+200D. */
const UNSEEN =
  '\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b\\u2060-\\u2065\\u206a-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}';
/**
 * The joiners U+200C and U+200D, which many words in Arabic and Indic scripts need, are allowed after a letter of these
 * scripts.
 */
const JOINED = '(?<=[\\u0620-\\u0dff])[\\u200c\\u200d]';
const PLAIN = `[^\\/\\\\:${STEERING}${UNSEEN}\\u200c\\u200d]`;

const anyCase = (text: string) => text.replace(/[a-z]/g, (c) => `[${c.toUpperCase()}${c}]`);
/** Device names of Windows, with any ending. */
const DEVICE = `(?:${anyCase('con|prn|aux|nul|conin\\$|conout\\$')}|(?:${anyCase('com|lpt')})[0-9¹²³]) *(?:\\.|\\/|$)`;
/** git's own folder, and its short name on Windows: files in it could be hooks, which git runs. */
const GIT = `(?:\\.${anyCase('git')}|${anyCase('git')}~1)(?:\\/|$)`;
const NAME = `(?!${DEVICE})(?!${GIT})(?:${PLAIN}|${JOINED})*(?:(?![. ])${PLAIN}|${JOINED})`;

/**
 * A relative path with '/' between its names, none of which any system treats as another name or as something other
 * than a file.
 */
export const PATH = new RegExp(`^${NAME}(?:\\/${NAME}){0,${MAX_PATH_NAMES - 1}}$`, 'u');

/** What is wrong with a path, as text after its name; the first match is used. */
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

/**
 * Names of the artifact's own files in all layouts, of the subjects of its signature, and of the folder for publishing.
 */
const RESERVED: ReadonlySet<string> = new Set([
  MANIFEST_NAME,
  ARCHIVE_NAME,
  BUNDLE_NAME,
  DIRECTORY_MANIFEST,
  PUBLISHING_NAME,
]);

export const RESERVED_EXPECTED = `must not begin with ${[...RESERVED].join(', ')}, which are names of the artifact's own`;

/** Whether an entry has the path of one of the artifact's own files. */
export const isReserved = (path: string): boolean => RESERVED.has(foldPath(path.split('/', 1)[0] as string));

const encoder = new TextEncoder();
/** A UTF-16 code unit has at most three bytes of UTF-8, so most paths need not be encoded to be measured. */
export const isTooLong = (path: string): boolean =>
  path.length * 3 > MAX_PATH_BYTES && (path.length > MAX_PATH_BYTES || encoder.encode(path).length > MAX_PATH_BYTES);

/**
 * Maps all paths that some file system treats as the same to one path: macOS normalises accents, macOS and Windows
 * ignore case, and the joiners are invisible. Three mappings are needed, since 'ß' and 'ẞ' become equal only as 'SS',
 * and lower case makes 'ς' of a final 'Σ'.
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

/** Why a path is not allowed in an artifact, as text after its name; undefined if it is. */
export function pathProblem(path: string): string | undefined {
  if (isTooLong(path)) return `is longer than the ${MAX_PATH_BYTES} bytes that a path in an artifact may have`;
  if (PATH.test(path)) return undefined;
  for (const [pattern, problem] of PROBLEMS) {
    const found = pattern.exec(path)?.[0];
    if (found !== undefined) return typeof problem === 'string' ? problem : problem(found);
  }
  return `has more than the ${MAX_PATH_NAMES} names that a path in an artifact may have`;
}

/** The same as text for the error of a key in a manifest. */
export const pathExpected = (path: unknown): string =>
  `must be a relative path of plain names: it ${typeof path === 'string' ? pathProblem(path) : 'is none'}`;
