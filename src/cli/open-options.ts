// Options for opening an artifact, which several commands share.
import { readdirSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { join } from 'pathe';
import { ArtError } from '../errors.js';
import type { OpenOptions } from '../index.js';
import { bytes } from './numbers.js';

/** The options as commander parses them. */
export interface OpenFlags {
  maxSize?: number;
  sha256?: string;
  key?: string[];
  trusted?: string;
  package?: string;
  notBefore?: number;
}

function digest(value: string): string {
  if (!/^[0-9a-f]{64}$/.test(value)) throw new InvalidArgumentError('Expected 64 lower-case hex digits');
  return value;
}

/** Parses a time: seconds since 1970, or a date in UTC, such as 2026-01-31 or 2026-01-31T12:00:00Z. */
function time(value: string): number {
  const isDate = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(value);
  const seconds = isDate ? Date.parse(value) / 1000 : /^\d{1,11}$/.test(value) ? Number(value) : Number.NaN;
  if (!(seconds >= 0))
    throw new InvalidArgumentError('Expected seconds since 1970, or a date such as 2026-01-31 or 2026-01-31T12:00:00Z');
  return seconds;
}

const collect = (value: string, all: string[]) => [...all, value];

/** The options that take a value, for code that splits a command line before commander parses it. */
export const OPEN_OPTIONS = ['--key', '--trusted', '--sha256', '--package', '--not-before', '--max-size'] as const;

/**
 * Adds the options to a command.
 * @param one whether the command is about a single artifact, which can be required to have a digest, a package and a
 *   time
 */
export function addOpenOptions(command: Command, { one = true } = {}): Command {
  command
    .option('--key <pub>', 'a trusted public key; repeat it for several: one of them must have signed', collect, [])
    .option('--trusted <dir>', 'the same, for every .pub in a directory');
  if (one)
    command
      .option('--sha256 <digest>', 'the sha256 that artifact.json must have', digest)
      .option('--package <name>', 'the package that it must be: hello-1.2.0, or hello for any version')
      .option('--not-before <time>', 'the earliest source_date_epoch to accept', time);
  return command.option('--max-size <bytes>', 'largest total size of the entries (default: 16G)', bytes);
}

/**
 * Converts the options to those of the library.
 * @throws ArtError KEY_INVALID
 */
export function openOptions(flags: OpenFlags): OpenOptions & { keys: string[] } {
  const { maxSize, sha256, key = [], trusted, package: name, notBefore } = flags;
  return {
    keys: [...key, ...trustedKeys(trusted)],
    ...(maxSize !== undefined && { maxSize }),
    ...(sha256 !== undefined && { sha256 }),
    ...(name !== undefined && { package: name }),
    ...(notBefore !== undefined && { notBefore }),
  };
}

function trustedKeys(directory: string | undefined): string[] {
  if (directory === undefined) return [];
  let names: string[];
  try {
    names = readdirSync(directory).filter((name) => name.endsWith('.pub'));
  } catch (cause) {
    throw new ArtError('KEY_INVALID', `cannot read the directory '${directory}' of trusted keys`, { cause });
  }
  if (names.length === 0) throw new ArtError('KEY_INVALID', `no .pub in the directory '${directory}' of trusted keys`);
  return names.sort().map((name) => join(directory, name));
}
