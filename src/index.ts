/** art for Node: builds C, C++ and LLVM IR into an ahead-of-time artifact. */

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
import { type ArtifactSource, type OpenOptions, openCheckedOn, openOn } from './consume/open.js';
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
import { writeWithFolders } from './platform/node/write.js';
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
 * @returns the manifest, the output directory, and the number of units
 * @throws ArtError with a stable `code`; BuildFailedError, with one failure for each unit and target, if units do not
 *   compile. Nothing is published then.
 */
export function build(options: BuildOptions): Promise<BuildResult> {
  return buildOn(nodePlatform, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * Puts the parts together that `build` made with `shard`. The artifact has the same bytes as one build without `shard`.
 * @param parts folders of parts, or folders that contain such folders
 * @returns the manifest, the output directory, and the number of units
 * @throws ArtError with a stable `code`: PART_INVALID, with a line for everything that is wrong with the parts;
 *   SOURCE_CHANGED if they were built from different files; BuildFailedError if the program of `link` does not link.
 *   Nothing is published then.
 */
export function merge(parts: readonly string[], options: MergePartsOptions = {}): Promise<BuildResult> {
  return mergeOn(nodePlatform, parts, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * Writes an HTML page, such as one of `reportPage`, to a file. Folders that are missing are made.
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export function writePage(path: string, page: string): Promise<void> {
  const to = nodePlatform.files.resolve(process.cwd().replaceAll('\\', '/'), path);
  return writeWithFolders(to, new TextEncoder().encode(page));
}

/**
 * Reports how long the units of a build took, and what the bytes of its artifact are used for.
 * @param input what `build` returned
 * @param times of the units and of the whole build, in seconds
 * @param base another artifact, to report what has grown since; if the build replaces it, what `inspect` returned with
 *   `sections` and `symbols` before the build
 * @throws ArtError of openArtifact; ARCHIVE_INVALID
 */
export async function buildReport(
  { manifest, out, cache }: BuildResult,
  times: { seconds: number; units: readonly UnitTime[] },
  base?: ArtifactSource | Inspection,
): Promise<BuildReport> {
  const look = (source: ArtifactSource) => inspectOn(nodePlatform, source, { sections: true, symbols: true });
  const compared = base === undefined || isInspection(base) ? base : await look(base);
  return makeReport(manifest, { ...times, cache: cache ?? null }, await look(out), compared);
}

const isInspection = (base: ArtifactSource | Inspection): base is Inspection =>
  typeof base === 'object' && 'files' in base;

/**
 * Builds, and builds again whenever a file changes that the last build read, or a file appears that it looked for and
 * did not find. It ends when `options.signal` is aborted.
 * @param onRound called with the result of each build
 * @throws ArtError CANCELLED; any error of the first build except units that do not compile
 */
export function watch(options: BuildOptions, onRound: (round: Round) => void): Promise<never> {
  return watchOn(nodePlatform, options, process.cwd().replaceAll('\\', '/'), onRound);
}

/**
 * Suggests an art.config.json for a directory, from the names of its files and folders.
 * @throws ArtError NO_SOURCES if there is nothing to build; INVALID_OPTION if its package.json is not JSON;
 *   INPUT_UNREADABLE
 */
export function suggestConfig(directory: string): Promise<ConfigSuggestion> {
  return suggestConfigOn(directory.replaceAll('\\', '/'), nodePlatform.files);
}

/**
 * Links objects, archives and artifacts into `options.output`.
 * @returns what was written
 * @throws ArtError with a stable `code`; LinkFailedError, with the linker's output, if linking fails
 */
export function link(options: LinkOptions): Promise<LinkResult> {
  return linkOn(nodePlatform, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * Makes a plan of profiles: what they mean for every function. Write it to a file with `writePlan` to use it as the
 * option `plan` of `build`.
 * @throws ArtError NO_INPUT; INPUT_NOT_FOUND, INPUT_UNREADABLE, PROFILE_INVALID
 */
export function plan(options: PlanOptions): Promise<AotPlan> {
  return planOn(nodePlatform, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * Serialises a plan: the same plan always gives the same text.
 * @param path a file to write the text to
 * @returns the text
 * @throws ArtError OUTPUT_NOT_WRITABLE
 */
export async function writePlan(made: AotPlan, path?: string): Promise<string> {
  const text = serialisePlan(made);
  if (path !== undefined) await nodePlatform.write(path, new TextEncoder().encode(text), false);
  return text;
}

/**
 * Merges profiles into `options.output`, or converts one to another format.
 * @throws ArtError NO_INPUT, INVALID_OPTION; INPUT_NOT_FOUND, INPUT_UNREADABLE, PROFILE_INVALID, OUTPUT_NOT_WRITABLE
 */
export function mergeProfiles(options: MergeOptions): Promise<MergeResult> {
  return mergeProfilesOn(nodePlatform, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * Reads a profile: its kind, and its functions, hottest first.
 * @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE, PROFILE_INVALID
 */
export function showProfile(path: string): Promise<ProfileSummary> {
  return showProfileOn(nodePlatform, path, process.cwd().replaceAll('\\', '/'));
}

/**
 * Opens a pool of workers that run compiler commands on the host's files, as `art cc` does. Close it when done.
 * @param workers how many commands can run at the same time, each in a thread of its own
 */
export function openCommands(workers: number): CommandPool {
  return openCommandPool(nodePlatform, workers, parseTargets([...DEFAULT_TARGETS]));
}

/** An opened artifact whose entries can be written to disk. */
export interface Artifact extends ArtifactContents {
  /**
   * Writes entries below a directory, each to its path, after the whole archive has been checked.
   * @param filter which entries; default: all
   * @returns the paths of the entries
   * @throws ArtError ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE
   */
  extract(directory: string, filter?: EntryFilter): Promise<string[]>;
}

/**
 * Opens an artifact in any layout: by the path of its folder, of its artifact.json or of its single JSON file; by the
 * URL of one of these (that of a folder ends in '/'); or from memory. Its manifest is read and checked; its archive is
 * read when entries are asked for.
 * @throws ArtError INPUT_NOT_FOUND; MANIFEST_INVALID; with `keys` KEY_INVALID, and SIGNATURE_INVALID if none of them
 *   signed it
 */
export async function openArtifact(source: ArtifactSource, options: OpenOptions = {}): Promise<Artifact> {
  const artifact = await openOn(nodePlatform, source, options);
  const extract = async (directory: string, filter: EntryFilter = {}) =>
    extractInto(artifact, filter, await nodePlatform.stageFiles(directory));
  return { ...artifact, extract };
}

/**
 * Writes an artifact in another layout without loss: manifest, archive and signature can be converted back byte for
 * byte. The artifact is checked as `verify` does, and what was written is read back before it is moved to its place.
 * @throws ArtError INVALID_OPTION; of openArtifact; ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE
 */
export function convert(source: ArtifactSource, options: ConvertOptions): Promise<void> {
  return convertOn(nodePlatform, source, options);
}

/**
 * Reads a private key, to sign several artifacts with it, or to find errors before a long build.
 * @param path of a PEM file
 * @param passphrase called if the key is encrypted
 * @param onWarning called with a warning if other users may read the key's file
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
 * Checks an artifact on disk, signs it, and writes artifact.sigstore.json beside its manifest.
 * @returns the path of that file
 * @throws ArtError KEY_INVALID; INPUT_NOT_FOUND, MANIFEST_INVALID, ARCHIVE_INVALID; OUTPUT_NOT_WRITABLE; SOURCE_CHANGED
 *   if a build replaced it while it was signed; INVALID_OPTION for the layouts 'json' and 'oci'
 */
export function sign(artifact: string, options: SignOptions): Promise<string> {
  return signOn(nodePlatform, artifact, options);
}

/**
 * Checks a whole artifact and its signature. Without `keys` a signature proves nothing; `check` tells whether there was
 * one and whether it was checked.
 * @returns everything that is wrong, one line each; empty if nothing is
 * @throws ArtError INVALID_OPTION; INPUT_NOT_FOUND; KEY_INVALID
 */
export async function verify(source: ArtifactSource, options: VerifyOptions = {}): Promise<string[]> {
  return (await check(source, options)).failures;
}

/**
 * As `verify`, and also tells what is known about the signature.
 * @throws ArtError INVALID_OPTION; INPUT_NOT_FOUND; KEY_INVALID
 */
export function check(source: ArtifactSource, options: VerifyOptions = {}): Promise<Verification> {
  return verifyOn(nodePlatform, source, options);
}

/**
 * Shows what is in an artifact, or in a single object, program or module, which is given by its path.
 * @returns what the manifest says, and if asked for the sections, symbols and code of every file
 * @throws ArtError of openArtifact; ARCHIVE_INVALID; NO_SUCH_ENTRY; for a single file OBJECT_INVALID, and
 *   INVALID_OPTION if a signature is asked for
 */
export function inspect(source: ArtifactSource, options: InspectOptions & OpenOptions = {}): Promise<Inspection> {
  return inspectOn(nodePlatform, source, options);
}

/**
 * Compares two artifacts, after checking both: the keys of the manifests, the entries, and for each changed entry the
 * first section, function and instruction that differ.
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
export function rebuild(source: ArtifactSource, options: RebuildOptions & OpenOptions = {}): Promise<Rebuild> {
  return rebuildOn(nodePlatform, source, options, process.cwd().replaceAll('\\', '/'));
}

/** Options of `run`. */
export interface RunOptions extends CommonRunOptions {
  /**
   * Directories that a WASI program may read and write, under the names given here. Default: none; it sees no other
   * files.
   */
  dirs?: readonly string[];
  /** Whether the program uses this process's standard input, output and error. Default: false. */
  inherit?: boolean;
}

const isDirectories = (v: unknown) =>
  Array.isArray(v) && v.every((x) => typeof x === 'string' && x !== '') ? undefined : 'an array of paths';

/**
 * Runs a program: one for WASI in a thread of Node; a native one directly; one for another machine with qemu or wine,
 * if they are installed. It is a file, given by its path, or an entry of an artifact, which is checked first.
 * @returns how the program ended; a failure of the program is not an error of `run`
 * @throws ArtError INVALID_OPTION; INPUT_NOT_FOUND, OBJECT_INVALID; of openArtifact; NO_SUCH_ENTRY; CANNOT_RUN;
 *   CANCELLED
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
 * Builds a native add-on for the running Node from its binding.gyp into build/Release, as node-gyp does. The packages
 * `pyodide` and `node-gyp`, which evaluate binding.gyp, must be installed.
 * @throws ArtError INPUT_NOT_FOUND if binding.gyp, one of these packages or Node's headers are missing; CONFIG_INVALID
 *   if GYP rejects binding.gyp; CANNOT_RUN for a command in it; BuildFailedError; LINK_FAILED; CANCELLED
 */
export function buildAddon(options: AddonOptions = {}): Promise<AddonResult> {
  return buildAddonOn(nodeAddonHost, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * Builds a native add-on for many platforms on one machine: into `prebuilds` in the package, where node-gyp-build looks
 * for it, and as an artifact.
 * @throws ArtError as `buildAddon`; OBJECT_INVALID if an existing prebuild is for another platform than the name of its
 *   folder says
 */
export function prebuildAddon(options: PrebuildOptions = {}): Promise<PrebuildResult> {
  return prebuildOn(nodeAddonHost, options, process.cwd().replaceAll('\\', '/'));
}

/**
 * The steps of node-gyp as single functions: `configure` evaluates binding.gyp, `build` builds what `configure` stored,
 * `clean` removes the results of both.
 */
export const addonSteps = {
  configure: (options: AddonOptions = {}): Promise<void> =>
    configureOn(nodeAddonHost, options, process.cwd().replaceAll('\\', '/')),
  build: (options: AddonOptions = {}): Promise<AddonResult> =>
    buildConfiguredOn(nodeAddonHost, options, process.cwd().replaceAll('\\', '/')),
  clean: (directory = '.'): Promise<void> =>
    cleanOn(nodeAddonHost, nodePlatform.files.resolve(process.cwd(), directory)),
};
