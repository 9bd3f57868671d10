import { join } from 'pathe';
import { MANIFEST_NAME, PART_NAME } from '../artifact/names.js';
import type { BuildResult } from '../builder/build.js';
import { BuildFailedError } from '../builder/failures.js';
import type { ArtError } from '../errors.js';
import type { BuildReport } from '../index.js';

const UNITS = ['B', 'KiB', 'MiB', 'GiB'] as const;

/** A size as text, such as '1.4 MiB'. */
export function humanSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** Number of lines below the entries of the table, including the next prompt. */
const BELOW = 8;

/**
 * Formats what a build made as a table: the entries with their sizes, then the two digests that identify the artifact.
 * @param screenful number of lines that the terminal shows: if there are more entries, only the largest are listed.
 *   Default: all are listed
 */
export function resultTable(
  { manifest, out, shard }: BuildResult,
  seconds: number,
  signature?: string,
  screenful = Number.POSITIVE_INFINITY,
): string {
  const all = manifest.entries;
  const room = Math.max(screenful - BELOW, 1);
  const largest = [...all].sort((a, b) => (b.size ?? 0) - (a.size ?? 0)).slice(0, room - 1);
  const named = all.length > room ? largest : all;
  const rows = named.map((e) => [e.path, e.type, e.size === null ? '-' : humanSize(e.size)] as const);
  const width = (column: 0 | 1 | 2) => rows.reduce((most, row) => Math.max(most, row[column].length), 0);
  const [path, type, size] = [width(0), width(1), width(2)];
  const lines = rows.map((row) => `  ${row[0].padEnd(path)}  ${row[1].padEnd(type)}  ${row[2].padStart(size)}`);
  if (named !== all)
    lines.push(
      `  and ${all.length - named.length} smaller ones${shard ? '' : `: art inspect ${JSON.stringify(out)} lists all`}`,
    );
  const { archive } = manifest;
  if (archive)
    lines.push(
      '',
      `${join(out, archive.path)}  ${humanSize(archive.size)}`,
      `  sha256 of the archive  ${archive.sha256}`,
      `  sha256 of its tar      ${archive.tar_sha256}`,
    );
  if (shard)
    lines.push(`${join(out, PART_NAME)}  (part ${shard.index} of ${shard.count}: art merge puts them together)`);
  else lines.push(join(out, MANIFEST_NAME) + (archive ? '' : '  (no archive was made)'));
  if (signature) lines.push(signature);
  return `${lines.join('\n')}\n${manifest.entries.length} entries in ${seconds.toFixed(1)} s\n`;
}

/** One line about a build of `art build --watch`. */
export function roundLine({ manifest, out, cache }: BuildResult, seconds: number): string {
  const compiled = cache
    ? `${cache.misses} of ${cache.hits + cache.misses} compiled`
    : `${manifest.entries.length} entries`;
  return `${out}: ${compiled}, ${seconds.toFixed(1)} s\n`;
}

/** The result of a build as JSON. */
export function resultJson(
  { manifest, out, units, cache, shard }: BuildResult,
  warnings: readonly string[],
  signature?: string,
  report?: BuildReport,
): string {
  return JSON.stringify(
    {
      ok: true,
      out,
      units,
      ...(cache && { cache }),
      ...(shard && { shard }),
      warnings,
      ...(signature && { signature }),
      manifest,
      ...(report && { report }),
    },
    null,
    2,
  );
}

/** An error as JSON. */
export function errorJson(
  error: ArtError,
  diagnostics: readonly { unit: string; target: string; text: string }[],
  warnings: readonly string[] = [],
): string {
  const failures = error instanceof BuildFailedError ? { failures: error.failures } : {};
  return JSON.stringify(
    { ok: false, code: error.code, message: error.message, ...failures, diagnostics, warnings },
    null,
    2,
  );
}

/** Why units did not compile, except for errors that clang has already printed. */
export function failureText({ failures, message }: BuildFailedError): string {
  const unsaid = failures.filter((failure) => failure.kind !== 'diagnosed').map((failure) => failure.message);
  return [...unsaid, message].map((line) => `art: error: ${line}\n`).join('');
}
