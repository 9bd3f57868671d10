// Runs GYP, a Python program, with pyodide, which is CPython as WebAssembly. Both are npm packages that the user
// installs.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ArtError } from '../../errors.js';
import type { GypAnswer, GypRequest } from '../addon-host.js';

/**
 * How much a function runs before V8 optimises it. With the default, optimising takes half of the processor time of a
 * start from memory: most functions of CPython run too little to gain from it.
 */
const TIERING_BUDGET = 100_000_000;
const PROCESS = fileURLToPath(new URL('gyp-process.js', import.meta.url));

/** @throws ArtError CANNOT_RUN, CANCELLED */
export async function evaluateGyp({ signal, ...request }: GypRequest): Promise<GypAnswer> {
  const child = spawn(process.execPath, [`--wasm-tiering-budget=${TIERING_BUDGET}`, PROCESS], {
    cwd: request.directory,
    stdio: 'pipe',
    ...(signal && { signal: signal as AbortSignal }),
  });
  const text = async (stream: NodeJS.ReadableStream) => {
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece as Buffer);
    return Buffer.concat(pieces).toString();
  };
  const ended = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
    child.on('error', () => resolve(null)); // it did not start, or was stopped
  });
  child.stdin.on('error', () => {}); // it ended before reading the whole request
  child.stdin.end(JSON.stringify(request));
  const [answer, said, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (signal?.aborted) throw new ArtError('CANCELLED', 'the build was cancelled');
  if (status === 0) return JSON.parse(answer) as GypAnswer;
  // V8 first prints the line of code, which may be a megabyte long.
  const why = said.split('\n').findLast((line) => /^\w*Error\b/.test(line)) ?? `status ${status}`;
  throw new ArtError(
    'CANNOT_RUN',
    `the package 'pyodide' in '${request.pyodide}' does not run (${why.slice(0, 200)}): install it again with npm install --save-dev pyodide`,
  );
}
