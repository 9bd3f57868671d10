// Converts text with colours for terminals (ECMA-48, SGR) to elements.
import { el } from './dom.js';

const COLOUR = new RegExp(`${'\u001b'}\\[([0-9;]*)m`, 'g');
const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/** Splits a text into nodes; coloured parts are elements with the classes `bold` and `ansi-<colour>`. */
export function coloured(text: string): Node[] {
  const nodes: Node[] = [];
  let bold = false;
  let colour: string | undefined;
  let at = 0;
  const add = (part: string) => {
    if (part === '') return;
    const className = [bold ? 'bold' : '', colour ? `ansi-${colour}` : ''].join(' ').trim();
    nodes.push(className ? el('span', { className }, part) : document.createTextNode(part));
  };
  for (const match of text.matchAll(COLOUR)) {
    add(text.slice(at, match.index));
    at = match.index + match[0].length;
    for (const code of (match[1] || '0').split(';').map(Number)) {
      if (code === 0) [bold, colour] = [false, undefined];
      else if (code === 1) bold = true;
      else if (code === 22) bold = false;
      else if (code === 39) colour = undefined;
      else if (code >= 30 && code <= 37) colour = NAMES[code - 30];
      else if (code >= 90 && code <= 97) colour = NAMES[code - 90];
    }
  }
  add(text.slice(at));
  return nodes;
}
