/** art, for Node: C, C++ and LLVM IR to an ahead-of-time artifact. */
import { type BuildResult, buildOn } from './build/build.js';
import { type CommandPool, openCommandPool } from './build/command.js';
import { type LinkResult, linkOn } from './build/link.js';
import {
  type MergeOptions,
  type MergeResult,
  mergeProfilesOn,
  type PlanOptions,
  planOn,
  showProfileOn,
} from './build/profile-commands.js';
import type { ProfileSummary } from './build/profile-tool.js';
import { type ConfigSuggestion, suggestConfig as suggestConfigOn } from './config/init.js';
import type { LinkOptions } from './config/link-options.js';
import type { BuildOptions } from './config/options.js';
import { nodePlatform } from './platform/node/index.js';
import type { AotPlan } from './profile/plan.js';
import { serialisePlan } from './profile/plan-file.js';

export type { EntryFilter, ReadLimits } from './artifact/artifact.js';
export { LAYOUTS, type Layout } from './artifact/layouts/folder.js';
export {
  type ArchiveDigest,
  type Manifest,
  type ManifestEntry,
  parseManifest,
  type ReadManifest,
} from './artifact/manifest.js';
export type { ArtifactBytes } from './artifact/sources.js';
export {
  type Artifact,
  type ConvertOptions,
  check,
  convert,
  diff,
  inspect,
  type OpenOptions,
  openArtifact,
  openKey,
  rebuild,
  type SignOptions,
  sign,
  type VerifyOptions,
  verify,
} from './artifacts.js';
export { BuildFailedError, type BuildResult, type UnitFailure } from './build/build.js';
export type { CommandOutcome, CommandPool } from './build/command.js';
export type { BuildEvent } from './build/events.js';
export { LinkFailedError, type LinkResult } from './build/link.js';
export type { MergeOptions, MergeResult, PlanOptions } from './build/profile-commands.js';
export { PROFILE_OUTPUTS, type ProfileOutput, type ProfileSummary } from './build/profile-tool.js';
export type { Rebuild, RebuildOptions } from './build/rebuild.js';
export { CONFIG_NAME, type Config } from './config/config-file.js';
export type { ConfigSuggestion } from './config/init.js';
export type { LinkKind, LinkOptions } from './config/link-options.js';
export type { BuildOptions, EmitKind } from './config/options.js';
export { ArtError, type ArtErrorCode } from './errors.js';
export type { CodeBlock, CodeLine, CodeSymbol, Contents, Relocation, Section } from './inspect/contents.js';
export type { Difference, EntryDifference } from './inspect/diff.js';
export type { ContentDifference } from './inspect/diff-contents.js';
export type { KeyDifference } from './inspect/diff-manifests.js';
export { disassemblyText } from './inspect/disassembly.js';
export type { InspectedFile, Inspection, InspectOptions } from './inspect/inspect.js';
export { generateKeys, type KeyType } from './platform/node/keys.js';
export { writePageFiles } from './platform/node/page-files.js';
export type { AotPlan, Decision, PlannedFunction } from './profile/plan.js';
export type { CommandRequest, WrittenFile } from './toolchain/command.js';
export type { CompileFailure } from './toolchain/compile.js';
export type { SignatureState, Signer } from './trust/signature.js';
export type { Verification } from './trust/verify.js';
export { VERSION } from './version.js';

/**
 * Builds an artifact: `artifact.json` and `artifact.tar.gz` in `options.out`.
 * @returns the manifest, where it was written, and the number of units
 * @throws ArtError with a stable `code`; BuildFailedError, with one failure a unit
 *   and target, where units do not compile. Nothing is published then.
 */
export function build(options: BuildOptions): Promise<BuildResult> {
  return buildOn(nodePlatform, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * An art.config.json for a directory: its sources and headers as far as names tell.
 * @throws ArtError NO_SOURCES where there is nothing to build; INVALID_OPTION where its package.json is not JSON;
 *   INPUT_UNREADABLE
 */
export function suggestConfig(directory: string): Promise<ConfigSuggestion> {
  return suggestConfigOn(directory.replaceAll('\\', '/'), nodePlatform.files);
}

/**
 * Links objects, archives or an artifact to `options.output`.
 * @returns what was written
 * @throws ArtError with a stable `code`; LinkFailedError, with the linker's words, where it does not link
 */
export function link(options: LinkOptions): Promise<LinkResult> {
  return linkOn(nodePlatform, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * What profiles mean for every function: `build` takes it as `plan`, in a file.
 * @throws ArtError NO_INPUT; INPUT_NOT_FOUND, INPUT_UNREADABLE, PROFILE_INVALID
 */
export function plan(options: PlanOptions): Promise<AotPlan> {
  return planOn(nodePlatform, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * A plan as text, in its one spelling; written to a file as well where one is named.
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export async function writePlan(made: AotPlan, path?: string): Promise<string> {
  const text = serialisePlan(made);
  if (path !== undefined) await nodePlatform.write(path, new TextEncoder().encode(text), false);
  return text;
}

/**
 * Merges profiles to `options.output`, or writes one in another format.
 * @throws ArtError NO_INPUT, INVALID_OPTION; INPUT_NOT_FOUND, INPUT_UNREADABLE, PROFILE_INVALID, OUTPUT_NOT_WRITABLE
 */
export function mergeProfiles(options: MergeOptions): Promise<MergeResult> {
  return mergeProfilesOn(nodePlatform, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * What a profile holds: its kind, and its functions, hottest first.
 * @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE, PROFILE_INVALID
 */
export function showProfile(path: string): Promise<ProfileSummary> {
  return showProfileOn(nodePlatform, path, process.cwd().replaceAll('\\', '/'));
}

/**
 * Compiler commands on the host's files, as `art cc` runs them. Close it when done.
 * @param workers commands at once; each is a thread of its own
 */
export function openCommands(workers: number): CommandPool {
  return openCommandPool(nodePlatform, workers);
}
