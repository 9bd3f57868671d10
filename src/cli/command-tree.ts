// The commands and options of a program as data, for completion scripts and the manual page.
import type { Command } from 'commander';

export interface OptionWords {
  /** All spellings, such as `-o` and `--out`. */
  names: string[];
  /** As help writes it: `-o, --out <file>`. */
  flags: string;
  description: string;
  takesValue: boolean;
  /** The values that it takes, where they are few. */
  choices: readonly string[];
}

export interface CommandWords {
  /** The words that call it, without `art`: `profile merge`. */
  words: string;
  description: string;
  /** What follows the words, as help writes it: `[options] <input...>`. */
  usage: string;
  options: OptionWords[];
  /** The last words of the commands that it has. */
  commands: string[];
}

/** The commands of a program in its order, each followed by those that it has itself. */
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
