import { ArtError } from '../errors.js';
import type { CompileFailure } from '../toolchain/requests.js';

/** A unit that did not compile, and why. */
export interface UnitFailure extends CompileFailure {
  /** Path of the unit, as the user wrote it. */
  unit: string;
  /** The triple that it was compiled for. */
  target: string;
}

/** Thrown if units do not compile, after all of them were tried; or if the program of `link` does not link. */
export class BuildFailedError extends ArtError {
  constructor(
    /** One for each unit and target that failed. */
    readonly failures: readonly UnitFailure[],
  ) {
    const units = [...new Set(failures.map((f) => f.unit))];
    const named = units.length > 5 ? `${units.slice(0, 5).join(', ')} and ${units.length - 5} more` : units.join(', ');
    const linked = failures.some((f) => f.program === 'ld.lld'); // linking is only tried if all units compiled
    super(
      linked ? 'LINK_FAILED' : 'COMPILE_FAILED',
      linked
        ? `'${named}' could not be linked for ${failures.map((f) => f.target).join(', ')}`
        : `${units.length === 1 ? '1 unit' : `${units.length} units`} did not compile: ${named}`,
    );
  }
}
