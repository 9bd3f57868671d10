// The options of a session's `compile`, and their checks.

import { isSource } from '../config/inputs.js';
import { ArtError } from '../errors.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import { type Check, checkAll, isBoolean, isSignal, isText, isWords } from '../text/checks.js';
import { printable } from '../text/printable.js';

/** The outputs that `compile` can give. */
export const WANTED = ['assembly', 'ir', 'object', 'bitcode', 'disassembly', 'contents'] as const;
/** An output that `compile` can give; `contents` are the sections and symbols of the object. */
export type Wanted = (typeof WANTED)[number];

/** Options of a session's `compile`. */
export interface CompileOptions {
  /** Path of the file to compile; the other files can be included by it. Default: the only source among the files. */
  unit?: string;
  /** The target: an architecture or a triple. Default: `x86_64`. */
  target?: string;
  /** clang's flags. Paths in them are paths of `files`. Default: none. */
  flags?: readonly string[];
  /** Paths of profiles among the files, for the optimiser, as `withProfile` of `build`. Default: none. */
  withProfile?: readonly string[];
  /** The outputs to give. Default: `['assembly']`. */
  wants?: readonly Wanted[];
  /**
   * Whether to compile with line tables (-g1), which tell the source line of each line of a listing. Objects and
   * bitcode then contain them too; without them, their bytes are those of `art build`. Default: true if assembly, ir or
   * disassembly is wanted.
   */
  lines?: boolean;
  /**
   * Whether C++ names in listings and symbols are shown demangled, as `llvm-cxxfilt` prints them, such as `add(int, int)`
   * for `_Z3addii`. Default: false.
   */
  demangle?: boolean;
  /** Cancels the compilation: it rejects with the code CANCELLED. */
  signal?: WebAbortSignal;
  /** Time limit in seconds, not counting the time to fetch the compiler. Default: none. */
  timeout?: number;
  /** Limit in bytes on the compiler's memory. Default: 2 GiB. */
  maxMemory?: number;
}

const isPositive: Check = (v) =>
  typeof v === 'number' && v > 0 && Number.isFinite(v) ? undefined : 'a number above 0';

const CHECKS: Readonly<Record<keyof CompileOptions, Check>> = {
  unit: isText,
  target: isText,
  flags: isWords,
  withProfile: (v) =>
    Array.isArray(v) && v.length > 0 && v.every((x) => typeof x === 'string') ? undefined : 'an array of paths',
  wants: (v) =>
    Array.isArray(v) && v.every((x) => (WANTED as readonly unknown[]).includes(x))
      ? undefined
      : `an array of ${WANTED.join(', ')}`,
  lines: isBoolean,
  demangle: isBoolean,
  signal: isSignal,
  timeout: isPositive,
  maxMemory: isPositive,
};

/** @throws ArtError UNKNOWN_OPTION, INVALID_OPTION */
export const checkCompileOptions = (options: object): void => checkAll(options, CHECKS);

/**
 * Finds the file to compile.
 * @param paths of all files
 * @throws ArtError INPUT_NOT_FOUND, NO_SOURCES, INVALID_OPTION
 */
export function unitAmong(paths: readonly string[], unit: string | undefined): string {
  const sources = paths.filter(isSource);
  if (unit !== undefined) {
    if (!paths.includes(unit)) throw new ArtError('INPUT_NOT_FOUND', `no such unit in 'files': '${printable(unit)}'`);
    if (!isSource(unit))
      throw new ArtError(
        'INVALID_OPTION',
        `'${printable(unit)}' is no source: its name ends in none of .c, .cpp, .ll, .s …`,
      );
    if (/^[-@]/.test(unit))
      throw new ArtError('INVALID_OPTION', `the name '${printable(unit)}' begins with '${unit[0]}': rename it`);
    return unit;
  }
  const [first, second] = sources;
  if (first === undefined)
    throw new ArtError('NO_SOURCES', "there is no source in 'files': expected a name such as 'main.c'");
  if (second !== undefined)
    throw new ArtError(
      'INVALID_OPTION',
      `there are ${sources.length} sources in 'files': say which one is meant with 'unit', such as '${printable(first)}'`,
    );
  return first;
}
