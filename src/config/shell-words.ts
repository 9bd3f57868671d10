// Splits a command into words as a POSIX shell would (XCU 2.2, Quoting). Nothing is expanded: commands in
// compile_commands.json have no variables and globs.

/** Blanks between words; or a piece of a word: an escaped character, a quoted string, or bare text. */
const PIECE = /([ \t\r\n]+|\\\n)|\\(.)|'([^']*)'|"((?:[^"\\]|\\.)*)"|([^ \t\r\n\\'"]+)/suy;
/** In double quotes a backslash escapes only these; before any other character it stands for itself. */
const ESCAPED_IN_QUOTES = /\\(?:([$`"\\])|\n)/g;

/**
 * Splits a command line into words as a POSIX shell would; variables and globs are not expanded.
 * @returns undefined if a quote is not closed or a backslash ends the line
 */
export function splitShellWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  PIECE.lastIndex = 0;
  for (let at = 0; at < line.length; at = PIECE.lastIndex) {
    PIECE.lastIndex = at;
    const match = PIECE.exec(line);
    if (!match) return undefined;
    const [, blank, escaped, single, double, bare] = match;
    if (blank === undefined)
      word = (word ?? '') + (escaped ?? single ?? bare ?? (double as string).replace(ESCAPED_IN_QUOTES, '$1'));
    else if (blank !== '\\\n') {
      if (word !== undefined) words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}
