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
}

function digest(value: string): string {
  if (!/^[0-9a-f]{64}$/.test(value)) throw new InvalidArgumentError('Expected 64 lower-case hex digits');
  return value;
}

const collect = (value: string, all: string[]) => [...all, value];

/** Adds the options to a command. */
export function addOpenOptions(command: Command, { sha256 = true } = {}): Command {
  command
    .option('--key <pub>', 'a public key that must have signed it; may be given several times', collect, [])
    .option('--trusted <dir>', 'the same, for every .pub in a directory');
  if (sha256) command.option('--sha256 <digest>', 'what artifact.json must be, down to the byte', digest);
  return command.option('--max-size <bytes>', 'bytes that all entries together may have (default: 16G)', bytes);
}

/**
 * The same, as the library takes them.
 * @throws ArtError KEY_INVALID
 */
export function openOptions({ maxSize, sha256, key = [], trusted }: OpenFlags): OpenOptions & { keys: string[] } {
  return {
    keys: [...key, ...trustedKeys(trusted)],
    ...(maxSize !== undefined && { maxSize }),
    ...(sha256 !== undefined && { sha256 }),
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
