// What one run of the program may take. What is beyond is stopped, with a line that says what to do.
import { shownBytes } from '../text/limits.js';

const GIB = 2 ** 30;
/** WebAssembly's own limit, of 32-bit addresses. */
export const MOST_MEMORY = 4 * GIB;
/** Less than this and the program does not start. */
export const LEAST_MEMORY = 2 ** 26;
/** Bytes that the program's memory, and what it writes and prints, may come to together. */
export const DEFAULT_MAX_MEMORY = 2 * GIB;
/** Seconds for input that is nobody's source: a hostile one of a few bytes could keep a program at work for ever. */
export const DEFAULT_TIMEOUT = 600;
/** Clang prints megabytes of diagnostics only about input that is no source. */
export const MAX_DIAGNOSTICS = 2 ** 23;
/** How much of them is shown where there were too many. */
export const SHOWN_DIAGNOSTICS = 2 ** 12;

/** A program that was ended because it came to a limit; `message` says which, as the end of a sentence. */
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

/** Ends of what people write; bitcode, IR, objects and libraries come from programs. */
const OWN_SOURCE = /\.(c|cc|cp|cpp|cxx|c\+\+|C|CPP|m|mm|i|ii|h|hh|hpp|hxx|inc|s|S|asm|cl|cu)$/;

/** Whether a path is that of a source, which may take whatever time it takes. */
export const isOwnSource = (path: string): boolean => OWN_SOURCE.test(path);
