// `art run`: runs a program and exits with its exit status.
import { Command } from 'commander';
import { ArtError } from '../errors.js';
import { run } from '../index.js';
import { printable, printableText } from '../text/printable.js';
import { addCommonOptions } from './common-options.js';
import { addOpenOptions, type OpenFlags, openOptions } from './open-options.js';

interface Options extends OpenFlags {
  target?: string;
  dir: string[];
  env: string[];
}

const ABOUT = `
A WASI program (wasm32-wasip1) runs inside art and sees the directories named with --dir, the variables named with --env, and
nothing else of this machine. A program of this machine runs as any other; one for the other architecture with qemu, one for
Windows with wine, where these are installed.

The exit status is that of the program; 128 plus the number of a signal that ended it; 134 if a WASI program trapped.
If the program could not be started, art prints why: 1, or 2 for wrong usage.`;

const collect = (value: string, all: string[]) => [...all, value];

/** @param words the program's arguments, which follow the '--' */
export function runCommand(words: readonly string[], setStatus: (status: number) => void): Command {
  const command = new Command('run')
    .description('run a program: one for WASI, of this machine, or for another with an emulator')
    .usage('[options] <artifact|program> [-- <arguments>]')
    .argument('<program>', 'a program, or an artifact in any layout that was built with --link')
    .option('--target <target>', "which of the artifact's programs (default: this machine's, or the only one)")
    .option('--dir <dir>', 'a directory that a WASI program may use; repeat it for several', collect, [])
    .option('--env <name=value>', 'an environment variable for the program; repeat it for several', collect, [])
    .addHelpText('after', ABOUT)
    .allowExcessArguments(false);
  addOpenOptions(command);
  return addCommonOptions(command, {
    json: 'print an error of art as one JSON object; what the program prints stays as it is',
    quiet: 'print errors only, beside what the program prints',
  }).action(async (program: string, options: Options) => {
    const { keys, ...limits } = openOptions(options);
    const { status, trapped } = await run(program, {
      ...limits,
      ...(keys.length > 0 && { keys }),
      ...(options.target !== undefined && { target: options.target }),
      args: words,
      env: Object.fromEntries(options.env.map(variable)),
      dirs: options.dir,
      inherit: true,
    });
    if (trapped !== undefined)
      process.stderr.write(`art: error: '${printable(program)}' trapped: ${printableText(trapped)}\n`);
    setStatus(status);
  });
}

function variable(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new ArtError('INVALID_OPTION', `--env '${printable(text)}' is no variable: expected one such as NAME=value`);
}

/** Splits a command line into art's own words and the program's arguments. */
export function splitProgramWords(argv: readonly string[]): { own: string[]; flags: string[] } {
  const at = argv.indexOf('--');
  return at < 0 ? { own: [...argv], flags: [] } : { own: argv.slice(0, at), flags: argv.slice(at + 1) };
}
