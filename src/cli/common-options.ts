// Options that every command has besides --help: --json and --quiet.
import type { Command } from 'commander';
import { printableJson } from '../text/printable.js';

/** The options as commander parses them. */
export interface CommonFlags {
  json?: boolean;
  quiet?: boolean;
}

/** Adds the options to a command. Call it after adding the others. */
export function addCommonOptions(
  command: Command,
  { json = 'print one JSON object, for machines', quiet = 'print errors and warnings only' } = {},
): Command {
  return command.option('--json', json).option('--quiet', quiet);
}

/**
 * Prints the result of a command.
 * @param result printed with --json, together with `ok`
 * @param text printed without --json and --quiet
 */
export function say({ json, quiet }: CommonFlags, result: object, text: string): void {
  if (json) process.stdout.write(`${printableJson({ ok: true, ...result })}\n`);
  else if (!quiet) process.stdout.write(text);
}

/** Prints a warning. */
export const warn = (message: string) => void process.stderr.write(`art: warning: ${message}\n`);
