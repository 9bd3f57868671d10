// Plans as files.

import { ArtError } from '../errors.js';
import { parseJson } from '../json.js';
import { explainIssues } from '../schema-issues.js';
import type { AotPlan } from './plan.js';

/** The one spelling of a plan: keys in the order of the schema, two spaces, a newline at the end. */
export function serialisePlan(plan: AotPlan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/**
 * Reads a plan of version 1.x, as it is or as someone edited it; unknown keys are passed over.
 * @param shown the file as messages name it
 * @throws ArtError PROFILE_INVALID, naming line and column of a syntax error, the version, or every field at fault
 */
export async function readPlan(bytes: Uint8Array, shown: string): Promise<AotPlan> {
  const json = parseJson(bytes, shown, 'PROFILE_INVALID');
  const version = (json as { schema_version?: unknown } | null)?.schema_version;
  if (typeof version === 'string' && /^\d+\.\d+$/.test(version) && !version.startsWith('1.'))
    throw new ArtError(
      'PROFILE_INVALID',
      `'${shown}' has schema_version '${version}': this version of art reads plans of 1.x; use a newer one`,
    );
  const { planSchema } = await import('./plan-schema.js');
  const parsed = planSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = explainIssues(parsed.error, json, Object.keys(planSchema.shape));
  throw new ArtError('PROFILE_INVALID', `'${shown}' is no valid plan (art plan writes one):\n${problems}`);
}
