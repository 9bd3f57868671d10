// How an artifact from elsewhere is opened: options that several commands share.
import { readdirSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { join } from 'pathe';
import { ArtError } from '../errors.js';
import type { OpenOptions } from '../index.js';
import { bytes } from './numbers.js';

/** What commander makes of them. */
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

/** A time as seconds since 1970, or as a date in UTC, such as 2026-01-31 or 2026-01-31T12:00:00Z. */
function time(value: string): number {
  const isDate = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(value);
  const seconds = isDate ? Date.parse(value) / 1000 : /^\d{1,11}$/.test(value) ? Number(value) : Number.NaN;
  if (!(seconds >= 0))
    throw new InvalidArgumentError('Expected seconds since 1970, or a date such as 2026-01-31 or 2026-01-31T12:00:00Z');
  return seconds;
}

const collect = (value: string, all: string[]) => [...all, value];

/** Those that take a value, for who parts a command line before commander does. */
export const OPEN_OPTIONS = ['--key', '--trusted', '--sha256', '--package', '--not-before', '--max-size'] as const;

/**
 * Adds the options to a command.
 * @param one it is about one artifact, which can be asked for by digest, package and time
 */
export function addOpenOptions(command: Command, { one = true } = {}): Command {
  command
    .option('--key <pub>', 'a public key that must have signed it; may be given several times', collect, [])
    .option('--trusted <dir>', 'the same, for every .pub in a directory');
  if (one)
    command
      .option('--sha256 <digest>', 'what artifact.json must be, down to the byte', digest)
      .option('--package <name>', 'the package that it must be: hello-1.2.0, or hello for any version')
      .option('--not-before <time>', 'the time that its source_date_epoch must not be before', time);
  return command.option('--max-size <bytes>', 'bytes that all entries together may have (default: 16G)', bytes);
}

/**
 * The same, as the library takes them.
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
