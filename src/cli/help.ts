// Lays out help for the width of the terminal.
import { type Command, Help, type Option } from 'commander';

const DEFAULT_WIDTH = 80;
const NARROWEST = 24;
/** If fewer columns are left for a description, it goes on a line of its own. */
const NARROW = 40;
const INDENT = '      ';

/**
 * The width of help in columns: that of the terminal; without a terminal that of the variable COLUMNS, as in other
 * commands.
 */
function helpWidth(): number {
  const columns = process.stdout.isTTY ? process.stdout.columns : Number(process.env.COLUMNS);
  return Math.max(columns || DEFAULT_WIDTH, NARROWEST);
}

/**
 * Breaks lines longer than `width` between words. The rest of an indented line, such as a command, is indented further;
 * the rest of other text is not.
 */
function wrapLines(text: string, width: number): string {
  return text.replace(/^.*$/gm, (line) => {
    const start = /^ */.exec(line)?.[0] ?? '';
    let rest = line;
    const lines: string[] = [];
    while (rest.length > width) {
      const at = rest.lastIndexOf(' ', width);
      if (rest.slice(0, at).trim() === '') break; // one long word
      lines.push(rest.slice(0, at).trimEnd());
      rest = `${start && `${start}    `}${rest.slice(at).trimStart()}`;
    }
    return [...lines, rest].join('\n');
  });
}

/** Lays out the help of a command, and of its subcommands, which inherit its settings. */
export function layOutHelp(command: Command): Command {
  const base = new Help();
  const width = helpWidth();
  return command
    .configureOutput({
      getOutHelpWidth: () => width,
      getErrHelpWidth: () => width,
      writeOut: (text) => void process.stdout.write(wrapLines(text, width)),
      writeErr: (text) => void process.stderr.write(wrapLines(text, width)),
      outputError: () => {}, // main says it
    })
    .configureHelp({
      minWidthToWrap: NARROWEST - INDENT.length,
      // The descriptions themselves name the defaults that are worth knowing.
      optionDescription: ({ argChoices, description }: Option) =>
        argChoices ? `${description} (one of ${argChoices.join(', ')})` : description,
      formatItem: (term, termWidth, description, helper) => {
        if (!description || width - termWidth - 4 >= NARROW)
          return base.formatItem.call(helper, term, termWidth, description, helper);
        return `  ${term}\n${helper.boxWrap(description, width - INDENT.length).replace(/^/gm, INDENT)}`;
      },
    });
}
