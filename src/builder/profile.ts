// Reads the profiles, or the plan, of a build, and counts how well they fit.
import type { Manifest } from '../artifact/manifest.js';
import type { BuildSettings, ProfileSettings } from '../config/settings.js';
import { readNamedFile } from '../platform/named-file.js';
import type { Platform, Toolchain } from '../platform/types.js';
import { serialiseArtifactProfile } from '../profile/artifact-profile.js';
import { mergeWithLLVM, type ProfileBytes, summariseWithLLVM, type ToolOutput } from '../profile/llvm.js';
import { type MatchCounter, type ProfileMatches, type ProfileTotals, UNUSABLE } from '../profile/matches.js';
import { type AotPlan, makePlan } from '../profile/plan.js';
import { readPlan, serialisePlan } from '../profile/plan-file.js';
import { canonical, checkKinds, mergeJson, type ReadProfile, readProfile } from '../profile/read.js';
import { PLAN_LIMITS } from '../text/limits.js';
import { isModule } from '../toolchain/modules.js';
import type { CompileProfile, CompileResult } from '../toolchain/requests.js';
import type { Job } from './plan.js';

type ProvenanceProfile = NonNullable<Manifest['provenance']['profile']>;

/** The profile of a build. */
export interface BuildProfile {
  kind: ProvenanceProfile['kind'];
  /** sha256 of the file that was given, or of the merged file. */
  hash: string;
  /** sha256 of each given file. */
  files: { sha256: string }[];
  use: CompileProfile;
  totals: ProfileTotals;
  /** Warnings about parts of the files that are ignored. */
  warnings: string[];
}

/**
 * Reads the given files and converts them to the single file that the compiler takes.
 * @param toolchain starts a worker if LLVM's profile library is needed
 * @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE, PROFILE_INVALID
 */
export async function loadProfile(
  { kind, files }: ProfileSettings,
  platform: Platform,
  toolchain: Toolchain,
): Promise<BuildProfile> {
  if (kind === 'plan') {
    const [{ path, shown }] = files as [ProfileSettings['files'][number]];
    const bytes = await readNamedFile(path, shown, platform.files, PLAN_LIMITS);
    const hash = sha256(bytes, platform);
    return { kind: 'plan', hash, files: [{ sha256: hash }], ...planned(await readPlan(bytes, shown)) };
  }
  const profiles: ReadProfile[] = [];
  for (const { path, shown } of files) profiles.push(await readProfile(path, shown, platform));
  const given = profiles.map(({ bytes }) => ({ sha256: sha256(bytes, platform) }));
  const hashOf = (merged: Uint8Array) => (given.length === 1 ? (given[0]?.sha256 as string) : sha256(merged, platform));
  if (profiles.every(({ format }) => format === 'artifact')) {
    const merged = await mergeJson(profiles);
    const hash = hashOf(new TextEncoder().encode(serialiseArtifactProfile(merged)));
    return { kind: 'artifact', hash, files: given, ...planned(makePlan(merged)) };
  }
  const merged = await mergeForBuild(profiles, toolchain);
  const summary = await summariseWithLLVM(toolchain, merged);
  return {
    kind: summary.kind,
    hash: hashOf(merged.bytes),
    files: given,
    use: { kind: summary.kind === 'sample' ? 'sample' : 'instr', bytes: merged.bytes },
    totals: { functions: summary.functions, counts: summary.total },
    warnings: merged.warnings,
  };
}

/**
 * Merges files into one for clang. A single file is also passed through the library, which checks it before LLVM's
 * other readers see it.
 */
async function mergeForBuild(
  profiles: readonly ReadProfile[],
  toolchain: Toolchain,
): Promise<ProfileBytes & ToolOutput> {
  const output = checkKinds(profiles) === 'instr' ? 'instr' : 'sample';
  const shown = profiles.map((profile) => profile.shown).join("', '");
  return { shown, ...(await mergeWithLLVM(toolchain, output, await canonical(profiles))) };
}

/** Sends the warnings about ignored parts of the profile. */
export function warnOfProfile(profile: BuildProfile | undefined, { onEvent }: BuildSettings): void {
  for (const message of profile?.warnings ?? []) onEvent({ type: 'warning', message });
}

/** Counts how well the profile fits a unit. */
export function countMatches(counter: MatchCounter, { kind }: BuildProfile, { unit }: Job, result: CompileResult) {
  if (result.profile)
    counter.add(result.profile, kind === 'instr-frontend' && isModule(unit.path) ? UNUSABLE.counters : undefined);
}

/**
 * Reports how well the profile fits the build.
 * @returns undefined if no unit could tell: assembly
 * @throws ArtError PROFILE_UNMATCHED
 */
export function reportMatches(
  counter: MatchCounter,
  profile: Pick<BuildProfile, 'totals'>,
  { onEvent }: BuildSettings,
): ProfileMatches | undefined {
  if (counter.isInformed) counter.check();
  for (const message of counter.warnings()) onEvent({ type: 'warning', message });
  if (!counter.isInformed) return undefined;
  const matches = counter.matches(profile.totals);
  const { functions, share } = matches;
  onEvent({ type: 'profile', matched: functions.matched, functions: functions.total, share });
  return matches;
}

function planned(plan: AotPlan): Pick<BuildProfile, 'use' | 'totals' | 'warnings'> {
  return {
    use: { kind: 'plan', bytes: new TextEncoder().encode(serialisePlan(plan)) },
    totals: {
      functions: plan.functions.length,
      counts: plan.functions.reduce((sum, { count }) => sum + count, 0),
    },
    warnings: [],
  };
}

function sha256(bytes: Uint8Array, platform: Platform): string {
  const hash = platform.sha256();
  hash.update(bytes);
  return hash.digest();
}
