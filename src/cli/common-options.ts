// What every command takes beside --help: --json and --quiet.
import type { Command } from 'commander';
import { printableJson } from '../text/printable.js';

/** What commander makes of them. */
export interface CommonFlags {
  json?: boolean;
  quiet?: boolean;
}

/** Adds the options to a command, last. */
export function addCommonOptions(
  command: Command,
  { json = 'print one JSON object, for machines', quiet = 'print errors and warnings only' } = {},
): Command {
  return command.option('--json', json).option('--quiet', quiet);
}

/**
 * Prints what a command has done.
 * @param result for --json, beside `ok`
 * @param text for people, where neither --json nor --quiet was said
 */
export function say({ json, quiet }: CommonFlags, result: object, text: string): void {
  if (json) process.stdout.write(`${printableJson({ ok: true, ...result })}\n`);
  else if (!quiet) process.stdout.write(text);
}

/** A warning, as every command prints it. */
export const warn = (message: string) => void process.stderr.write(`art: warning: ${message}\n`);
