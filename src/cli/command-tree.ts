// The commands and options of a program as data, for completion scripts and the manual page.
import type { Command } from 'commander';

export interface OptionWords {
  /** All its names, such as `-o` and `--out`. */
  names: string[];
  /** As in help: `-o, --out <file>`. */
  flags: string;
  description: string;
  takesValue: boolean;
  /** The values that it accepts, if they are a fixed list. */
  choices: readonly string[];
}

export interface CommandWords {
  /** Its words without `art`, such as `profile merge`. */
  words: string;
  description: string;
  /** The arguments as in help: `[options] <input...>`. */
  usage: string;
  options: OptionWords[];
  /** The names of its subcommands. */
  commands: string[];
}

/** The commands of a program, in order, each followed by its subcommands. */
export function commandTree(program: Command, words: readonly string[] = []): CommandWords[] {
  return program.commands.flatMap((command) => {
    const own = [...words, command.name()];
    return [
      {
        words: own.join(' '),
        description: command.description(),
        usage: command.usage(),
        options: [...command.createHelp().visibleOptions(command)].map((option) => ({
          names: [option.short, option.long].filter((name) => name !== undefined),
          flags: option.flags,
          description: option.description,
          takesValue: option.required || option.optional,
          choices: option.argChoices ?? [],
        })),
        commands: command.commands.map((inner) => inner.name()),
      },
      ...commandTree(command, own),
    ];
  });
}
