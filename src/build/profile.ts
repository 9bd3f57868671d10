// What a build makes of the profiles, or the plan, that it is given.
import type { Manifest } from '../artifact/manifest.js';
import { readNamedFile } from '../config/named-file.js';
import type { BuildSettings, ProfileSettings } from '../config/settings.js';
import { ArtError } from '../errors.js';
import type { Platform, Toolchain } from '../platform/types.js';
import {
  type ArtifactProfile,
  completeProfile,
  mergeArtifactProfiles,
  readArtifactProfile,
  serialiseArtifactProfile,
} from '../profile/artifact-profile.js';
import { isInstrumentation, type ProfileFormat, recogniseProfile } from '../profile/format.js';
import { type MatchCounter, type ProfileMatches, type ProfileTotals, UNUSABLE } from '../profile/matches.js';
import { type AotPlan, makePlan } from '../profile/plan.js';
import { readPlan, serialisePlan } from '../profile/plan-file.js';
import type { CompileProfile, CompileResult } from '../toolchain/compile.js';
import { isModule } from '../toolchain/modules.js';
import type { Job } from './plan.js';
import { mergeWithLLVM, type ProfileBytes, summariseWithLLVM, type ToolOutput } from './profile-tool.js';

type ProvenanceProfile = NonNullable<Manifest['provenance']['profile']>;

/** A profile that was read and recognised. */
export interface ReadProfile extends ProfileBytes {
  format: Exclude<ProfileFormat, 'plan'>;
}

/** What steers a build. */
export interface BuildProfile {
  kind: ProvenanceProfile['kind'];
  /** Of the one file as given, or of all as merged. */
  hash: string;
  /** sha256 of each file as given. */
  files: { sha256: string }[];
  use: CompileProfile;
  totals: ProfileTotals;
  /** What of the files was passed over. */
  warnings: string[];
}

/** Reads a profile; a plan is none. */
export async function readProfile(path: string, shown: string, platform: Platform): Promise<ReadProfile> {
  const bytes = await readNamedFile(path, shown, platform.files);
  const format = recogniseProfile(bytes);
  if (typeof format === 'object')
    throw new ArtError(
      'PROFILE_INVALID',
      `'${shown}' is no profile: it is ${format.not}. Expected JSON with "functions", or LLVM's .profraw, .profdata, text or sample profiles`,
    );
  if (format === 'plan') throw new ArtError('PROFILE_INVALID', `'${shown}' is a plan, no profile: give it with --plan`);
  return { shown, bytes, format };
}

/**
 * Reads what a build is given, and brings it into the one form that the compilers take.
 * @param toolchain starts a worker where LLVM's profile library is needed
 * @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE, PROFILE_INVALID
 */
export async function loadProfile(
  { kind, files }: ProfileSettings,
  platform: Platform,
  toolchain: Toolchain,
): Promise<BuildProfile> {
  if (kind === 'plan') {
    const [{ path, shown }] = files as [ProfileSettings['files'][number]];
    const bytes = await readNamedFile(path, shown, platform.files);
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

/** One file that clang takes. Even a single one goes through the library, which checks it before LLVM's own readers see it. */
async function mergeForBuild(
  profiles: readonly ReadProfile[],
  toolchain: Toolchain,
): Promise<ProfileBytes & ToolOutput> {
  const output = checkKinds(profiles) === 'instr' ? 'instr' : 'sample';
  const shown = profiles.map((profile) => profile.shown).join("', '");
  return { shown, ...(await mergeWithLLVM(toolchain, output, await canonical(profiles))) };
}

/**
 * The kind that profiles have together.
 * @throws ArtError PROFILE_INVALID where they cannot be merged
 */
export function checkKinds(profiles: readonly ReadProfile[]): 'instr' | 'sample' | 'artifact' {
  const instr = profiles.find(({ format }) => isInstrumentation(format));
  const other = profiles.find(({ format }) => !isInstrumentation(format));
  if (instr && other)
    throw new ArtError(
      'PROFILE_INVALID',
      `'${instr.shown}' counts with instrumentation, '${other.shown}' ${other.format === 'artifact' ? 'is an artifact profile' : 'has samples'}: their counts do not add up, so merge one kind at a time`,
    );
  if (instr) return 'instr';
  return profiles.every(({ format }) => format === 'artifact') ? 'artifact' : 'sample';
}

/** LLVM's library reads artifact profiles in their one spelling, with a count for every function. */
export function canonical(profiles: readonly ReadProfile[]): Promise<ProfileBytes[]> {
  return Promise.all(
    profiles.map(async (profile) => {
      const { format, shown, bytes } = profile;
      if (format !== 'artifact') return { shown, bytes };
      return { shown, bytes: new TextEncoder().encode(serialiseArtifactProfile(await mergeJson([profile]))) };
    }),
  );
}

/** One artifact profile of several, with a count for every function. */
export async function mergeJson(profiles: readonly ProfileBytes[]): Promise<ArtifactProfile> {
  const read = async ({ bytes, shown }: ProfileBytes) => completeProfile(await readArtifactProfile(bytes, shown));
  return mergeArtifactProfiles(await Promise.all(profiles.map(read)));
}

/** Says what of the profile was passed over. */
export function warnOfProfile(profile: BuildProfile | undefined, { onEvent }: BuildSettings): void {
  for (const message of profile?.warnings ?? []) onEvent({ type: 'warning', message });
}

/** Takes down how the profile fits a unit. */
export function countMatches(counter: MatchCounter, { kind }: BuildProfile, { unit }: Job, result: CompileResult) {
  if (result.profile)
    counter.add(result.profile, kind === 'instr-frontend' && isModule(unit.path) ? UNUSABLE.counters : undefined);
}

/**
 * Says how the profile fits the build.
 * @returns undefined where no unit could tell: assembly
 * @throws ArtError PROFILE_UNMATCHED
 */
export function reportMatches(
  counter: MatchCounter,
  profile: BuildProfile,
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
