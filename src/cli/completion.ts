import { Argument, Command } from 'commander';
import { commandTree } from './command-tree.js';
import { addCommonOptions, type CommonFlags, say } from './common-options.js';
import { SHELLS } from './completion-scripts.js';

const EXAMPLES = `
  bash   eval "$(art completion bash)"    in ~/.bashrc
  zsh    eval "$(art completion zsh)"     in ~/.zshrc, after compinit
  fish   art completion fish > ~/.config/fish/completions/art.fish
`;

/**
 * `art completion`: prints a script with which a shell completes commands and options.
 * @param program returns the program to complete, after all its commands have been added
 */
export function completionCommand(program: () => Command): Command {
  const command = new Command('completion')
    .description('print a script that completes the commands and options of art in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SHELLS)))
    .allowExcessArguments(false)
    .addHelpText('after', EXAMPLES);
  return addCommonOptions(command).action((shell: string, common: CommonFlags) => {
    const script = SHELLS[shell]?.(commandTree(program())) ?? '';
    say(common, { shell, script }, script);
  });
}
