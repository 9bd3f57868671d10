import { isClangFlag, takesNextArgument } from '../config/flags.js';

/**
 * Parts a command line into art's own words and clang's flags: those that look
 * like clang's before a '--', and all that stands after it.
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
      // Its value is optional, so the next word is none.
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
