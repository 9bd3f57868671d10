// Text from elsewhere, such as names in an artifact, shown so that it neither breaks a line nor steers a terminal.

const COLOUR = new RegExp(String.raw`(${'\u001b'}\[[0-9;]*m)`);
const escaped = (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`;

/** One line: whatever is no letter, mark or space of its own becomes `\u{…}`. */
export const printable = (line: string): string => line.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);

/** The same for text of several lines, which keeps its line feeds and tabs. */
export const printableText = (text: string): string => text.replace(/[^\P{C}\n\t]|[\p{Zl}\p{Zp}]/gu, escaped);

/** The same for what a compiler prints to a terminal: its colours stay as well (ECMA-48, SGR). */
export const printableColours = (text: string): string =>
  text
    .split(COLOUR)
    .map((part, i) => (i % 2 === 0 ? printableText(part) : part))
    .join('');

/** JSON that is as safe to show, and that says the same: what JSON.stringify leaves as it is becomes an escape. */
export function printableJson(value: unknown): string {
  const unit = (code: string) => `\\u${code.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(value, null, 2).replace(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, (character) =>
    character.split('').map(unit).join(''),
  );
}
