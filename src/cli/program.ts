import { Command, CommanderError } from 'commander';
import { ArtError } from '../errors.js';
import { printableText } from '../text/printable.js';
import { VERSION } from '../version.js';
import { addonCommand } from './addon.js';
import { browserCommand } from './browser.js';
import { buildCommand } from './build.js';
import { cacheCommand } from './cache.js';
import { COMPILER_COMMANDS, runCompilerCommand } from './cc.js';
import { splitClangFlags } from './clang-flags.js';
import { diffCommand, rebuildCommand } from './compare.js';
import { completionCommand } from './completion.js';
import { extractCommand, verifyCommand } from './consume.js';
import { convertCommand } from './convert.js';
import { daemonCommand } from './daemon.js';
import { layOutHelp } from './help.js';
import { initCommand } from './init.js';
import { inspectCommand } from './inspect.js';
import { linkCommand, splitLinkerFlags } from './link.js';
import { mergeCommand } from './merge.js';
import { NODE_GYP_WORD, runNodeGyp } from './node-gyp.js';
import { planCommand, profileCommand } from './profile.js';
import { compileInResident } from './resident/toolchain.js';
import { errorJson } from './result.js';
import { runCommand, splitProgramWords } from './run.js';
import { keygenCommand, signCommand } from './sign.js';
import { statusAfterSignal } from './signals.js';
import { sysrootCommand } from './sysroot.js';
import { toolchainCommand } from './toolchain.js';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
const COMPILERS = `
For builds that call a compiler: art ${Object.keys(COMPILER_COMMANDS).join(', art ')}; in one word art-cc, art-c++ and so on.`;

/** Runs a command line. @returns the exit status: 0, 1 for a failed build or check, 2 for wrong usage */
export async function main(argv: readonly string[]): Promise<number> {
  const { own, flags } = splitFlags(spelledOut(argv));
  const [name = ''] = own;
  if (Object.hasOwn(COMPILER_COMMANDS, name)) return runCompilerCommand(name, own.slice(1));
  if (name === NODE_GYP_WORD) return runNodeGyp(argv.slice(1));
  let status = 0;
  const program = createProgram(flags, (s) => {
    status = s;
  });
  compileInResident(name, process.env);
  // Otherwise commander would print the general help for an unknown command with --help.
  const isUnknown = /^[^-]/.test(name) && !program.commands.some((command) => command.name() === name);
  try {
    await program.parseAsync(isUnknown ? [name] : own, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : misuse(error, own, program);
    if (!(error instanceof ArtError)) throw error;
    // art build and art merge print their own JSON, which has diagnostics as well.
    if (own.includes('--json') && !['build', 'merge'].includes(own.find((word) => !word.startsWith('-')) ?? ''))
      process.stdout.write(`${errorJson(error, [])}\n`);
    process.stderr.write(`art: error: ${printableText(error.message)}\n`);
    return statusAfterSignal(error.isUsage ? EXIT_USAGE : EXIT_FAILURE);
  }
}

/**
 * Creates the program with all of art's own commands.
 * @param flags the flags for clang or the linker in the command line
 * @param setStatus called with the exit status by commands whose status can be other than 0
 */
export function createProgram(flags: string[], setStatus: (status: number) => void): Command {
  const program = layOutHelp(new Command('art'))
    .description('C, C++, assembly and LLVM IR, compiled ahead of time with no compiler installed')
    .version(VERSION, '--version', 'print the version of art; so do art -v and art version')
    .helpOption('-h, --help', "print this help; 'art help <command>' prints that of a command")
    .helpCommand(false)
    .addHelpText('after', COMPILERS)
    .exitOverride();
  for (const command of [
    buildCommand(flags, setStatus),
    linkCommand(flags, setStatus),
    runCommand(flags, setStatus),
    verifyCommand(setStatus),
    extractCommand(),
    inspectCommand(setStatus),
    diffCommand(setStatus),
    rebuildCommand(setStatus),
    mergeCommand(setStatus),
    convertCommand(),
    keygenCommand(),
    signCommand(),
    planCommand(),
    profileCommand(),
    addonCommand(setStatus),
    initCommand(),
    cacheCommand(setStatus),
    toolchainCommand(),
    daemonCommand(),
    sysrootCommand(),
    browserCommand(),
    completionCommand(() => program),
  ])
    program.addCommand(inherit(command, program));
  return program;
}

/** Lets a command and its subcommands inherit the settings of another. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent).helpOption('-h, --help', 'print this help');
  for (const inner of command.commands) inherit(inner, command);
  return command;
}

/** Rewrites `art help <command>` to `art <command> --help`, and `art version`, `-v` and `-V` to `art --version`. */
function spelledOut(argv: readonly string[]): readonly string[] {
  const [first, ...rest] = argv;
  if (first === 'help') return rest.length === 0 ? ['--help'] : [...rest, '--help'];
  return argv.length === 1 && /^(version|-v|-V)$/.test(first as string) ? ['--version'] : argv;
}

/** Splits a command line into art's own words and those for the compiler or the linker. */
function splitFlags(argv: readonly string[]): { own: string[]; flags: string[] } {
  const name = argv.find((argument) => !argument.startsWith('-')) ?? '';
  // Elsewhere -h is the linker's -soname, which takes a value.
  if (name === 'link' && argv.at(-1) === '-h') return { own: ['link', '--help'], flags: [] };
  if (name === 'link') return splitLinkerFlags(argv);
  if (name === 'run') return splitProgramWords(argv);
  return name === 'build' ? splitClangFlags(argv) : { own: [...argv], flags: [] };
}

/** Prints what is wrong with a command line, and what is expected. */
function misuse(error: CommanderError, own: readonly string[], program: Command): number {
  // Without a command commander has already printed the help.
  if (error.code === 'commander.help') return EXIT_USAGE;
  const named = (parent: Command) => parent.commands.find((c) => own.includes(c.name()));
  const top = named(program);
  // The error may be in a subcommand.
  const command = (top && named(top)) ?? top;
  const names = (top?.commands.length ? top : program).commands.map((c) => c.name()).join(', ');
  const expected: Readonly<Record<string, string>> = {
    'commander.unknownCommand': `expected ${names}`,
    'commander.unknownOption': command
      ? `expected ${command.options.map((option) => option.long).join(', ')}`
      : `expected --version, --help or ${names}`,
  };
  const what = error.message
    .replace(/^error: /, '')
    .replace('\n', ' ')
    .trimEnd();
  const message = [what, expected[error.code] ?? `see 'art ${command?.name() ?? ''} --help'`].join(': ');
  if (own.includes('--json')) {
    const code = error.code === 'commander.unknownOption' ? 'UNKNOWN_OPTION' : 'INVALID_OPTION';
    process.stdout.write(`${errorJson(new ArtError(code, message), [])}\n`);
  }
  process.stderr.write(`art: error: ${message}\n`);
  return EXIT_USAGE;
}
