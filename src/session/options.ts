// What a compilation of a session is asked for, checked.

import { isSource } from '../config/inputs.js';
import { ArtError } from '../errors.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import { type Check, checkAll, isBoolean, isSignal, isText, isWords } from '../text/checks.js';
import { printable } from '../text/printable.js';

/** What can be made of a unit. */
export const WANTED = ['assembly', 'ir', 'object', 'bitcode', 'disassembly', 'contents'] as const;
export type Wanted = (typeof WANTED)[number];

/** Options of a session's `compile`. */
export interface CompileOptions {
  /** Which of the files is compiled; the others are there to be included. Default: the only source there is. */
  unit?: string;
  /** An architecture or a triple, as `art build --target` takes it. Default: `x86_64`. */
  target?: string;
  /** clang's flags; paths in them are those of the files. Default: none. */
  flags?: readonly string[];
  /** Profiles among the files that steer the optimiser, as for `art build --with-profile`. Default: none. */
  withProfile?: readonly string[];
  /** Default: `assembly`. */
  wants?: readonly Wanted[];
  /**
   * Whether to compile with line tables (-g1), which say where lines of listings come from. An object or bitcode then has
   * them too; without, its bytes are those of `art build`. Default: where assembly, ir or disassembly is wanted.
   */
  lines?: boolean;
  /** Ends the compilation, which then rejects with the code CANCELLED. */
  signal?: WebAbortSignal;
  /** Seconds that the compiler may take, not counting what has to be fetched. Default: no limit. */
  timeout?: number;
  /** Bytes that the compiler's memory may come to. Default: 2 GiB. */
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
  signal: isSignal,
  timeout: isPositive,
  maxMemory: isPositive,
};

/** @throws ArtError UNKNOWN_OPTION, INVALID_OPTION */
export const checkCompileOptions = (options: object): void => checkAll(options, CHECKS);

/**
 * The file that is compiled.
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
