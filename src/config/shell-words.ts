// Splits a command as a POSIX shell would (XCU 2.2, Quoting). Nothing is
// expanded: what is written to compile_commands.json has no variables and globs.

/** Blanks between words; or a piece of a word: escaped, in single or double quotes, or bare. */
const PIECE = /([ \t\r\n]+|\\\n)|\\(.)|'([^']*)'|"((?:[^"\\]|\\.)*)"|([^ \t\r\n\\'"]+)/suy;
/** In double quotes a backslash escapes only these; before any other character it stands for itself. */
const ESCAPED_IN_QUOTES = /\\(?:([$`"\\])|\n)/g;

/**
 * The words of a command line.
 * @returns undefined where a quote is not closed or a backslash ends the line
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
