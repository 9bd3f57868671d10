// Names of functions in messages: those of C++ templates can be longer than a screen.
import { printable } from '../text/printable.js';

/** Of a name in a message, the characters that stay at its beginning and at its end. */
const KEPT = 50;

/** A name on one line; of a long one the beginning and the end. */
export function shortName(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= 2 * KEPT + 1) return printable(name);
  return printable(`${characters.slice(0, KEPT).join('')}…${characters.slice(-KEPT).join('')}`);
}
