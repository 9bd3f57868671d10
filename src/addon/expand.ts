// Expands words of evaluated targets as make and the shell would, since build files are written for GYP's make
// generator.
import { splitShellWords } from '../config/shell-words.js';

/** Values of make's variables. */
export type Variables = Readonly<Record<string, string>>;

/** `$(name)`, `${name}`, a function call, `$<`, or an escaped dollar. */
const REFERENCE = /\$(?:\$|<|\(([^()]*)\)|\{([^{}]*)\})/g;

/** Expands make's variables in a text. Unknown variables are empty, as in make. */
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
 * Converts a list of flags to words. A flag with a double quote is one word as it is; a shell would split each of the
 * others, into several words or none.
 */
export function flagWords(flags: readonly string[] | undefined, variables: Variables): string[] {
  return (flags ?? []).flatMap((flag) => {
    const text = expand(flag, variables);
    return (text.includes('"') ? undefined : splitShellWords(text)) ?? [text];
  });
}
