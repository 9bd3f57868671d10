// `art plan` and `art profile`: commands on profiles, without a build.
import { ArtError } from '../errors.js';
import type { Platform, Toolchain } from '../platform/types.js';
import { type Check, checkAll, isFunction, isText, isTexts } from '../text/checks.js';
import { type ArtifactProfile, serialiseArtifactProfile } from './artifact-profile.js';
import {
  mergeWithLLVM,
  PROFILE_OUTPUTS,
  type ProfileOutput,
  type ProfileSummary,
  summariseWithLLVM,
  type ToolOutput,
} from './llvm.js';
import { type AotPlan, makePlan } from './plan.js';
import { canonical, checkKinds, mergeJson, type ReadProfile, readProfile } from './read.js';

/** Options of `plan`. */
export interface PlanOptions {
  /** Paths of profiles of any kind; several are merged. */
  withProfile: readonly string[];
  /** Called with a warning about each part of the profiles that is ignored. */
  onWarning?: (message: string) => void;
  /** Where relative paths start. Default: the process's working directory. */
  cwd?: string;
}

/** Options of `mergeProfiles`. */
export interface MergeOptions {
  /** Paths of profiles of the same kind. Sample profiles and artifact profiles can be mixed. */
  inputs: readonly string[];
  /** Path of the file to write. */
  output: string;
  /** The format to write. Default: LLVM's binary format for the kind of the inputs; `json` for artifact profiles. */
  format?: ProfileOutput;
  /** Where relative paths start. Default: the process's working directory. */
  cwd?: string;
}

const PLAN_CHECKS: { readonly [K in keyof Required<PlanOptions>]: Check } = {
  withProfile: isTexts,
  onWarning: isFunction,
  cwd: isText,
};

const MERGE_CHECKS: { readonly [K in keyof Required<MergeOptions>]: Check } = {
  inputs: isTexts,
  output: isText,
  format: (v) => (PROFILE_OUTPUTS.includes(v as ProfileOutput) ? undefined : `one of ${PROFILE_OUTPUTS.join(', ')}`),
  cwd: isText,
};

/** The result of `mergeProfiles`. */
export interface MergeResult {
  /** Path of the file, as the options named it. */
  output: string;
  /** The format that was written. */
  format: ProfileOutput;
  /** Size in bytes. */
  size: number;
  /** Which parts of the profiles were ignored, and which meaning of their counts the format cannot express. */
  warnings: string[];
}

/**
 * Makes a plan of profiles: what they mean for every function.
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION, NO_INPUT; INPUT_NOT_FOUND, INPUT_UNREADABLE, PROFILE_INVALID
 */
export async function planOn(platform: Platform, options: PlanOptions, cwd: string): Promise<AotPlan> {
  checkAll(options, PLAN_CHECKS);
  const profiles = await readAll(options.withProfile ?? [], options.cwd ?? cwd, platform);
  const { profile, warnings } = await toArtifactProfile(profiles, platform);
  for (const message of warnings) options.onWarning?.(message);
  return makePlan(profile);
}

/**
 * Merges profiles, or converts one to another format.
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION, NO_INPUT; INPUT_NOT_FOUND, INPUT_UNREADABLE, PROFILE_INVALID, OUTPUT_NOT_WRITABLE
 */
export async function mergeProfilesOn(platform: Platform, options: MergeOptions, cwd: string): Promise<MergeResult> {
  checkAll(options, MERGE_CHECKS);
  const from = options.cwd ?? cwd;
  if (options.output === undefined) throw new ArtError('INVALID_OPTION', "nowhere to write: name a file with 'output'");
  const profiles = await readAll(options.inputs ?? [], from, platform);
  const kind = checkKinds(profiles);
  const format = options.format ?? (kind === 'artifact' ? 'json' : kind);
  const { bytes, warnings } =
    format === 'json' ? await toJson(profiles, platform) : await toLLVM(profiles, format, platform);
  await platform.write(platform.files.resolve(from, options.output), bytes, false);
  return { output: options.output, format, size: bytes.length, warnings };
}

function toLLVM(profiles: readonly ReadProfile[], format: ProfileOutput, platform: Platform): Promise<ToolOutput> {
  return withToolchain(platform, async (toolchain) => mergeWithLLVM(toolchain, format, await canonical(profiles)));
}

async function toJson(profiles: readonly ReadProfile[], platform: Platform): Promise<ToolOutput> {
  const { profile, warnings } = await toArtifactProfile(profiles, platform);
  return { bytes: new TextEncoder().encode(serialiseArtifactProfile(profile)), warnings };
}

/** Converts profiles of any kind to one artifact profile. */
async function toArtifactProfile(
  profiles: readonly ReadProfile[],
  platform: Platform,
): Promise<{ profile: ArtifactProfile; warnings: string[] }> {
  if (checkKinds(profiles) === 'artifact') return { profile: await mergeJson(profiles), warnings: [] };
  const { bytes, warnings } = await toLLVM(profiles, 'json', platform);
  return { profile: await mergeJson([{ shown: 'the merged profile', bytes }]), warnings };
}

/**
 * Reads a profile.
 * @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE, PROFILE_INVALID
 */
export async function showProfileOn(platform: Platform, path: string, cwd: string): Promise<ProfileSummary> {
  const [profile] = (await canonical(await readAll([path], cwd, platform))) as [ReadProfile];
  return withToolchain(platform, (toolchain) => summariseWithLLVM(toolchain, profile));
}

async function readAll(paths: readonly string[], cwd: string, platform: Platform): Promise<ReadProfile[]> {
  if (paths.length === 0) throw new ArtError('NO_INPUT', 'no profile: name at least one');
  const profiles: ReadProfile[] = [];
  for (const shown of paths) profiles.push(await readProfile(platform.files.resolve(cwd, shown), shown, platform));
  return profiles;
}

/** Runs work with a toolchain, and returns its result only if the program is the pinned one. */
async function withToolchain<T>(platform: Platform, work: (toolchain: Toolchain) => Promise<T>): Promise<T> {
  const toolchain = platform.openToolchain([], []);
  try {
    const result = await work(toolchain);
    await toolchain.verify();
    return result;
  } finally {
    await toolchain.close();
  }
}
