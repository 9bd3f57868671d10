// A part of an artifact, as `art build --shard` writes it and `art merge` reads it. part.tar.gz has the entries that
// this part of the build made, packed as in an artifact. part.json has the number of the part, the digest of the plan,
// and a manifest of these entries with their provenance.
import { ArtError, messageOf } from '../errors.js';
import type { Folder, Hasher } from '../platform/types.js';
import { boundsProblem, decodeText, parseWithin } from '../text/bounded-json.js';
import { printable } from '../text/printable.js';
import { explainIssues } from '../text/schema-issues.js';
import { type Artifact, openArtifactFiles, type ReadLimits } from './artifact.js';
import { JSON_BOUNDS, MAX_MANIFEST } from './bounds.js';
import { readFile } from './files.js';
import { archiveLayout } from './layouts/archive.js';
import { type Manifest, type ReadManifest, serialiseManifest } from './manifest.js';
import { MANIFEST_NAME, PART_ARCHIVE_NAME, PART_NAME } from './names.js';

const PART_VERSION = '1.0';

/** How well a profile fits the units of one part. */
export interface PartProfile {
  /** Totals of the profile: the number of functions, and the sum of their counts. */
  totals: { functions: number; counts: number };
  reports: number;
  defined: number;
  counters: boolean;
  functions: {
    name: string;
    status: 'matched' | 'mismatched' | 'unused';
    count?: number | undefined;
    shown?: string | undefined;
  }[];
}

/** The content of part.json. */
export interface Part {
  /** Number of the part, from 1. */
  part: number;
  /** Number of parts. */
  parts: number;
  /** sha256 of the plan of the whole build. Parts with another digest do not belong to the same artifact. */
  plan: string;
  /** Left out if the build has no profile. */
  profile?: PartProfile | undefined;
}

/**
 * Serialises part.json.
 * @throws ArtError INVALID_OPTION if it is larger than readers accept
 */
export function serialisePart({ part, parts, plan, profile }: Part, manifest: Manifest): string {
  const said = { part_version: PART_VERSION, part, parts, plan, ...(profile && { profile }), manifest };
  const text = `${JSON.stringify(said, null, 2)}\n`;
  const { length } = new TextEncoder().encode(text);
  const problem =
    (length > MAX_MANIFEST ? `would have ${length} bytes, more than the ${MAX_MANIFEST} allowed` : undefined) ??
    boundsProblem(text, JSON_BOUNDS);
  if (problem) throw new ArtError('INVALID_OPTION', `${PART_NAME} ${problem}: build in more parts`);
  return text;
}

/**
 * Digest of the plan of a build: of its manifest, without what is only known after building. It is the same for all
 * parts, and for the artifact that is made of them.
 */
export function planDigest({ profile_hash, entries, provenance, ...more }: Manifest, sha256: () => Hasher): string {
  const planned: Manifest = {
    ...more,
    profile_hash,
    entries: entries.map((entry) => ({ ...entry, sha256: null, size: null })),
    archive: null,
    provenance: {
      ...provenance,
      ...(provenance.profile && { profile: { ...provenance.profile, matches: null } }),
      sources: [],
    },
  };
  const hash = sha256();
  hash.update(new TextEncoder().encode(serialiseManifest(planned)));
  return hash.digest();
}

/**
 * Opens a part: reads part.json. Its archive is read and checked when entries are asked for.
 * @throws ArtError INPUT_NOT_FOUND if there is no part; MANIFEST_INVALID if part.json is not valid
 */
export async function openPart(
  folder: Folder,
  sha256: () => Hasher,
  limits: ReadLimits,
): Promise<Part & { artifact: Artifact }> {
  const bytes = await readFile(folder, PART_NAME);
  const { part, manifest } = await parsePart(bytes);
  if (manifest.archive?.path !== PART_ARCHIVE_NAME)
    throw new ArtError('MANIFEST_INVALID', `${PART_NAME}: manifest.archive.path: must be '${PART_ARCHIVE_NAME}'`);
  const files = {
    ...archiveLayout(folder, PART_NAME),
    manifest: async () => new TextEncoder().encode(JSON.stringify(manifest)),
  };
  try {
    return { ...part, artifact: await openArtifactFiles(files, sha256, limits) };
  } catch (error) {
    if (!(error instanceof ArtError)) throw error;
    throw new ArtError(error.code, error.message.replaceAll(MANIFEST_NAME, `the manifest in ${PART_NAME}`));
  }
}

async function parsePart(bytes: Uint8Array): Promise<{ part: Part; manifest: ReadManifest }> {
  let json: unknown;
  try {
    json = parseWithin(decodeText(bytes), JSON_BOUNDS);
  } catch (cause) {
    throw new ArtError('MANIFEST_INVALID', `${PART_NAME} ${messageOf(cause)}`, { cause });
  }
  const version = (json as { part_version?: unknown } | null)?.part_version;
  if (typeof version === 'string' && version !== PART_VERSION)
    throw new ArtError(
      'MANIFEST_INVALID',
      `${PART_NAME} has part_version '${printable(version.slice(0, 40))}', and this version of art reads '${PART_VERSION}': use one version for all parts`,
    );
  const [{ partSchema }, { cutLists }] = await Promise.all([import('./part-schema.js'), import('./cut-lists.js')]);
  cutLists(partSchema, json);
  const parsed = partSchema.safeParse(json);
  if (!parsed.success) {
    const issues = explainIssues(parsed.error, json, []).split('\n');
    throw new ArtError('MANIFEST_INVALID', issues.map((issue) => `${PART_NAME}: ${issue.trim()}`).join('\n'));
  }
  return { part: parsed.data, manifest: parsed.data.manifest as unknown as ReadManifest };
}
