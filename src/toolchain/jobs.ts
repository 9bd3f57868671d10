// What clang's driver would run for a command line, as its -### prints it.

/** One program run. */
export interface Job {
  /**
   * `cc1` is the compiler proper, `cc1as` the assembler, `linker` the linker of the target's file format, and `other` a
   * program that is no part of clang.
   */
  tool: 'cc1' | 'cc1as' | 'linker' | 'other';
  /** The linker's or the other program's name as the driver knows it, such as `ld`. */
  program: string;
  args: string[];
  /** As the driver printed it. */
  line: string;
}

/** The value of an option of cc1 that stands in a word of its own. */
export function valueAfter(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}

/** What a run of cc1 or cc1as reads. */
export const inputOf = (args: readonly string[]): string => args.at(-1) ?? '';

const BANNER =
  /^( ?clang version |Target: |Thread model: |InstalledDir: |Build config: |Configuration file: | \(in-process\))/;

/**
 * Parts the driver's standard error into the runs it plans and what it says to the user.
 * Runs are lines of words in double quotes, with '"', '\' and '$' escaped by '\'.
 */
export function parseJobs(text: string): { jobs: Job[]; banner: string; messages: string } {
  const jobs: Job[] = [];
  const banner: string[] = [];
  const messages: string[] = [];
  for (const line of text.split(/(?<=\n)/)) {
    // clang's own executable has no name here.
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
  // Where clang knows no linker for a system it leaves that to GCC.
  if (program === 'gcc' && !args.includes('-x'))
    return { tool: 'linker', program: 'ld', args: linkerWords(args), line };
  return { tool: LINKER.test(program) ? 'linker' : 'other', program, args, line };
}

const LINKER = /(^|[/-])(ld|ld\.lld|wasm-ld|wasm-component-ld|ld64\.lld|lld-link|link(\.exe)?)$/;

/** The linker's words of a command line of GCC's driver that links objects. */
function linkerWords(args: readonly string[]): string[] {
  return args.flatMap((arg) => {
    if (arg.startsWith('-Wl,')) return arg.split(',').slice(1);
    return /^(-Xlinker|-m\d+)$/.test(arg) ? [] : arg;
  });
}
