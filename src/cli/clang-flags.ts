import { isClangFlag, takesNextArgument } from '../config/flags.js';

/**
 * Splits a command line into art's own words and clang's flags: words before a '--' that look like clang's, and all
 * words after it.
 */
export function splitClangFlags(argv: readonly string[]): { own: string[]; flags: string[] } {
  const own: string[] = [];
  const flags: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string;
    if (argument === '--') {
      flags.push(...argv.slice(i + 1));
      break;
    }
    if (!isClangFlag(argument)) {
      // The value is optional, so the next word does not belong to it.
      own.push(argument === '--instrument' ? '--instrument=frontend' : argument);
      continue;
    }
    flags.push(argument);
    const value = argv[i + 1];
    if (takesNextArgument(argument) && value !== undefined) {
      flags.push(value);
      i++;
    }
  }
  return { own, flags };
}
