import { ArtError, messageOf } from '../errors.js';
import { boundsProblem, parseWithin } from '../text/bounded-json.js';
import { printable } from '../text/printable.js';
import { explainIssues } from '../text/schema-issues.js';
import { JSON_BOUNDS, listProblem, MAX_MANIFEST } from './bounds.js';
import { MANIFEST_NAME } from './names.js';

export const SCHEMA_VERSION = '1.0';
export const DRAFT_VERSION = '0.1';

// The schemas' types, in words of their own: zod's would ask for zod and the DOM in every project that uses these.
// test/package/types.test.ts holds them against the schemas.

/** A manifest that was read: in one of version 0.1 more may be null. */
export interface ReadManifest {
  /** Of the format: `1.0`. */
  schema_version: string;
  /** Name and version. */
  package: string;
  /** Of the profile or plan as given; of several, of what they were merged to; null without one. */
  profile_hash: string | null;
  /** Target triples. */
  targets: string[];
  /** In the archive's order. */
  entries: ReadEntry[];
  /** null in a manifest without an archive. */
  archive: ArchiveDigest | null;
  /** What a rebuild needs. */
  provenance: Provenance | null;
}

/** What artifact.json says. */
export interface Manifest extends ReadManifest {
  /** In the archive's order. */
  entries: ManifestEntry[];
  /** What a rebuild needs. */
  provenance: Provenance;
}

interface ReadEntry {
  /** Where it lies in the archive. */
  path: string;
  /** bitcode, object/<architecture>, asm/<architecture>, ir or executable/<architecture>. */
  type: string;
  /** In lower-case hex; null in a manifest without an archive. */
  sha256: string | null;
  /** In bytes; null in a manifest without an archive. */
  size: number | null;
  /** Target triple. */
  target: string | null;
  /** The translation unit, relative to the project; null for what is linked. */
  source: string | null;
  /** 2 and up: the same source again, with other flags. */
  variant?: number | undefined;
}

/** A file of the archive, as artifact.json describes it. */
export interface ManifestEntry extends ReadEntry {
  /** Target triple. */
  target: string;
}

/** The archive, as artifact.json describes it. */
export interface ArchiveDigest {
  /** Its name, beside artifact.json. */
  path: string;
  /** Of the archive file. */
  sha256: string;
  /** Of the archive file, in bytes. */
  size: number;
  /** Of the uncompressed tar: survives recompression. */
  tar_sha256: string;
}

interface Asset {
  name: string;
  version: string;
  sha256: string;
}

interface Provenance {
  /** Version of art. */
  art: string;
  programs: Asset[];
  sysroots: Asset[];
  /** clang's flags, paths as the compiler saw them, of every unit that unit_flags does not name. */
  flags: string[];
  /** Units with other flags, and all of these. */
  unit_flags?: { source: string; variant?: number | undefined; flags: string[] }[] | undefined;
  emit: string[];
  /** The program that was linked, and the flags for it. */
  link: { name: string; flags: string[] } | null;
  /** Left out where there is no profile. */
  profile?:
    | {
        kind: 'artifact' | 'plan' | 'instr-frontend' | 'instr-ir' | 'sample';
        /** Every file as given, in the order in which they were named. */
        files: { sha256: string }[];
        /** null in a manifest without an archive. */
        matches: {
          functions: { total: number; matched: number; mismatched: number };
          counts: { total: number; matched: number };
          /** Of counts: matched of total. */
          share: number;
        } | null;
      }
    | undefined;
  /** Where programs of the objects write a profile: whose counters they have. */
  instrument?: 'frontend' | 'ir' | undefined;
  /** A sysroot took the place of art's own. */
  user_sysroot?: true | undefined;
  /** Every file of the user that was read. */
  sources: { path: string; sha256: string }[];
  /** Seconds since 1970. */
  source_date_epoch: number;
}

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
  const part = partProblem(json);
  if (part) throw new ArtError('MANIFEST_INVALID', part);
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

/** Why a document is no manifest, where it is a part; undefined where it is none. */
function partProblem(json: unknown): string | undefined {
  const { part_version, part, parts } = (json ?? {}) as Record<string, unknown>;
  if (part_version === undefined) return undefined;
  const which = Number.isSafeInteger(part) && Number.isSafeInteger(parts) ? `part ${part} of ${parts}` : 'a part';
  return `this is ${which} of an artifact, and no artifact by itself: art merge puts the parts together`;
}
