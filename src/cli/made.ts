// What `art build` and `art merge` print about the artifact that they made, or why they made none.
import { join } from 'pathe';
import { BUNDLE_NAME } from '../artifact/names.js';
import { ArtError } from '../errors.js';
import { BuildFailedError, type BuildReport, type BuildResult, openKey } from '../index.js';
import type { CommonFlags } from './common-options.js';
import type { Reporter } from './reporter.js';
import { errorJson, failureText, resultJson, resultTable } from './result.js';
import { passphrase } from './sign.js';
import { screenful } from './terminal.js';

/** The key that signs the artifact. @param file value of `--sign`; undefined: nothing is signed */
export function signerOf(file: string | undefined, reporter: Reporter) {
  return file === undefined
    ? Promise.resolve(undefined)
    : openKey(file, passphrase, (message) => reporter.report({ type: 'warning', message }));
}

/**
 * Prints what was made.
 * @param made how many `seconds` it took, whether it is `signed`, and the figures for `--report`
 */
export function sayMade(
  result: BuildResult,
  { json, quiet }: CommonFlags,
  reporter: Reporter,
  { seconds, signed, figures }: { seconds: number; signed: boolean; figures?: BuildReport | undefined },
): void {
  const signature = signed ? join(result.out, BUNDLE_NAME) : undefined;
  reporter.finish();
  if (json) process.stdout.write(`${resultJson(result, reporter.warnings, signature, figures)}\n`);
  else if (!quiet) process.stdout.write(resultTable(result, seconds, signature, screenful()));
}

/**
 * Prints why nothing was made. @returns the exit status @throws errors that are not about units, after adding them to
 * the JSON
 */
export function sayNotMade(error: unknown, { json }: CommonFlags, reporter: Reporter): number {
  reporter.finish();
  if (json && error instanceof ArtError)
    process.stdout.write(`${errorJson(error, reporter.diagnostics, reporter.warnings)}\n`);
  if (!(error instanceof BuildFailedError)) throw error;
  process.stderr.write(failureText(error));
  return 1;
}
