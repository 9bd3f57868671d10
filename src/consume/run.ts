// What `run` is asked, whatever machine it is on: its options, and the program that is meant.

import { ArtError, messageOf } from '../errors.js';
import type { ObjectKind } from '../formats/object.js';
import type { HostFiles, ReadingPlatform } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import { targetOf } from '../targets/targets.js';
import { type Check, checkAll, isFunction, isSignal, isText, isWords } from '../text/checks.js';
import { printable } from '../text/printable.js';
import { type ArtifactSource, OPEN_CHECKS, type OpenOptions, openOn, openOptions } from './open.js';
import { type Machine, programKind, programOf } from './program.js';

/** Options of `run`: what the program gets, and which program of an artifact it is. */
export interface RunOptions extends OpenOptions {
  /**
   * Selects a program of an artifact by triple or architecture. Default: the program for this machine, or the only one.
   */
  target?: string;
  /** Arguments of the program, without its name. */
  args?: readonly string[];
  /** Environment variables. A WASI program gets only these. */
  env?: Readonly<Record<string, string>>;
  /** All of the program's standard input. Default: empty. */
  stdin?: Uint8Array | string;
  /** Called with each piece of standard output as the program prints it. Default: it is discarded. */
  onStdout?: (bytes: Uint8Array) => void;
  /** Called with each piece of standard error as the program prints it. Default: it is discarded. */
  onStderr?: (bytes: Uint8Array) => void;
  /** Stops the program; `run` then rejects with the code CANCELLED. */
  signal?: WebAbortSignal;
}

/** How a program ended. */
export interface RunResult {
  /**
   * The exit status: the program's own; 128 plus the number of the signal that ended it; or 134 if a WASI program
   * trapped.
   */
  status: number;
  /** If a WASI program trapped: the reason, and the functions that were running, innermost first. */
  trapped?: string;
}

const isVariables: Check = (v) => {
  const expected = 'an object of names, which have no =, and strings';
  if (typeof v !== 'object' || v === null || Array.isArray(v)) return expected;
  const isVariable = ([name, value]: [string, unknown]) =>
    /^[^=\0]+$/.test(name) && typeof value === 'string' && !value.includes('\0');
  return Object.entries(v).every(isVariable) ? undefined : expected;
};

const CHECKS: Readonly<Record<string, Check>> = {
  target: isText,
  args: isWords,
  env: isVariables,
  stdin: (v) => (typeof v === 'string' || v instanceof Uint8Array ? undefined : 'a string or a Uint8Array'),
  onStdout: isFunction,
  onStderr: isFunction,
  signal: isSignal,
  ...OPEN_CHECKS,
};

/**
 * @param more checks of options that exist only in Node, or only in a browser
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION
 */
export function checkRunOptions(options: object, more: Readonly<Record<string, Check>>): void {
  checkAll(options, { ...CHECKS, ...more });
}

/** Standard input as bytes. */
export const inputBytes = (stdin: Uint8Array | string = ''): Uint8Array =>
  typeof stdin === 'string' ? new TextEncoder().encode(stdin) : stdin;

/** A program that was found. */
export interface Program {
  bytes: Uint8Array;
  kind: ObjectKind;
  /** Its name in messages, and its argv[0]. */
  shown: string;
  /** Its path, if it is a file and not an entry of an artifact. */
  path?: string;
}

const isURL = (source: string) => /^(?:https?|file):/i.test(source);

/**
 * Finds a program: a file by its path, or an entry of an artifact.
 * @param files resolves paths; left out if the platform has no file system
 * @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE; OBJECT_INVALID if it is not a program; of openOn and programOf
 */
export async function findProgram(
  platform: ReadingPlatform,
  source: ArtifactSource,
  options: RunOptions,
  machine: Machine,
  files?: { files: HostFiles; cwd: string },
): Promise<Program> {
  const shown = typeof source === 'string' ? source : source instanceof URL ? source.href : 'the artifact';
  const path =
    files && typeof source === 'string' && !isURL(source) ? files.files.resolve(files.cwd, source) : undefined;
  if (files && path !== undefined && !source.toString().endsWith('.json')) {
    const kind = await files.files.kind(path);
    if (kind === undefined)
      throw new ArtError('INPUT_NOT_FOUND', `no such program or artifact: '${shown}' (looked in '${files.cwd}')`);
    if (kind !== 'directory') return byItself(await readFile(path, shown, files.files), shown, options, path);
  }
  const artifact = await openOn(platform, path ?? source, openOptions(options));
  const { bytes, entry } = await programOf(artifact, shown, options.target, machine);
  const kind = programKind(bytes, entry.path);
  return { bytes, kind, shown: entry.path };
}

async function readFile(path: string, shown: string, files: HostFiles): Promise<Uint8Array> {
  try {
    return await files.read(path);
  } catch (cause) {
    throw new ArtError('INPUT_UNREADABLE', `cannot read '${shown}' (${messageOf(cause)}): allow it to be read`, {
      cause,
    });
  }
}

/**
 * Checks a program that is not an entry of an artifact.
 * @throws ArtError OBJECT_INVALID; INVALID_OPTION for options that only apply to artifacts
 */
export function byItself(bytes: Uint8Array, shown: string, options: RunOptions, path?: string): Program {
  const { keys, sha256, package: name, notBefore, target } = options;
  if (keys?.length || sha256 !== undefined || name !== undefined || notBefore !== undefined)
    throw new ArtError(
      'INVALID_OPTION',
      `'${shown}' is a program and no artifact, so that there is nothing to compare with a key, digest, package or time: leave these options out`,
    );
  const kind = programKind(bytes, shown);
  const wanted = target === undefined ? undefined : targetOf(target.includes('-') ? target : `${target}-`);
  if (target !== undefined && wanted?.architecture !== kind.architecture)
    throw new ArtError(
      'INVALID_OPTION',
      `'${shown}' is a program for ${kind.architecture ?? 'another machine'}, and not for '${printable(target)}': --target chooses among those of an artifact`,
    );
  return { bytes, kind, shown, ...(path !== undefined && { path }) };
}

/** The error for a WASI program that cannot be started. */
export const cannotRun = ({ shown }: Program, problem: string): ArtError =>
  new ArtError('CANNOT_RUN', `'${shown}' ${problem}`);
