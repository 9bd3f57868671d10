// Builds a WASI program to run it at once.

import { buildOn } from '../builder/build.js';
import { BuildFailedError } from '../builder/failures.js';
import type { BuildEvent } from '../config/events.js';
import { openOn } from '../consume/open.js';
import { artifactIn } from '../consume/published.js';
import type { Platform } from '../platform/types.js';
import { DIAGNOSTIC_FLAGS, type Diagnostic, type LinesOf, parseDiagnostics, readable } from './diagnostics.js';

const TARGET = 'wasm32-wasip1';
const NAME = 'program';

/** The result of `buildProgram`. */
export interface BuiltProgram {
  /** The program; undefined if it could not be built, and a diagnostic says why. */
  program?: Uint8Array<ArrayBuffer>;
  diagnostics: Diagnostic[];
  /** All that clang and the linker printed, with colours (ANSI escape codes). */
  text: string;
}

/** A platform for one build. */
export interface ProgramPlatform extends Platform {
  published(): ReadonlyMap<string, Uint8Array<ArrayBuffer>> | undefined;
}

/**
 * Builds a program.
 * @param options those of `art build`
 * @throws ArtError of buildOn, except for sources that do not compile or link
 */
export async function buildProgram(
  platform: ProgramPlatform,
  root: string,
  linesOf: LinesOf,
  options: {
    flags: readonly string[];
    inputs: readonly string[];
    signal: AbortSignal;
    timeout?: number;
    cache?: string | boolean;
    onEvent: (event: BuildEvent) => void;
  },
): Promise<BuiltProgram> {
  let printed = '';
  const onEvent = (event: BuildEvent) => {
    if (event.type === 'diagnostics') printed += event.text;
    options.onEvent(event);
  };
  const read = () => ({ diagnostics: parseDiagnostics(printed, linesOf), text: readable(printed) });
  try {
    await buildOn(
      platform,
      {
        ...options,
        flags: [...DIAGNOSTIC_FLAGS, ...options.flags],
        targets: [TARGET],
        emit: ['object'],
        link: NAME,
        color: true,
        jobs: 1,
        onEvent,
      },
      root,
    );
  } catch (error) {
    if (!(error instanceof BuildFailedError)) throw error;
    const { diagnostics, text } = read();
    if (!diagnostics.some(({ severity }) => severity === 'error' || severity === 'fatal'))
      diagnostics.push({ severity: 'fatal', message: error.message, ranges: [], notes: [], fixits: [] });
    return { diagnostics, text };
  }
  const artifact = await openOn(platform, artifactIn(platform.published() ?? new Map()));
  return { ...read(), program: new Uint8Array(await artifact.read(`executables/${TARGET}/${NAME}`)) };
}
