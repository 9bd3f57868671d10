// Rewrites paths in diagnostics: clang names files as it sees them in its own file system, people want the names that
// they wrote.
import { PROJECT } from './paths.js';

/** Maps paths inside the compiler's file system to those that the user wrote. */
export interface ShownPaths {
  /** The unit's path in the project, and as the user wrote it. */
  unit: { path: string; shown: string };
  /** The prefix for paths of the project: empty, or ending in '/'. */
  project: string;
  /**
   * What to show for other places, absolute or in the project. The first entry that is a path or a directory above it
   * applies.
   */
  mounts: readonly { at: string; shown: string }[];
}

const COLOUR = String.raw`(?:${'\u001b'}\[[0-9;]*m)*`;
const COLOURS = new RegExp(COLOUR, 'g');
/** A path at the start of a line, followed by ':line:' or by a message about a whole file; also in an include stack. */
const LOCATION = new RegExp(
  String.raw`^(${COLOUR}(?:In file included from |\s+from )?)([^\s:|'"<>][^:|'"<>\n]*?)(?=:(?:\d+:|\s${COLOUR}(?:error|warning|note): ))`,
  'gm',
);
/** A path that clang's driver puts in quotes. */
const QUOTED = /'(\/(?:src|include)\/[^'\n]*)'/g;

/** A message that names no file: about a whole module, or inside inline assembly. */
const UNPLACED = new RegExp(`^(?=${COLOUR}(?:(?:fatal )?error: |warning: |<inline asm>:))`, 'gm');

/** Rewrites the paths in a compiler's text, and adds the unit to messages that name no file. */
export function showPaths(text: string, paths: ShownPaths): string {
  const show = (path: string) => showPath(path, paths);
  return text
    .replace(LOCATION, (_, before: string, path: string) => before + show(path))
    .replace(UNPLACED, `${paths.unit.shown}: `)
    .replace(QUOTED, (_, path: string) => `'${show(path)}'`);
}

/** Converts a path of the compiler, or of provenance, to the one that the user would write. */
export function showPath(path: string, paths: ShownPaths): string {
  const inside = path.startsWith(`${PROJECT}/`) ? path.slice(PROJECT.length + 1) : path.replace(/^(\.\/)+/, '');
  if (inside === paths.unit.path) return paths.unit.shown;
  const mount = paths.mounts.find((m) => inside === m.at || inside.startsWith(`${m.at}/`));
  if (mount) return mount.shown + inside.slice(mount.at.length);
  if (inside.startsWith('/')) return inside;
  return inside === 'clang' ? inside : paths.project + inside;
}

/** How many errors of the same kind are shown. */
const SHOWN_ERRORS = 100;
const DIAGNOSTIC = new RegExp(
  String.raw`^${COLOUR}(?:[^\n]*?:\s?${COLOUR}\s?)?(?:fatal )?(error|warning|note):\s?${COLOUR}(.*)$`,
);

/** The kind of an error: its message without names, numbers and places. */
function kindOfError(message: string): string {
  const [kind = ''] = message.split(': ', 1);
  return kind
    .replace(/'[^']*'|"[^"]*"|\d+/g, '…')
    .replace(COLOURS, '')
    .trim();
}

/**
 * Keeps in a program's text the first hundred errors of each kind, and adds a line for each kind that had more. The
 * lines up to the next diagnostic and the notes of an error are kept or removed with it.
 */
export function firstErrors(text: string): string {
  // A quick check, since nearly all texts are short.
  if (text.split('error:', SHOWN_ERRORS + 2).length <= SHOWN_ERRORS + 1) return text;
  const counts = new Map<string, number>();
  const kept: string[] = [];
  let isShown = true;
  for (const line of text.split('\n')) {
    const [, level, message = ''] = DIAGNOSTIC.exec(line) ?? [];
    if (level === 'error') {
      const kind = kindOfError(message);
      const count = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, count);
      isShown = count <= SHOWN_ERRORS;
    } else if (level === 'warning' || /^\d+ (error|warning)s? /.test(line)) isShown = true;
    if (isShown) kept.push(line);
  }
  const more = [...counts].filter(([, count]) => count > SHOWN_ERRORS);
  if (more.length === 0) return text;
  const end = kept.at(-1) === '' ? kept.pop() : undefined;
  kept.push(
    ...more.map(([kind, count]) => `art: note: ${count - SHOWN_ERRORS} more errors like '${kind}' are not shown`),
  );
  return [...kept, ...(end === undefined ? [] : [end])].join('\n');
}
