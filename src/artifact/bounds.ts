// The limits of an artifact (docs/format.md, section 10). A reader spends no more on one from somebody else.
import type { JsonBounds } from '../text/bounded-json.js';

const MIB = 1 << 20;

/** Size of artifact.json, in bytes. */
export const MAX_MANIFEST = 16 * MIB;
/**
 * Size of artifact.sigstore.json, in bytes: in base64 its statement stays below this, since it has less for each file
 * than the manifest.
 */
export const MAX_BUNDLE = 24 * MIB;
/** Size of a JSON file of an OCI image layout, in bytes: the limit of registries for manifests. */
export const MAX_INDEX = 4 * MIB;

/** Number of entries. */
export const MAX_ENTRIES = 30_000;
/** Number of files in `provenance.sources`. */
export const MAX_SOURCES = 60_000;
export const MAX_TARGETS = 1000;

/** Size of one entry, in bytes: the largest value of the size field of a tar header, eleven octal digits. */
export const MAX_ENTRY_SIZE = 0o77777777777;

/** Length of a path in bytes of UTF-8, and the number of names in it. */
export const MAX_PATH_BYTES = 4096;
export const MAX_PATH_NAMES = 128;

/** Limits of the JSON of a manifest, of a signed statement, and of an OCI image layout. */
export const JSON_BOUNDS: JsonBounds = { depth: 32, values: 1_000_000, keys: 1000, string: 1 << 16 };

/** Limits of the JSON of a bundle, whose payload is one long string. */
export const BUNDLE_BOUNDS: JsonBounds = { ...JSON_BOUNDS, string: MAX_BUNDLE };
/** Number of signatures in a bundle; each is checked with each trusted key. */
export const MAX_SIGNATURES = 16;

/** The lists of a manifest that have limits of their own. */
const LISTS = [
  ['entries', MAX_ENTRIES],
  ['targets', MAX_TARGETS],
  ['provenance.sources', MAX_SOURCES],
] as const;

/** Which list of a manifest is too long, as text after its name; undefined if none is. */
export function listProblem(json: unknown): string | undefined {
  for (const [place, most] of LISTS) {
    const list = place.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key], json);
    if (Array.isArray(list) && list.length > most) return `has ${list.length} ${place}, more than the ${most} allowed`;
  }
  return undefined;
}
