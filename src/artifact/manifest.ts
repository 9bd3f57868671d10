import { ArtError, messageOf } from '../errors.js';
import { boundsProblem, parseWithin } from '../text/bounded-json.js';
import { printable } from '../text/printable.js';
import { explainIssues } from '../text/schema-issues.js';
import { JSON_BOUNDS, listProblem, MAX_MANIFEST } from './bounds.js';
import { MANIFEST_NAME } from './names.js';

export const SCHEMA_VERSION = '1.0';
export const DRAFT_VERSION = '0.1';

// The types are written out and not derived from the schemas: zod's types would need zod and the DOM in every project
// that uses them. test/package/types.test.ts checks that both agree.

/** The content of an artifact.json that was read. In one of the draft version 0.1, more keys may be null. */
export interface ReadManifest {
  /** Version of the format: `1.0`. */
  schema_version: string;
  /** Name and version of the package, such as `hello-1.0.0`. */
  package: string;
  /**
   * sha256 of the profile or plan that was given, or of what several profiles were merged to; null if there is none.
   */
  profile_hash: string | null;
  /** The triples that it was built for. */
  targets: string[];
  /** In the archive's order. */
  entries: ReadEntry[];
  /** null in a manifest without an archive. */
  archive: ArchiveDigest | null;
  /** What a rebuild needs. */
  provenance: Provenance | null;
}

/** The content of an artifact.json that this version of art wrote. */
export interface Manifest extends ReadManifest {
  /** In the archive's order. */
  entries: ManifestEntry[];
  /** What a rebuild needs. */
  provenance: Provenance;
}

interface ReadEntry {
  /** Path in the archive. */
  path: string;
  /** `bitcode`, `object/<architecture>`, `asm/<architecture>`, `ir` or `executable/<architecture>`. */
  type: string;
  /** sha256 in lower-case hex; null in a manifest without an archive. */
  sha256: string | null;
  /** Size in bytes; null in a manifest without an archive. */
  size: number | null;
  /** Target triple. */
  target: string | null;
  /** Path of the translation unit, relative to the project; null for a linked program. */
  source: string | null;
  /** Left out for the first compilation of a source; 2, 3, … if the same source is compiled again with other flags. */
  variant?: number | undefined;
}

/** An entry: a file of the archive. */
export interface ManifestEntry extends ReadEntry {
  /** Target triple. */
  target: string;
}

/** Digests of the archive. */
export interface ArchiveDigest {
  /** File name of the archive, which is beside artifact.json. */
  path: string;
  /** sha256 of the archive file, in hex. */
  sha256: string;
  /** Size of the archive file, in bytes. */
  size: number;
  /** sha256 of the uncompressed tar, which stays the same if the tar is compressed again. */
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
  /** clang's flags for every unit that `unit_flags` does not name. Paths are those that the compiler saw. */
  flags: string[];
  /** Units with other flags, each with all of its flags. */
  unit_flags?: { source: string; variant?: number | undefined; flags: string[] }[] | undefined;
  emit: string[];
  /** The name of the program that was linked, and the flags for linking; null if none was. */
  link: { name: string; flags: string[] } | null;
  /** Left out if the build used no profile. */
  profile?:
    | {
        kind: 'artifact' | 'plan' | 'instr-frontend' | 'instr-ir' | 'sample';
        /** The files that were given, in the same order. */
        files: { sha256: string }[];
        /** null in a manifest without an archive. */
        matches: {
          functions: { total: number; matched: number; mismatched: number };
          counts: { total: number; matched: number };
          /** counts.matched divided by counts.total. */
          share: number;
        } | null;
      }
    | undefined;
  /** If the objects have counters: which of the two kinds. */
  instrument?: 'frontend' | 'ir' | undefined;
  /** true if the build used another sysroot than art's own. */
  user_sysroot?: true | undefined;
  /** Every file of the user that the build read. */
  sources: { path: string; sha256: string }[];
  /** Seconds since 1970. */
  source_date_epoch: number;
}

/**
 * Serialises a manifest: keys in the order of the schema, indented by two spaces, a newline at the end.
 * @throws ArtError INVALID_OPTION if it is larger than readers accept
 */
export function serialiseManifest(manifest: Manifest): string {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  const { length } = new TextEncoder().encode(text);
  const problem =
    (length > MAX_MANIFEST ? `would have ${length} bytes, more than the ${MAX_MANIFEST} allowed` : undefined) ??
    boundsProblem(text, JSON_BOUNDS) ??
    listProblem(manifest);
  // No reader would accept it.
  if (problem)
    throw new ArtError('INVALID_OPTION', `${MANIFEST_NAME} ${problem}: build it as several artifacts, of a part each`);
  return text;
}

/**
 * Reads the text of an artifact.json of version 1.x or 0.1. Unknown keys are ignored.
 * @throws ArtError MANIFEST_INVALID, naming every key at fault, one line each, or the limit that is exceeded, or the
 *   unknown major version
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
  const [{ draftSchema, manifestSchema }, { cutLists }] = await parser();
  const schema = version === DRAFT_VERSION ? draftSchema : manifestSchema;
  cutLists(schema, json);
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const issues = explainIssues(parsed.error, json, []).split('\n');
    throw new ArtError('MANIFEST_INVALID', issues.map((issue) => `${MANIFEST_NAME}: ${issue.trim()}`).join('\n'));
  }
  return parsed.data;
}

/** What `parseManifest` needs. Many commands read no manifest, so it is loaded when it is needed. */
const parser = () => Promise.all([import('./schema.js'), import('./cut-lists.js')]);

/** Loads what `parseManifest` needs: for who will call it later, and has time now. */
export async function prepareToParse(): Promise<void> {
  await parser();
}

/** The error for a part.json that was given as a manifest; undefined if it is not one. */
function partProblem(json: unknown): string | undefined {
  const { part_version, part, parts } = (json ?? {}) as Record<string, unknown>;
  if (part_version === undefined) return undefined;
  const which = Number.isSafeInteger(part) && Number.isSafeInteger(parts) ? `part ${part} of ${parts}` : 'a part';
  return `this is ${which} of an artifact, and no artifact by itself: art merge puts the parts together`;
}
