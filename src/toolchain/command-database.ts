// Entries of a compile database (clang's JSON Compilation Database Format), as -MJ has them.

/** Options that art gives the driver, which mean nothing to who reads the entry. */
const OWN = /^(-fdriver-only|-ccc-install-dir|--config=.*|-resource-dir)$|\/\.art\//;

/**
 * The entries that the driver wrote, each in a line that ends in a comma, as the user's command has them.
 * @param program the compiler's name; the driver does not know its own
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
