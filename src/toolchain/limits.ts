// Limits on one run of the program. A run that reaches one is stopped, with a message that says what to do.
import { shownBytes } from '../text/limits.js';

const GIB = 2 ** 30;
/** WebAssembly's own limit, from 32-bit addresses. */
export const MOST_MEMORY = 4 * GIB;
/** With less memory the program does not start. */
export const LEAST_MEMORY = 2 ** 26;
/** Limit on the program's memory plus what it writes and prints, in bytes. */
export const DEFAULT_MAX_MEMORY = 2 * GIB;
/** Time limit in seconds for input that is not a source: a few hostile bytes could keep a program busy for ever. */
export const DEFAULT_TIMEOUT = 600;
/** Clang prints that many bytes of diagnostics only for input that is not source code. */
export const MAX_DIAGNOSTICS = 2 ** 23;
/** How many bytes of them are shown if there were too many. */
export const SHOWN_DIAGNOSTICS = 2 ** 12;

/** Thrown when a program is stopped at a limit. `message` names the limit, as the end of a sentence. */
export class ProgramStopped extends Error {}

export const tooMuchPrinted = () =>
  new ProgramStopped(`it printed more than ${shownBytes(MAX_DIAGNOSTICS)} of diagnostics`);

/** @param maxMemory the limit, in bytes */
export const tooMuchMemory = (maxMemory: number) =>
  new ProgramStopped(
    `it needs more than ${shownBytes(maxMemory)} of memory: ` +
      (maxMemory < MOST_MEMORY
        ? 'raise --max-memory (ART_MAX_MEMORY for art cc), or make its input smaller'
        : 'make its input smaller'),
  );

/** Endings of files that people write. Bitcode, IR, objects and libraries are made by programs. */
const OWN_SOURCE = /\.(c|cc|cp|cpp|cxx|c\+\+|C|CPP|m|mm|i|ii|h|hh|hpp|hxx|inc|s|S|asm|cl|cu)$/;

/** Whether a path is that of a source, which has no time limit by default. */
export const isOwnSource = (path: string): boolean => OWN_SOURCE.test(path);
