// Escapes untrusted text, such as names in an artifact, so that it cannot break a line or control a terminal.

const COLOUR = new RegExp(String.raw`(${'\u001b'}\[[0-9;]*m)`);
const escaped = (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`;

/** Escapes a line: control characters, format characters and line separators become `\u{…}`. */
export const printable = (line: string): string => line.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);

/** The same for text of several lines: line feeds and tabs stay. */
export const printableText = (text: string): string => text.replace(/[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/gu, escaped);

/** The same for the output of a compiler on a terminal: its colours (ECMA-48, SGR) stay as well. */
export const printableColours = (text: string): string =>
  text
    .split(COLOUR)
    .map((part, i) => (i % 2 === 0 ? printableText(part) : part))
    .join('');

/**
 * JSON that is safe to show: unsafe characters that JSON.stringify leaves as they are become escapes, which mean the
 * same.
 */
export function printableJson(value: unknown): string {
  const unit = (code: string) => `\\u${code.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value, null, 2).replace(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, (character) =>
    character.split('').map(unit).join(''),
  );
}
