// How help is laid out: at the width of the terminal, wrapped at words.
import { type Command, Help, type Option } from 'commander';

const DEFAULT_WIDTH = 80;
const NARROWEST = 24;
/** Below that many columns for it, a description goes on a line of its own. */
const NARROW = 40;
const INDENT = '      ';

/** Columns to write help in: the terminal's; elsewhere what COLUMNS says, as for other commands. */
function helpWidth(): number {
  const columns = process.stdout.isTTY ? process.stdout.columns : Number(process.env.COLUMNS);
  return Math.max(columns || DEFAULT_WIDTH, NARROWEST);
}

/** Breaks lines longer than `width` at words. What follows an indented line, such as a command, is indented more; prose goes on as it began. */
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

/** Lays out the help of a command, and of those that inherit its settings. */
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
      // Where there is a default worth knowing, the description has it.
      optionDescription: ({ argChoices, description }: Option) =>
        argChoices ? `${description} (one of ${argChoices.join(', ')})` : description,
      formatItem: (term, termWidth, description, helper) => {
        if (!description || width - termWidth - 4 >= NARROW)
          return base.formatItem.call(helper, term, termWidth, description, helper);
        return `  ${term}\n${helper.boxWrap(description, width - INDENT.length).replace(/^/gm, INDENT)}`;
      },
    });
}
