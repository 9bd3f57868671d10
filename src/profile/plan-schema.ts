// The schema of the AOT plan, schema_version 1.x. It is imported only when one is read, since zod takes a while to
// load.
import * as z from 'zod';
import { DECISIONS } from './plan.js';
import { count } from './profile-schema.js';

const name = z.string().min(1, 'a name must not be empty');

export const planSchema = z
  .object({
    schema_version: z.string().regex(/^1\.\d+$/, 'must be 1.x'),
    functions: z
      .array(
        z.object({
          name,
          count: count.describe('How often it ran'),
          score: count.describe('count + 2 × the sum of the counts of its incoming edges'),
          callers: z.array(z.object({ name, count })).describe("Most calls first; '<root>' for entry points"),
          decisions: z.array(z.enum(DECISIONS)),
        }),
      )
      .describe('Sorted by name, bytewise'),
    edges: z.array(z.object({ caller: name, callee: name, count })).describe('Sorted by caller, then callee'),
    inline_candidates: z
      .array(z.object({ name, score: count, callers: z.array(name).describe('Up to three, as examples') }))
      .describe('Functions that are not self-recursive, with a score of at least 3: the ten highest'),
    hot: z.array(name).describe('Optimised for speed, placed in .text.hot'),
    cold: z.array(name).describe('Optimised for size, placed in .text.unlikely'),
    split: z.array(name).describe('Functions that ran and call cold ones: their cold paths are outlined'),
    order: z.array(name).describe('Functions in the order of their code, by call-chain clustering'),
  })
  .meta({ title: 'art plan', description: 'AOT plan, schema_version 1.0: what art plan makes of a profile' });
