import type { z } from 'zod';
import { ArtError, messageOf } from '../errors.js';
import { boundsProblem, parseWithin } from '../text/bounded-json.js';
import { printable } from '../text/printable.js';
import { explainIssues } from '../text/schema-issues.js';
import { JSON_BOUNDS, listProblem, MAX_MANIFEST } from './bounds.js';
import { MANIFEST_NAME } from './names.js';
import type { draftSchema, manifestSchema } from './schema.js';

export const SCHEMA_VERSION = '1.0';
export const DRAFT_VERSION = '0.1';

/** What artifact.json says. */
export type Manifest = z.infer<typeof manifestSchema>;
/** A manifest that was read: in one of version 0.1 more may be null. */
export type ReadManifest = z.infer<typeof draftSchema>;
export type ManifestEntry = Manifest['entries'][number];
export type ArchiveDigest = NonNullable<Manifest['archive']>;

/**
 * The one spelling of a manifest: keys in the order of the schema, two spaces, a newline at the end.
 * @throws ArtError INVALID_OPTION where it is larger than a reader takes
 */
export function serialiseManifest(manifest: Manifest): string {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const { length } = new TextEncoder().encode(text);
  const problem =
    (length > MAX_MANIFEST ? `would have ${length} bytes, more than the ${MAX_MANIFEST} allowed` : undefined) ??
    boundsProblem(text, JSON_BOUNDS) ??
    listProblem(manifest);
  // No reader would take it.
  if (problem)
    throw new ArtError('INVALID_OPTION', `${MANIFEST_NAME} ${problem}: build it as several artifacts, of a part each`);
  return text;
}

/**
 * Reads artifact.json of version 1.x or 0.1; unknown keys are passed over.
 * @throws ArtError MANIFEST_INVALID, naming every key at fault, a line each, the bound that is exceeded, or the unknown
 *   major version
 */
export async function parseManifest(text: string): Promise<ReadManifest> {
  let json: unknown;
  try {
    json = parseWithin(text, JSON_BOUNDS);
  } catch (cause) {
    throw new ArtError('MANIFEST_INVALID', `${MANIFEST_NAME} ${messageOf(cause)}`, { cause });
  }
  const tooLong = listProblem(json);
  if (tooLong) throw new ArtError('MANIFEST_INVALID', `${MANIFEST_NAME} ${tooLong}`);
  const version = (json as { schema_version?: unknown } | null)?.schema_version;
  if (typeof version === 'string' && /^\d+\./.test(version) && !version.startsWith('1.') && version !== DRAFT_VERSION)
    throw new ArtError(
      'MANIFEST_INVALID',
      `${MANIFEST_NAME} has schema_version '${printable(version.slice(0, 40))}': this version of art reads 1.x and 0.1; use a newer one`,
    );
  const [{ draftSchema, manifestSchema }, { cutLists }] = await Promise.all([
    import('./schema.js'),
    import('./cut-lists.js'),
  ]);
  const schema = version === DRAFT_VERSION ? draftSchema : manifestSchema;
  cutLists(schema, json);
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issues = explainIssues(parsed.error, json, []).split('\n');
    throw new ArtError('MANIFEST_INVALID', issues.map((issue) => `${MANIFEST_NAME}: ${issue.trim()}`).join('\n'));
  }
  return parsed.data;
}
