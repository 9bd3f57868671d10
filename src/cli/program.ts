import { Command, CommanderError } from 'commander';
import { ArtError } from '../errors.js';
import { VERSION } from '../version.js';
import { buildCommand } from './build.js';
import { splitClangFlags } from './clang-flags.js';
import { errorJson } from './result.js';

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/** Runs the command line; the exit status is 0, 1 for a failed build or check, 2 for wrong usage. */
export async function main(argv: readonly string[]): Promise<number> {
  const { own, flags } = splitClangFlags(argv);
  const program = new Command('art')
    .description('C, C++ and LLVM IR to an ahead-of-time artifact, with no compiler installed')
    .version(VERSION, '--version', 'print the version of art')
    .helpOption('--help', 'print this help')
    .helpCommand(false)
    .configureOutput({ outputError: () => {} }) // said below
    .exitOverride();
  let status = 0;
  const build = buildCommand(flags, (s) => {
    status = s;
  }).copyInheritedSettings(program);
  program.addCommand(build);
  try {
    await program.parseAsync(own, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : misuse(error, own, build);
    if (!(error instanceof ArtError)) throw error;
    process.stderr.write(`art: error: ${error.message}\n`);
    return error.isUsage ? EXIT_USAGE : EXIT_FAILURE;
  }
}

/** Says what is wrong with the command line and what would be right. */
function misuse(error: CommanderError, own: readonly string[], build: Command): number {
  // Without a command, commander has printed the help.
  if (error.code === 'commander.help') return EXIT_USAGE;
  const options = build.options.map((option) => option.long).join(', ');
  const expected: Readonly<Record<string, string>> = {
    'commander.unknownCommand': 'expected build',
    'commander.unknownOption': own.includes(build.name())
      ? `expected ${options}`
      : 'expected --version, --help or build',
  };
  const what = error.message
    .replace(/^error: /, '')
    .replace('\n', ' ')
    .trimEnd();
  const message = [what, expected[error.code] ?? "see 'art build --help'"].join(': ');
  if (own.includes('--json')) {
    const code = error.code === 'commander.unknownOption' ? 'UNKNOWN_OPTION' : 'INVALID_OPTION';
    process.stdout.write(`${errorJson(new ArtError(code, message), [])}\n`);
  }
  process.stderr.write(`art: error: ${message}\n`);
  return EXIT_USAGE;
}
