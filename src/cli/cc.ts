// `art cc`, `art c++` and LLVM's binary tools, for build systems that call a compiler.
import { readFileSync } from 'node:fs';
import { printableColours } from '../text/printable.js';
import { askResident } from './resident/client.js';
import { type Request, type Response, VARIABLES } from './resident/protocol.js';

/** The commands, and the program that each runs. */
export const COMPILER_COMMANDS: Readonly<Record<string, string>> = {
  cc: 'clang',
  'c++': 'clang++',
  ar: 'ar',
  ranlib: 'ranlib',
  nm: 'nm',
  strip: 'strip',
  objcopy: 'objcopy',
  dlltool: 'dlltool',
  'clang-scan-deps': 'clang-scan-deps',
};
/** Options for which the value '-' means the standard output. */
const TO_STDOUT: ReadonlySet<string> = new Set(['-o', '-MF', '-MT', '-MQ']);

/**
 * Runs a compiler command. The output and the exit status are those of the program.
 * @param written the arguments as the build system wrote them
 */
export async function runCompilerCommand(name: string, written: readonly string[]): Promise<number> {
  const program = COMPILER_COMMANDS[name] as string;
  // Response files are read in this process, since one may be the standard input or another open descriptor.
  const args = written.some((arg) => arg.startsWith('@')) ? await withResponseFiles(written) : written;
  const request = {
    program,
    args,
    directory: process.cwd(),
    stdin: readsStdin(program, args) ? readFileSync(0) : new Uint8Array(),
    env: Object.fromEntries(VARIABLES.flatMap((v) => (process.env[v] ? [[v, process.env[v] as string]] : []))),
    color: process.stderr.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb',
    umask: process.umask(),
  };
  const response = (process.env.ART_NO_DAEMON ? undefined : await askResident(request)) ?? (await runHere(request));
  const { stdout, stderr, status } = response;
  // Symbol names come from files and may contain escape codes of terminals.
  process.stdout.write(process.stdout.isTTY ? printableColours(Buffer.from(stdout).toString()) : stdout);
  process.stderr.write(process.stderr.isTTY ? printableColours(stderr) : stderr);
  return status;
}

/** Replaces each response file (@file) by the words in it, as this process sees the file. */
export async function withResponseFiles(args: readonly string[]): Promise<string[]> {
  const { expandResponseFiles } = await import('../toolchain/response-files.js');
  return expandResponseFiles(args, (path) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  });
}

function readsStdin(program: string, args: readonly string[]): boolean {
  // ar(1): reads a script of commands from the standard input.
  if (program === 'ar') return /^-?M/.test(args[0] ?? '');
  return args.some((arg, i) => arg === '/dev/stdin' || (arg === '-' && !TO_STDOUT.has(args[i - 1] ?? '')));
}

async function runHere(request: Request): Promise<Response> {
  const [{ openCommands }, { cacheOf, commandRequest }] = await Promise.all([
    import('../index.js'),
    import('./resident/command.js'),
  ]);
  const pool = openCommands(1);
  try {
    return await pool.run(commandRequest(request), undefined, undefined, cacheOf(request));
  } catch (error) {
    return {
      status: 1,
      stdout: new Uint8Array(),
      stderr: `art: error: ${error instanceof Error ? error.message : error}\n`,
    };
  } finally {
    await pool.close();
  }
}
