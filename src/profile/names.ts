// Shortens function names in messages: those of C++ templates can be longer than a screen.
import { printable } from '../text/printable.js';

/** How many characters stay at the beginning and at the end of a long name. */
const KEPT = 50;

/** A name on one line; for a long name, its beginning and its end. */
export function shortName(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= 2 * KEPT + 1) return printable(name);
  return printable(`${characters.slice(0, KEPT).join('')}…${characters.slice(-KEPT).join('')}`);
}
