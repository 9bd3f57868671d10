// Scripts with which shells complete command lines of art. Each contains all words, so that completion does not start
// Node.
import type { CommandWords } from './command-tree.js';

/** The names under which npm installs the command. */
const NAMES = ['art', 'art-aot'];

export const SHELLS: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = { bash, zsh, fish };

const topOf = (commands: readonly CommandWords[]) => commands.filter(({ words }) => !words.includes(' '));
/** Quotes a text with single quotes for sh. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
/** The first line of a description. */
const brief = (text: string) => text.split('\n', 1)[0] as string;

/** The branches of a `case` on the words of a command, in the syntax of sh. */
const cases = (commands: readonly CommandWords[], body: (command: CommandWords) => string) =>
  commands.map((command) => `    ${quoted(command.words)}) ${body(command)} ;;\n`).join('');

/** The script for bash. It does not need the package bash-completion. */
function bash(commands: readonly CommandWords[]): string {
  const choices = commands.flatMap(({ words, options }) =>
    options.flatMap((option) =>
      option.choices.length === 0
        ? []
        : option.names.map(
            (name) => `    ${quoted(`${words} ${name}`)}) words=${quoted(option.choices.join(' '))} ;;\n`,
          ),
    ),
  );
  return `# Completion of art in bash: eval "$(art completion bash)" in ~/.bashrc
_art() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]} inner='' words=''
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W ${quoted(
      topOf(commands)
        .map(({ words }) => words)
        .join(' '),
    )} -- "$current"))
    return
  fi
  case $command in
${cases(topOf(commands), ({ commands: own }) => `inner=${quoted(own.join(' '))}`)}  esac
  if [[ -n $inner ]]; then
    if ((COMP_CWORD == 2)); then
      COMPREPLY=($(compgen -W "$inner" -- "$current"))
      return
    fi
    command+=" \${COMP_WORDS[2]}"
  fi
  case "$command $previous" in
${choices.join('')}  esac
  if [[ -z $words && $current == -* ]]; then
    case $command in
${cases(commands, ({ options }) => `words=${quoted(options.flatMap(({ names }) => names).join(' '))}`)}    esac
  fi
  [[ -z $words ]] || COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _art ${NAMES.join(' ')}
`;
}

/** The script for zsh, for a file in \`fpath\` or for eval. */
function zsh(commands: readonly CommandWords[]): string {
  const described = (name: string, description: string) =>
    quoted(`${name.replaceAll(':', '\\:')}:${brief(description).replaceAll(':', '\\:')}`);
  const inner = topOf(commands).filter(({ commands: own }) => own.length > 0);
  return `#compdef ${NAMES.join(' ')}
# Completion of art in zsh: eval "$(art completion zsh)" in ~/.zshrc, after compinit
_art() {
  local -a found
  local command=$words[2]
  if ((CURRENT == 2)); then
    found=(${topOf(commands)
      .map(({ words, description }) => described(words, description))
      .join(' ')})
    _describe command found
    return
  fi
  case $command in
${cases(inner, ({ words: outer }) => {
  const own = commands.filter(({ words }) => words.startsWith(`${outer} `));
  return `found=(${own.map(({ words, description }) => described(words.slice(outer.length + 1), description)).join(' ')})`;
})}  esac
  if (($#found)); then
    if ((CURRENT == 3)); then
      _describe command found
      return
    fi
    command+=" $words[3]"
  fi
  found=()
  case $command in
${cases(
  commands,
  ({ options }) =>
    `found=(${options.flatMap(({ names, description }) => names.map((name) => described(name, description))).join(' ')})`,
)}  esac
  if [[ $PREFIX == -* ]]; then _describe -o option found; else _files; fi
}
compdef _art ${NAMES.join(' ')}
`;
}

/** The script for fish, for \`~/.config/fish/completions/art.fish\`. */
function fish(commands: readonly CommandWords[]): string {
  const text = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap(({ words, description, options, commands: own }) => {
    const [outer = '', inner] = words.split(' ');
    const seen = inner
      ? `__fish_seen_subcommand_from ${outer}; and __fish_seen_subcommand_from ${inner}`
      : `__fish_seen_subcommand_from ${outer}`;
    const offered = inner
      ? `__fish_seen_subcommand_from ${outer}; and not __fish_seen_subcommand_from ${commands
          .find((command) => command.words === outer)
          ?.commands.join(' ')}`
      : '__fish_use_subcommand';
    return [
      `complete -c $name -n ${text(offered)} ${own.length > 0 || !inner ? '-f ' : ''}-a ${inner ?? outer} -d ${text(brief(description))}`,
      ...options.map(({ names, description: does, takesValue, choices }) => {
        const spelled = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
        const value = choices.length > 0 ? ` -x -a ${text(choices.join(' '))}` : takesValue ? ' -r' : '';
        return `complete -c $name -n ${text(seen)} ${spelled.join(' ')}${value} -d ${text(brief(does))}`;
      }),
    ];
  });
  return `# Completion of art in fish: art completion fish > ~/.config/fish/completions/art.fish
for name in ${NAMES.join(' ')}
${lines.map((line) => `  ${line}\n`).join('')}end
`;
}
