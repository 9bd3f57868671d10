// The schema of the artifact profile, JSON v1. It is imported only when one is read, since zod takes a while to load.
import * as z from 'zod';

const RANGE = 'must be a whole number from 0 to 9007199254740991';
/** How often something ran. */
export const count = z.int({ error: ({ code }) => (code === 'too_big' ? RANGE : undefined) }).min(0, RANGE);
const name = z
  .string()
  .min(1, 'a name must not be empty')
  .refine((text) => !/\p{Surrogate}/u.test(text), 'a name must be well-formed Unicode');
const functionName = name.refine(
  (text) => text !== '<root>',
  "'<root>' is no function, but the caller of entry points",
);

const edge = z.strictObject({
  caller: name.describe("A function, or '<root>' for entry points"),
  callee: functionName,
  count,
});
const edgeList = z.array(edge);
/** Exactly one '->'. Names of C and C++ contain none; for other names there is the list form. */
const ARROW = /^(?:(?!->).)+->(?:(?!->).)+$/s;
const edgeMap = z.record(
  z.string().regex(ARROW, "must be 'caller->callee'; a name with '->' in it needs a list"),
  count,
);

const profile = z.strictObject({
  $schema: z.string().optional().describe('Where editors find this schema'),
  version: z.literal(1).optional().describe('Of this format; may be left out'),
  functions: z.record(functionName, count).default({}).describe('How often each function ran, by symbol name'),
  edges: z
    .union([edgeList, edgeMap])
    .default([])
    .describe("How often each function called each other: a list, or an object with keys 'caller->callee'"),
});

export const profileSchema = profile.meta({ title: 'art profile', description: 'Artifact profile, JSON v1' });

/** The same for each form of edges, so that an error is reported for the form that the file uses. */
const withList = profile.extend({ edges: edgeList.default([]) });
const withMap = profile.extend({ edges: edgeMap });
export const profileSchemaFor = (edges: unknown): z.ZodType<z.infer<typeof withList> | z.infer<typeof withMap>> =>
  Array.isArray(edges) || edges === undefined ? withList : withMap;
