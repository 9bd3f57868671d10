// The schema of artifact.json, schema_version 1.0 (RFC 0005). It is imported only when a manifest is read, since zod
// takes a while to load.
import * as z from 'zod';
import { MAX_ENTRIES, MAX_ENTRY_SIZE, MAX_PATH_BYTES, MAX_SOURCES, MAX_TARGETS } from './bounds.js';
import { isReserved, isTooLong, PATH, pathExpected, RESERVED_EXPECTED } from './paths.js';

const PATH_TOO_LONG = `must have at most ${MAX_PATH_BYTES} bytes`;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
const size = z.int().min(0);
/** What a tar has room for: eleven octal digits. */
const entrySize = size.max(MAX_ENTRY_SIZE, `must be at most ${MAX_ENTRY_SIZE}, for which a tar has room`);
const text = z.string().min(1);
/** What a tar has room for: eleven octal digits. */
const MAX_TIME = 0o77777777777;
const path = z
  .string()
  .max(MAX_PATH_BYTES, PATH_TOO_LONG)
  .regex(PATH, { error: ({ input }) => pathExpected(input) })
  .refine((value) => value.length > MAX_PATH_BYTES || !isTooLong(value), PATH_TOO_LONG);

const variant = z
  .int()
  .min(2)
  .optional()
  .describe(
    'Left out for the first compilation of a source; 2, 3, … if it is compiled again with other flags (provenance.unit_flags)',
  );

const entry = z.object({
  path: path
    .refine((value) => !isReserved(value), RESERVED_EXPECTED)
    .describe(`Path of the entry in the archive; it ${RESERVED_EXPECTED}`),
  type: z
    .string()
    .regex(/^[a-z]+(\/[a-z0-9_]+)?$/)
    .describe('bitcode, object/<architecture>, asm/<architecture>, ir or executable/<architecture>'),
  sha256: sha256.nullable().describe('sha256 of the entry; null in a manifest without an archive'),
  size: entrySize.nullable().describe('Size in bytes; null in a manifest without an archive'),
  target: text.describe('Target triple'),
  source: path.nullable().describe('Path of the translation unit, relative to the project; null for a linked program'),
  variant,
});

const archive = z.object({
  path,
  sha256: sha256.describe('sha256 of the archive file'),
  size: size.describe('Size of the archive file, in bytes'),
  tar_sha256: sha256.describe('sha256 of the uncompressed tar, which stays the same if the tar is compressed again'),
});

const asset = z.object({ name: text, version: text, sha256 });

const tally = z.object({ total: size.describe('In the profile'), matched: size.describe('Used in this build') });

const profile = z.object({
  kind: z
    .enum(['artifact', 'plan', 'instr-frontend', 'instr-ir', 'sample'])
    .describe("JSON v1, an AOT plan, or one of LLVM's kinds"),
  files: z.array(z.object({ sha256 })).describe('The files that were given, in the same order'),
  matches: z
    .object({
      functions: tally.extend({ mismatched: size.describe('Found by name, but with other code') }),
      counts: tally,
      share: z.number().min(0).max(1).describe('counts.matched divided by counts.total'),
    })
    .nullable()
    .describe('null in a manifest without an archive'),
});

const provenance = z.object({
  art: text.describe('Version of art'),
  programs: z.array(asset),
  sysroots: z.array(asset),
  flags: z
    .array(z.string())
    .describe("clang's flags for every unit that unit_flags does not name, with the paths that the compiler saw"),
  unit_flags: z
    .array(z.object({ source: path, variant, flags: z.array(z.string()) }))
    .optional()
    .describe('Units with other flags, each with all of its flags'),
  emit: z.array(text),
  link: z
    .object({ name: text, flags: z.array(z.string()) })
    .nullable()
    .default(null)
    .describe('The program that was linked, and the flags for linking; null if none was'),
  profile: profile.optional().describe('Left out if there is no profile'),
  instrument: z.enum(['frontend', 'ir']).optional().describe('If the objects have counters: which of the two kinds'),
  user_sysroot: z.literal(true).optional().describe("true if the build used another sysroot than art's own"),
  sources: z
    .array(z.object({ path: text, sha256 }))
    .max(MAX_SOURCES)
    .describe(
      'Every file of the user that was read: relative to the project; below /include/<n>, of the nth directory outside of it that the flags open; below /sysroot',
    ),
  source_date_epoch: z.int().min(0).max(MAX_TIME),
});

export const manifestSchema = z
  .object({
    schema_version: z.string().regex(/^\d+\.\d+$/),
    package: text,
    profile_hash: sha256
      .nullable()
      .describe(
        'sha256 of the profile or plan that was given, or of what several profiles were merged to; null if there is none',
      ),
    targets: z.array(text).max(MAX_TARGETS),
    entries: z.array(entry).max(MAX_ENTRIES),
    archive: archive.nullable().describe('null in a manifest without an archive'),
    provenance,
  })
  .meta({ title: 'art artifact manifest', description: 'artifact.json, schema_version 1.0' });

/** Version 0.1, the draft in RFC 0005, has fewer keys; missing ones are read as null. */
export const draftSchema = manifestSchema.extend({
  profile_hash: sha256.nullable().default(null),
  entries: z.array(
    entry.extend({
      size: entrySize.nullable().default(null),
      target: text.nullable().default(null),
      source: path.nullable().default(null),
    }),
  ),
  archive: archive.nullable().default(null),
  provenance: provenance.nullable().default(null),
});
