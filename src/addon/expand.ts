// Words of evaluated targets, as make and the shell would read them: GYP's generator for make is what build files are
// written for.
import { splitShellWords } from '../config/shell-words.js';

/** Values of make's variables. */
export type Variables = Readonly<Record<string, string>>;

/** `$(name)`, `${name}`, a function call, `$<`, or an escaped dollar. */
const REFERENCE = /\$(?:\$|<|\(([^()]*)\)|\{([^{}]*)\})/g;

/** A text with make's variables in it. What is not known is empty, as it is to make. */
export function expand(text: string, variables: Variables): string {
  return text.replace(REFERENCE, (whole, round: string | undefined, curly: string | undefined) => {
    if (whole === '$$') return '$';
    if (whole === '$<') return variables['<'] ?? '';
    const name = (round ?? curly) as string;
    const [, call, argument] = /^(abspath|suffix|notdir) (.*)$/.exec(name) ?? [];
    if (call === undefined) return variables[name] ?? '';
    const value = expand(argument as string, variables);
    const base = value.slice(value.lastIndexOf('/') + 1);
    if (call === 'suffix') return base.includes('.') ? base.slice(base.lastIndexOf('.')) : '';
    return call === 'notdir' ? base : value;
  });
}

/**
 * Flags of a list. One that has a double quote is a word as it stands; all others are what a shell makes of them, which may
 * be several words or none.
 */
export function flagWords(flags: readonly string[] | undefined, variables: Variables): string[] {
  return (flags ?? []).flatMap((flag) => {
    const text = expand(flag, variables);
    return (text.includes('"') ? undefined : splitShellWords(text)) ?? [text];
  });
}
