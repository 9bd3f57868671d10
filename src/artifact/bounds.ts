// What an artifact may have at most (docs/format.md, section 10). A reader spends no more on one from elsewhere.
import type { JsonBounds } from '../text/bounded-json.js';

const MIB = 1 << 20;

/** Bytes of artifact.json. */
export const MAX_MANIFEST = 16 * MIB;
/** Bytes of artifact.sigstore.json: its statement says less of each file than the manifest does, in base64. */
export const MAX_BUNDLE = 24 * MIB;
/** Bytes of a JSON file of an OCI image layout: what registries accept of a manifest. */
export const MAX_INDEX = 4 * MIB;

/** Entries of an artifact. */
export const MAX_ENTRIES = 30_000;
/** Files in `provenance.sources`. */
export const MAX_SOURCES = 60_000;
export const MAX_TARGETS = 1000;

/** Bytes of one entry: what the size field of a tar's header can say, eleven octal digits. */
export const MAX_ENTRY_SIZE = 0o77777777777;

/** Bytes of a path in UTF-8, and the names in it. */
export const MAX_PATH_BYTES = 4096;
export const MAX_PATH_NAMES = 128;

/** Of the JSON of a manifest, of what was signed, and of an OCI image layout. */
export const JSON_BOUNDS: JsonBounds = { depth: 32, values: 1_000_000, keys: 1000, string: 1 << 16 };

/** The same, but for a bundle, whose payload is one string. */
export const BUNDLE_BOUNDS: JsonBounds = { ...JSON_BOUNDS, string: MAX_BUNDLE };
/** Signatures in a bundle; each is tried with each key that is trusted. */
export const MAX_SIGNATURES = 16;

/** The lists of a manifest that have bounds of their own, by their places. */
const LISTS = [
  ['entries', MAX_ENTRIES],
  ['targets', MAX_TARGETS],
  ['provenance.sources', MAX_SOURCES],
] as const;

/** Which list of a manifest is too long, in words that follow its name; undefined where none is. */
export function listProblem(json: unknown): string | undefined {
  for (const [place, most] of LISTS) {
    const list = place.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key], json);
    if (Array.isArray(list) && list.length > most) return `has ${list.length} ${place}, more than the ${most} allowed`;
  }
  return undefined;
}
