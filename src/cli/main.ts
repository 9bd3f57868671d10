#!/usr/bin/env node
// A compiler command starts hundreds of times in a build, so it loads only what it needs.
import { ArtError, isTooFewFiles, TOO_FEW_FILES } from '../errors.js';
import { COMPILER_COMMANDS, runCompilerCommand } from './cc.js';

const EXIT_FAILURE = 1;

for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Who reads it has seen enough, such as `head`: the work goes on, and its status counts.
    if (error.code === 'EPIPE') return;
    if (stream === process.stdout) process.stderr.write(`art: error: cannot write the output (${error.message})\n`);
    process.exit(EXIT_FAILURE);
  });

try {
  const [command = '', ...args] = process.argv.slice(2);
  process.exitCode = Object.hasOwn(COMPILER_COMMANDS, command)
    ? await runCompilerCommand(command, args)
    : await (await import('./program.js')).main(process.argv.slice(2));
} catch (error) {
  // What a response file names is part of the command line, which is taken apart before all else.
  if (error instanceof ArtError) process.stderr.write(`art: error: ${error.message}\n`);
  else if (isTooFewFiles(error)) process.stderr.write(`art: error: ${TOO_FEW_FILES}\n`);
  else fault(error);
  process.exitCode = EXIT_FAILURE;
}

function fault(error: unknown): void {
  // A fault of this program: say so in a line, and how to see more.
  const detail = process.env.ART_DEBUG ? (error as Error).stack : `${error} (set ART_DEBUG=1 for the stack)`;
  process.stderr.write(`art: internal error: ${detail}\n`);
}
