// Shows clang's messages as clang prints them; the places in them are links to the source.
import type { Compilation } from '../../../src/browser.js';
import { coloured } from './ansi.js';
import { $, el } from './dom.js';

const COLOUR = `${'\u001b'}\\[[0-9;]*m`;
/** The place of a message, at the beginning of its line. */
const PLACE = new RegExp(`^((?:${COLOUR})*)([^\\s:${'\u001b'}][^:${'\u001b'}]*):(\\d+):(\\d+): `);

/**
 * Shows messages.
 * @param goTo called when the user follows a place in a file of the project
 */
export function showMessages(
  text: string,
  isOurs: (file: string) => boolean,
  goTo: (file: string, line: number, column: number) => void,
): void {
  const lines = text.replace(/\n+$/, '').split('\n');
  const nodes = lines.flatMap((line): Node[] => {
    const [all = '', before = '', file = '', at, column] = PLACE.exec(line) ?? [];
    const end = document.createTextNode('\n');
    if (all === '' || !isOurs(file)) return [...coloured(line), end];
    const button = el(
      'button',
      { type: 'button', className: 'place', onclick: () => goTo(file, Number(at), Number(column)) },
      `${file}:${at}:${column}:`,
    );
    return [...coloured(before), button, ...coloured(` ${line.slice(all.length)}`), end];
  });
  $('messages').replaceChildren(...(text.trim() === '' ? [el('p', { className: 'nothing' }, 'No messages.')] : nodes));
}

/** A text with the number of errors and warnings. */
export function countMessages(results: readonly Compilation[]): string {
  const all = results.flatMap(({ diagnostics }) => diagnostics);
  const errors = new Set(all.filter(({ severity }) => severity === 'error' || severity === 'fatal').map(keyOf)).size;
  const warnings = new Set(all.filter(({ severity }) => severity === 'warning').map(keyOf)).size;
  const some = (count: number, what: string) => (count === 0 ? [] : [`${count} ${what}${count === 1 ? '' : 's'}`]);
  return [...some(errors, 'error'), ...some(warnings, 'warning')].join(', ');
}

const keyOf = ({ file, line, column, message }: Compilation['diagnostics'][number]) =>
  `${file}:${line}:${column}:${message}`;

/** Joins the messages of several outputs, each once: two targets usually have the same. */
export function joinTexts(results: readonly Compilation[]): string {
  const [first, second] = results;
  if (!first || !second || first.text === second.text) return first?.text ?? '';
  const heading = ({ target }: Compilation, number: number) => `Output ${number}, ${target}:\n`;
  return results
    .map((result, at) => (result.text === '' ? '' : heading(result, at + 1) + result.text))
    .filter((text) => text !== '')
    .join('\n');
}
