// Entries of a compile database (clang's JSON Compilation Database Format), as -MJ has them.

/** Options that art adds for the driver and that mean nothing to other tools. */
const OWN = /^(-fdriver-only|-ccc-install-dir|--config=.*|-resource-dir)$|\/\.art\//;

/**
 * Rewrites the entries that the driver wrote, one per line with a comma at the end, to the user's own command.
 * @param program the compiler's name, which the driver does not know
 */
export function compileDatabase(text: string, program: string): string {
  return text
    .split(/(?<=\n)/)
    .map((line) => {
      const [entry = '', end] = [line.trimEnd().replace(/,$/, ''), ',\n'];
      const { arguments: words = [], ...rest } = JSON.parse(entry) as { arguments?: string[] };
      const own = [program, ...words.slice(1).filter((word) => !OWN.test(word))];
      return JSON.stringify({ ...rest, arguments: own }) + end;
    })
    .join('');
}
