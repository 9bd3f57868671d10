// The schema of part.json. It is imported only when parts are merged, since zod takes a while to load.
import * as z from 'zod';

const count = z.int().min(0);
const text = z.string().min(1);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');

const profile = z.object({
  totals: z.object({ functions: count, counts: z.number().min(0) }),
  reports: count,
  defined: count,
  counters: z.boolean(),
  functions: z.array(
    z.object({
      name: z.string(),
      status: z.enum(['matched', 'mismatched', 'unused']),
      count: z.number().min(0).optional(),
      shown: z.string().optional(),
    }),
  ),
});

/** Everything except the manifest, which is read like every manifest. */
export const partSchema = z
  .object({
    part_version: z.literal('1.0'),
    part: z.int().min(1),
    parts: z.int().min(1),
    plan: sha256,
    profile: profile.optional(),
    manifest: z.looseObject({ package: text }),
  })
  .refine(({ part, parts }) => part <= parts, { path: ['part'], message: 'must be at most the number of parts' });
