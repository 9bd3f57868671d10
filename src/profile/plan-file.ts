// Reads and writes plan files.
import { ArtError } from '../errors.js';
import { parseJson } from '../text/json.js';
import { PLAN_LIMITS } from '../text/limits.js';
import { explainIssues, firstLines } from '../text/schema-issues.js';
import { shortName } from './names.js';
import type { AotPlan, Decision } from './plan.js';

/** Serialises a plan: keys in the order of the schema, indented by two spaces, a newline at the end. */
export function serialisePlan(plan: AotPlan): string {
  return `${JSON.stringify(plan, null, 2)}\n`;
}

/**
 * Reads a plan of version 1.x, perhaps edited by hand. Unknown keys are ignored.
 * @param shown the file in messages
 * @throws ArtError PROFILE_INVALID, naming line and column of a syntax error, the version, every key at fault, or the
 *   functions whose decisions contradict the lists
 */
export async function readPlan(bytes: Uint8Array, shown: string): Promise<AotPlan> {
  const json = parseJson(bytes, shown, 'PROFILE_INVALID', PLAN_LIMITS);
  const version = (json as { schema_version?: unknown } | null)?.schema_version;
  if (typeof version === 'string' && /^\d+\.\d+$/.test(version) && !version.startsWith('1.'))
    throw new ArtError(
      'PROFILE_INVALID',
      `'${shown}' has schema_version '${version}': this version of art reads plans of 1.x; use a newer one`,
    );
  const { planSchema } = await import('./plan-schema.js');
  const parsed = planSchema.safeParse(json);
  if (parsed.success) return agreeing(parsed.data, shown);
  const problems = explainIssues(parsed.error, json, Object.keys(planSchema.shape));
  throw new ArtError('PROFILE_INVALID', `'${shown}' is no valid plan (art plan writes one):\n${problems}`);
}

/**
 * A build uses the lists. If somebody edits only the decisions of a function, that must be an error, not be ignored.
 */
function agreeing(plan: AotPlan, shown: string): AotPlan {
  const problems = disagreements(plan);
  if (problems.length === 0) return plan;
  const lines = firstLines(problems).map((line) => `\n  ${line}`);
  throw new ArtError(
    'PROFILE_INVALID',
    `'${shown}' contradicts itself; change the list and the decisions:${lines.join('')}`,
  );
}

function disagreements({ functions, inline_candidates, hot, cold, split }: AotPlan): string[] {
  const lists: readonly [Decision, string, ReadonlySet<string>][] = [
    ['inline', 'inline_candidates', new Set(inline_candidates.map(({ name }) => name))],
    ['hot', 'hot', new Set(hot)],
    ['cold', 'cold', new Set(cold)],
    ['split', 'split', new Set(split)],
  ];
  const isCold = new Set(cold);
  const both = hot.filter((name) => isCold.has(name)).map((name) => `'${shortName(name)}' is in both hot and cold`);
  const others = functions.flatMap(({ name, decisions }) =>
    lists
      .filter(([decision, , names]) => names.has(name) !== decisions.includes(decision))
      .map(([decision, list, names]) =>
        names.has(name)
          ? `'${shortName(name)}' is in ${list}, but '${decision}' is not among its decisions`
          : `'${shortName(name)}' has the decision '${decision}', but is not in ${list}`,
      ),
  );
  return [...both, ...others];
}
