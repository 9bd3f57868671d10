// Parses the jobs that clang's driver plans for a command line, as it prints them with -###.

/** A run of one program. */
export interface Job {
  /**
   * `cc1` is the compiler proper, `cc1as` the assembler, `linker` the linker of the target's object format, `other` a
   * program that is not part of clang.
   */
  tool: 'cc1' | 'cc1as' | 'linker' | 'other';
  /** The name of the linker or of the other program, such as `ld`. */
  program: string;
  args: string[];
  /** The line that the driver printed. */
  line: string;
}

/** The value of an option of cc1, if it is the word after it. */
export function valueAfter(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}

/** The input file of cc1 or cc1as. */
export const inputOf = (args: readonly string[]): string => args.at(-1) ?? '';

const BANNER =
  /^( ?clang version |Target: |Thread model: |InstalledDir: |Build config: |Configuration file: | \(in-process\))/;

/**
 * Splits the driver's standard error into the jobs that it plans and its messages to the user. Jobs are lines of words
 * in double quotes, in which '"', '\' and '$' are escaped by '\'.
 */
export function parseJobs(text: string): { jobs: Job[]; banner: string; messages: string } {
  const jobs: Job[] = [];
  const banner: string[] = [];
  const messages: string[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    // clang's own executable has an empty name here.
    if (line.startsWith(' "')) jobs.push(jobOf(line.replace(/^ "" /, ' "clang" ')));
    else if (BANNER.test(line)) banner.push(line);
    else messages.push(line);
  }
  return { jobs, banner: banner.join('').replace(/^ /, ''), messages: messages.join('') };
}

function words(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/gs)].map((match) => (match[1] as string).replace(/\\(.)/gs, '$1'));
}

function jobOf(line: string): Job {
  const [program = '', ...args] = words(line);
  if (args[0] === '-cc1') return { tool: 'cc1', program, args: args.slice(1), line };
  if (args[0] === '-cc1as') return { tool: 'cc1as', program, args: args.slice(1), line };
  // If clang knows no linker for a system, it calls GCC to link.
  if (program === 'gcc' && !args.includes('-x'))
    return { tool: 'linker', program: 'ld', args: linkerWords(args), line };
  return { tool: LINKER.test(program) ? 'linker' : 'other', program, args, line };
}

const LINKER = /(^|[/-])(ld|ld\.lld|wasm-ld|wasm-component-ld|ld64\.lld|lld-link|link(\.exe)?)$/;

/** The words for the linker in a command line of GCC's driver. */
function linkerWords(args: readonly string[]): string[] {
  return args.flatMap((arg) => {
    if (arg.startsWith('-Wl,')) return arg.split(',').slice(1);
    return /^(-Xlinker|-m\d+)$/.test(arg) ? [] : arg;
  });
}
