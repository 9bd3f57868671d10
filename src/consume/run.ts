// What `run` is asked, whatever machine it is on: its options, and the program that is meant.

import { ArtError, messageOf } from '../errors.js';
import type { ObjectKind } from '../formats/object.js';
import type { HostFiles, ReadingPlatform } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import { targetOf } from '../targets/targets.js';
import {
  type Check,
  checkAll,
  isCountOrNone,
  isDigest,
  isFunction,
  isSignal,
  isText,
  isWords,
} from '../text/checks.js';
import { printable } from '../text/printable.js';
import { type ArtifactSource, type OpenOptions, openOn, openOptions } from './open.js';
import { type Machine, programKind, programOf } from './program.js';

/** What a program is given, and how it is found in an artifact. */
export interface RunOptions extends OpenOptions {
  /** Which of an artifact's programs: a triple, or an architecture. Default: that of this machine, or the only one. */
  target?: string;
  /** Its arguments, after its name. */
  args?: readonly string[];
  /** Environment variables; a WASI program has no others. */
  env?: Readonly<Record<string, string>>;
  /** Its standard input, all of it. Default: nothing. */
  stdin?: Uint8Array | string;
  /** Called with what it prints, as it does so; what nobody listens to is dropped. */
  onStdout?: (bytes: Uint8Array) => void;
  onStderr?: (bytes: Uint8Array) => void;
  /** Stops the program. */
  signal?: WebAbortSignal;
}

/** How a program ended. */
export interface RunResult {
  /**
   * Its exit status: the one that it gave itself; 128 and the number of the signal that ended it; 134 where a WASI program
   * broke down.
   */
  status: number;
  /** Where a WASI program broke down: why, and in which functions, the innermost first. */
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
  keys: isWords,
  maxSize: isCountOrNone,
  sha256: isDigest,
  package: isText,
  notBefore: isCountOrNone,
};

/**
 * @param more options of one machine alone, with what they must be
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
  /** For messages, and the program's own name. */
  shown: string;
  /** Where it lies, where it is a file by itself. */
  path?: string;
}

const isURL = (source: string) => /^(?:https?|file):/i.test(source);

/**
 * Finds a program: a file by its path, or in an artifact.
 * @param files where paths lead; left out where there are none
 * @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE; OBJECT_INVALID where it is no program; of openOn and programOf
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
 * A program that is no part of an artifact.
 * @throws ArtError OBJECT_INVALID; INVALID_OPTION for what only artifacts have
 */
export function byItself(bytes: Uint8Array, shown: string, options: RunOptions, path?: string): Program {
  const { keys, sha256, package: name, notBefore, target } = options;
  if (keys?.length || sha256 !== undefined || name !== undefined || notBefore !== undefined)
    throw new ArtError(
      'INVALID_OPTION',
      `'${shown}' is a program and no artifact, so that there is nothing to hold against a key, digest, package or time: leave these options out`,
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

/** What is said of a WASI program that cannot be begun. */
export const cannotRun = ({ shown }: Program, problem: string): ArtError =>
  new ArtError('CANNOT_RUN', `'${shown}' ${problem}`);
