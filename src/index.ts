/** art, for Node: C, C++ and LLVM IR to an ahead-of-time artifact. */

export { BuildFailedError, type UnitFailure } from './builder/failures.js';
export type { RebuildOptions } from './builder/rebuild-plan.js';

import type { RebuildOptions } from './builder/rebuild-plan.js';

export type { CommandRequest, CompileFailure, EmitKind, WrittenFile } from './toolchain/requests.js';

import { type AddonResult, buildAddonOn, buildConfiguredOn, cleanOn, configureOn } from './addon/commands.js';
import type { AddonOptions, PrebuildOptions } from './addon/options.js';
import { type PrebuildResult, prebuildOn } from './addon/prebuild.js';
import type { Artifact as ArtifactContents, EntryFilter } from './artifact/artifact.js';
import { type BuildResult, buildOn } from './builder/build.js';
import { type CommandPool, openCommandPool } from './builder/command.js';
import { type LinkResult, linkOn } from './builder/link.js';
import { type MergePartsOptions, mergeOn } from './builder/merge.js';
import { type Rebuild, rebuildOn } from './builder/rebuild.js';
import { type Round, watchOn } from './builder/watch.js';
import { type ConfigSuggestion, suggestConfig as suggestConfigOn } from './config/init.js';
import type { LinkOptions } from './config/link-options.js';
import type { BuildOptions } from './config/options.js';
import { type ConvertOptions, convertOn } from './consume/convert.js';
import { extractInto } from './consume/extract.js';
import { type ArtifactSource, type OpenOptions, openCheckedOn, openOn, openOptions } from './consume/open.js';
import {
  type RunOptions as CommonRunOptions,
  cannotRun,
  checkRunOptions,
  findProgram,
  inputBytes,
  type RunResult,
} from './consume/run.js';
import { type SignOptions, signOn } from './consume/sign.js';
import { type Verification, type VerifyOptions, verifyOn } from './consume/verify.js';
import { ArtError } from './errors.js';
import { type Difference, diffArtifacts } from './inspect/diff.js';
import { type Inspection, type InspectOptions, inspectOn } from './inspect/inspect.js';
import { type BuildReport, makeReport, type UnitTime } from './inspect/report.js';
import { nodeAddonHost } from './platform/node/addon-host.js';
import { nodePlatform } from './platform/node/index.js';
import { machine, runNative } from './platform/node/native-program.js';
import { runWasi } from './platform/node/wasi-program.js';
import type { Signer } from './platform/types.js';
import {
  type MergeOptions,
  type MergeResult,
  mergeProfilesOn,
  type PlanOptions,
  planOn,
  showProfileOn,
} from './profile/commands.js';
import type { ProfileSummary } from './profile/llvm.js';
import type { AotPlan } from './profile/plan.js';
import { serialisePlan } from './profile/plan-file.js';
import { TRAPPED } from './runner/program.js';
import { DEFAULT_TARGETS, parseTargets } from './targets/targets.js';

export type { AddonResult } from './addon/commands.js';
export type { AddonOptions, PrebuildOptions } from './addon/options.js';
export { PLATFORMS as ADDON_PLATFORMS } from './addon/platforms.js';
export type { PrebuildResult } from './addon/prebuild.js';
export type { EntryFilter, ReadLimits } from './artifact/artifact.js';
export { LAYOUTS, type Layout } from './artifact/files.js';
export type { ArtifactBytes } from './artifact/layouts/memory.js';
export {
  type ArchiveDigest,
  type Manifest,
  type ManifestEntry,
  parseManifest,
  type ReadManifest,
} from './artifact/manifest.js';
export type { BuildResult } from './builder/build.js';
export type { CommandOutcome, CommandPool } from './builder/command.js';
export { LinkFailedError, type LinkResult } from './builder/link.js';
export type { MergePartsOptions } from './builder/merge.js';
export type { Rebuild } from './builder/rebuild.js';
export type { Round } from './builder/watch.js';
export { CONFIG_NAME, type Config } from './config/config-file.js';
export type { BuildEvent } from './config/events.js';
export type { ConfigSuggestion } from './config/init.js';
export type { LinkKind, LinkOptions } from './config/link-options.js';
export type { BuildOptions, Shard } from './config/options.js';
export type { RemoteCacheOptions } from './config/remote-cache.js';
export type { ConvertOptions } from './consume/convert.js';
export type { ArtifactSource, OpenOptions } from './consume/open.js';
export type { RunResult } from './consume/run.js';
export type { SignOptions } from './consume/sign.js';
export type { Verification, VerifyOptions } from './consume/verify.js';
export { ArtError, type ArtErrorCode } from './errors.js';
export type { CodeBlock, CodeLine, CodeSymbol, Contents, Relocation, Section } from './inspect/contents.js';
export type { Difference, EntryDifference } from './inspect/diff.js';
export type { ContentDifference } from './inspect/diff-contents.js';
export type { KeyDifference } from './inspect/diff-manifests.js';
export { disassemblyText } from './inspect/disassembly.js';
export type { InspectedFile, Inspection, InspectOptions } from './inspect/inspect.js';
export type { BuildReport, Sized, UnitTime } from './inspect/report.js';
export { reportPage } from './inspect/report-page.js';
export { type CacheStats, cacheStats, clearCache, defaultCache, verifyCache } from './platform/node/cache-store.js';
export { generateKeys, type KeyType, openCacheKeys } from './platform/node/keys.js';
export { writePageFiles } from './platform/node/page-files.js';
export { remoteAccess } from './platform/node/remote-access.js';
export { findSysroots, writeSysroots } from './platform/node/sysroot-files.js';
export { discardUnfinished } from './platform/node/temporary.js';
export type { CacheChoice, Signer } from './platform/types.js';
export type { MergeOptions, MergeResult, PlanOptions } from './profile/commands.js';
export { PROFILE_OUTPUTS, type ProfileOutput, type ProfileSummary } from './profile/llvm.js';
export type { AotPlan, Decision, PlannedFunction } from './profile/plan.js';
export type { SignatureState } from './trust/signature.js';
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
 * Puts the parts of an artifact together that `build` made with `shard`: the same bytes as one build without.
 * @param parts folders of parts, or folders that hold such folders
 * @returns the manifest, where it was written, and the number of units
 * @throws ArtError with a stable `code`: PART_INVALID, with a line for everything that is wrong with the parts;
 *   SOURCE_CHANGED where they were built from different files; BuildFailedError where the program of `link` does not link.
 *   Nothing is published then.
 */
export function merge(parts: readonly string[], options: MergePartsOptions = {}): Promise<BuildResult> {
  return mergeOn(nodePlatform, parts, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * Writes a page to a file.
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export function writePage(path: string, page: string): Promise<void> {
  const to = nodePlatform.files.resolve(process.cwd().replaceAll('\\', '/'), path);
  return nodePlatform.write(to, new TextEncoder().encode(page), false);
}

/**
 * Where the time and the bytes of a build went.
 * @param times of its units, and of all of it, in seconds
 * @param base another artifact: the report says what grew since
 * @throws ArtError of openArtifact; ARCHIVE_INVALID
 */
export async function buildReport(
  { manifest, out, cache }: BuildResult,
  times: { seconds: number; units: readonly UnitTime[] },
  base?: ArtifactSource,
): Promise<BuildReport> {
  const look = (source: ArtifactSource) => inspectOn(nodePlatform, source, { sections: true, symbols: true });
  const compared = base === undefined ? undefined : await look(base);
  return makeReport(manifest, { ...times, cache: cache ?? null }, await look(out), compared);
}

/**
 * Builds, and again when something that a build read, or looked up in vain, has changed; until `options.signal` ends it.
 * @param onRound told what came of each build
 * @throws ArtError CANCELLED; what the first build throws, unless units do not compile
 */
export function watch(options: BuildOptions, onRound: (round: Round) => void): Promise<never> {
  return watchOn(nodePlatform, options, process.cwd().replaceAll('\\', '/'), onRound);
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
  return openCommandPool(nodePlatform, workers, parseTargets([...DEFAULT_TARGETS]));
}

/** An artifact that was opened; its entries can be written to disk. */
export interface Artifact extends ArtifactContents {
  /**
   * Writes entries below a directory, each at its path, after the whole archive has been checked.
   * @returns the paths of the entries
   * @throws ArtError ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE
   */
  extract(directory: string, filter?: EntryFilter): Promise<string[]>;
}

/**
 * Opens an artifact in any layout: by the path of its folder, of its artifact.json or of the one JSON file that it is,
 * by the URL of one of these (a folder's ends in '/'), or from memory.
 * Its manifest is read and checked, its archive when entries are asked for.
 * @throws ArtError INPUT_NOT_FOUND; MANIFEST_INVALID; with `keys` KEY_INVALID, and SIGNATURE_INVALID where none of them
 *   signed it
 */
export async function openArtifact(source: ArtifactSource, options: OpenOptions = {}): Promise<Artifact> {
  const artifact = await openOn(nodePlatform, source, options);
  const extract = async (directory: string, filter: EntryFilter = {}) =>
    extractInto(artifact, filter, await nodePlatform.stageFiles(directory));
  return { ...artifact, extract };
}

/**
 * Writes an artifact in another layout, from which all of its bytes come back: manifest, archive and signature.
 * It is checked as `verify` does, and what was written is read back before it appears.
 * @throws ArtError INVALID_OPTION; of openArtifact; ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE
 */
export function convert(source: ArtifactSource, options: ConvertOptions): Promise<void> {
  return convertOn(nodePlatform, source, options);
}

/**
 * Reads a private key, for several signatures or before a long build.
 * @param passphrase asked for where the key is protected
 * @param onWarning told where others may read the key's file
 * @throws ArtError KEY_INVALID
 */
export function openKey(
  path: string,
  passphrase: () => Promise<string | undefined>,
  onWarning?: (message: string) => void,
): Promise<Signer> {
  return nodePlatform.openSigner(path, passphrase, onWarning);
}

/**
 * Signs an artifact on disk: checks it, and writes artifact.sigstore.json beside it.
 * @returns the path of what was written
 * @throws ArtError KEY_INVALID; INPUT_NOT_FOUND, MANIFEST_INVALID, ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE;
 *   INVALID_OPTION for a layout that has no place beside it
 */
export function sign(artifact: string, options: SignOptions): Promise<string> {
  return signOn(nodePlatform, artifact, options);
}

/**
 * Checks an artifact, and the signature beside it, from end to end. Without `keys` a signature proves nothing: `check`
 * says whether one was looked at.
 * @returns everything that is wrong, a line each; empty where nothing is
 * @throws ArtError INVALID_OPTION; INPUT_NOT_FOUND; KEY_INVALID
 */
export async function verify(source: ArtifactSource, options: VerifyOptions = {}): Promise<string[]> {
  return (await check(source, options)).failures;
}

/**
 * The same, and what is known of the signature.
 * @throws ArtError INVALID_OPTION; INPUT_NOT_FOUND; KEY_INVALID
 */
export function check(source: ArtifactSource, options: VerifyOptions = {}): Promise<Verification> {
  return verifyOn(nodePlatform, source, options);
}

/**
 * What is in an artifact, or in a single object, program or module by its path.
 * @returns the manifest's view, and where asked for sections, symbols and code of every file
 * @throws ArtError of openArtifact; ARCHIVE_INVALID; NO_SUCH_ENTRY; for a single file OBJECT_INVALID, and INVALID_OPTION
 *   where it should be signed
 */
export function inspect(source: ArtifactSource, options: InspectOptions & OpenOptions = {}): Promise<Inspection> {
  return inspectOn(nodePlatform, source, options);
}

/**
 * What differs between two artifacts, of which all is checked: keys of the manifests, entries, and for changed entries
 * the first section, function and instruction.
 * @throws ArtError of openArtifact; ARCHIVE_INVALID
 */
export async function diff(a: ArtifactSource, b: ArtifactSource, options: OpenOptions = {}): Promise<Difference> {
  const open = (source: ArtifactSource) => openCheckedOn(nodePlatform, source, options);
  return diffArtifacts(await open(a), await open(b), nodePlatform);
}

/**
 * Builds an artifact again, in memory, from the provenance in its manifest, and compares every byte.
 * @throws ArtError of openArtifact; BuildFailedError; CANCELLED
 */
export async function rebuild(source: ArtifactSource, options: RebuildOptions & OpenOptions = {}): Promise<Rebuild> {
  const artifact = await openOn(nodePlatform, source, openOptions(options));
  return rebuildOn(nodePlatform, artifact, options, process.cwd().replaceAll('\\', '/'));
}

/** Options of `run`. */
export interface RunOptions extends CommonRunOptions {
  /** Directories that a WASI program may use, by the names that it uses them by. Default: none. It sees no other files. */
  dirs?: readonly string[];
  /** The program has this process's standard input, output and error. Default: no. */
  inherit?: boolean;
}

const isDirectories = (v: unknown) =>
  Array.isArray(v) && v.every((x) => typeof x === 'string' && x !== '') ? undefined : 'an array of paths';

/**
 * Runs a program: one for WASI in a thread of Node's; one of this machine; one for another with qemu or wine, where they
 * are installed. It is one by itself, by its path, or that of an artifact, of which all is checked first.
 * @returns how it ended; how a program ends is no error of `run`
 * @throws ArtError INVALID_OPTION; INPUT_NOT_FOUND, OBJECT_INVALID; of openArtifact; NO_SUCH_ENTRY; CANNOT_RUN; CANCELLED
 */
export async function run(program: ArtifactSource, options: RunOptions = {}): Promise<RunResult> {
  checkRunOptions(options, {
    dirs: isDirectories,
    inherit: (v) => (typeof v === 'boolean' ? undefined : 'true or false'),
  });
  const { args = [], env = {}, dirs = [], inherit = false } = options;
  const where = { files: nodePlatform.files, cwd: process.cwd().replaceAll('\\', '/') };
  const found = await findProgram(nodePlatform, program, options, machine, where);
  const stdin = inherit ? null : inputBytes(options.stdin);
  if (found.kind.format === 'WebAssembly') {
    const directories = dirs.map((name) => ({ name, path: where.files.resolve(where.cwd, name) }));
    const bytes = new Uint8Array(found.bytes);
    const ending = await runWasi({ bytes, args: [found.shown, ...args], env, directories, stdin }, options);
    if ('problem' in ending) throw cannotRun(found, ending.problem);
    return 'status' in ending ? ending : { status: TRAPPED, ...ending };
  }
  if (dirs.length > 0)
    throw new ArtError(
      'INVALID_OPTION',
      `'${found.shown}' is no WASI program, and sees all files of this machine: leave out --dir`,
    );
  const { kind, shown } = found;
  return { status: await runNative({ program: found.path ?? found.bytes, kind, shown, args, env, stdin }, options) };
}

/**
 * Builds an add-on for the Node that runs: what binding.gyp describes, as node-gyp does, to build/Release.
 * The packages `pyodide` and `node-gyp` have what evaluates binding.gyp; who uses this installs them.
 * @throws ArtError INPUT_NOT_FOUND where the build file, one of these packages or Node's headers are missing; CONFIG_INVALID
 *   where GYP refuses the build file; CANNOT_RUN for a command of it; BuildFailedError; LINK_FAILED; CANCELLED
 */
export function buildAddon(options: AddonOptions = {}): Promise<AddonResult> {
  return buildAddonOn(nodeAddonHost, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * Builds an add-on for many platforms on one machine, to `prebuilds` in the package, where node-gyp-build looks for it, and
 * as an artifact.
 * @throws ArtError as `buildAddon`; OBJECT_INVALID for a prebuild that is there and is for another platform than its folder
 */
export function prebuildAddon(options: PrebuildOptions = {}): Promise<PrebuildResult> {
  return prebuildOn(nodeAddonHost, options, process.cwd().replaceAll('\\', '/'));
}

/** The steps of node-gyp one by one: `configure` evaluates binding.gyp, `build` builds what it kept, `clean` removes both. */
export const addonSteps = {
  configure: (options: AddonOptions = {}): Promise<void> =>
    configureOn(nodeAddonHost, options, process.cwd().replaceAll('\\', '/')),
  build: (options: AddonOptions = {}): Promise<AddonResult> =>
    buildConfiguredOn(nodeAddonHost, options, process.cwd().replaceAll('\\', '/')),
  clean: (directory = '.'): Promise<void> =>
    cleanOn(nodeAddonHost, nodePlatform.files.resolve(process.cwd(), directory)),
};
