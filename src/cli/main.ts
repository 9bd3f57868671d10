#!/usr/bin/env node
// A build may start hundreds of compiler commands, so this module loads only what it needs.
import { ArtError, isTooFewFiles, TOO_FEW_FILES } from '../errors.js';
import { COMPILER_COMMANDS, runCompilerCommand, withResponseFiles } from './cc.js';

const EXIT_FAILURE = 1;
/** Options with one dash that are art's own; in `art -v -c x.c` the -v is clang's. */
const OWN = /^-[hvV]$/;

/**
 * The compiler command in a command line; undefined if it is another command. With CC="art cc" some tools call `art`
 * without `cc`, as Go does (-### -x c -c -), or with a response file that begins with `cc`.
 */
async function asCompiler(words: readonly string[]): Promise<{ name: string; args: readonly string[] } | undefined> {
  const [first = '', ...args] = words;
  if (Object.hasOwn(COMPILER_COMMANDS, first)) return { name: first, args };
  if (first.startsWith('@')) {
    const expanded = await withResponseFiles(words);
    return expanded[0] === first ? undefined : asCompiler(expanded);
  }
  const isOwn = first === '-h' || (OWN.test(first) && args.length === 0);
  return /^-[^-]/.test(first) && !isOwn ? { name: 'cc', args: words } : undefined;
}

for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // The reader, such as `head`, has closed the pipe. The work continues, and its exit status counts.
    if (error.code === 'EPIPE') return;
    if (stream === process.stdout) process.stderr.write(`art: error: cannot write the output (${error.message})\n`);
    process.exit(EXIT_FAILURE);
  });

try {
  const words = process.argv.slice(2);
  const compiler = await asCompiler(words);
  process.exitCode = compiler
    ? await runCompilerCommand(compiler.name, compiler.args)
    : await (await import('./program.js')).main(words);
} catch (error) {
  // Response files are part of the command line, so they are read before it is split.
  if (error instanceof ArtError) process.stderr.write(`art: error: ${error.message}\n`);
  else if (isTooFewFiles(error)) process.stderr.write(`art: error: ${TOO_FEW_FILES}\n`);
  else fault(error);
  process.exitCode = EXIT_FAILURE;
}

function fault(error: unknown): void {
  // A bug in art: print it in one line, and how to see more.
  const detail = process.env.ART_DEBUG ? (error as Error).stack : `${error} (set ART_DEBUG=1 for the stack)`;
  process.stderr.write(`art: internal error: ${detail}\n`);
}
