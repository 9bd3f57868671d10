/** art, for browsers: C, C++ and LLVM IR to an ahead-of-time artifact, in a tab. */
export { BuildFailedError, type UnitFailure } from './builder/failures.js';
export type { CompileFailure, EmitKind } from './toolchain/requests.js';

import { resolve } from 'pathe';
import type { Artifact } from './artifact/artifact.js';
import type { Manifest } from './artifact/manifest.js';
import { buildOn } from './builder/build.js';
import { type LinkResult as CoreLinkResult, linkOn } from './builder/link.js';
import { CONFIG_NAME } from './config/config-file.js';
import type { BuildEvent } from './config/events.js';
import type { LinkOptions as CoreLinkOptions } from './config/link-options.js';
import type { BuildOptions as CoreBuildOptions } from './config/options.js';
import { type ArtifactSource, type OpenOptions, openOn } from './consume/open.js';
import { artifactIn } from './consume/published.js';
import {
  byItself,
  type RunOptions as CommonRunOptions,
  type RunResult as CommonRunResult,
  cannotRun,
  checkRunOptions,
  findProgram,
  inputBytes,
} from './consume/run.js';
import { type Verification, type VerifyOptions, verifyOn } from './consume/verify.js';
import { ArtError } from './errors.js';
import type { LoadEvent } from './platform/browser/assets.js';
import { type Files, FOLDER, gatherFiles } from './platform/browser/files.js';
import { browserPlatform, browserReading, openAssets } from './platform/browser/index.js';
import { runWasi } from './platform/browser/wasi-program.js';
import type { WebBlob, WebURL } from './platform/web-types.js';
import { TRAPPED } from './runner/program.js';

export type { Artifact, EntryFilter, ReadLimits } from './artifact/artifact.js';
export type { ArtifactBytes } from './artifact/layouts/memory.js';
export {
  type ArchiveDigest,
  type Manifest,
  type ManifestEntry,
  parseManifest,
  type ReadManifest,
} from './artifact/manifest.js';
export { LinkFailedError } from './builder/link.js';
export type { BuildEvent } from './config/events.js';
export type { LinkKind } from './config/link-options.js';
export { splitShellWords } from './config/shell-words.js';
export type { ArtifactSource, OpenOptions } from './consume/open.js';
export type { Verification, VerifyOptions } from './consume/verify.js';
export { ArtError, type ArtErrorCode } from './errors.js';
export type { LoadEvent } from './platform/browser/assets.js';
export type { FileContent, Files } from './platform/browser/files.js';
export type { SignatureState } from './trust/signature.js';
export { VERSION } from './version.js';

/** What a page has to say beside what Node is told. */
export interface PageOptions {
  /** The project: its sources, headers, package.json and art.config.json. Other options name files by these paths. */
  files: Files;
  /** URL of the folder with the files that `art browser` writes. Default: where this module is. */
  assets?: string | WebURL;
}

/** Options of `build`; `inputs` left out means every source in `files`, unless an art.config.json says otherwise. */
export interface BuildOptions extends Omit<CoreBuildOptions, 'out' | 'cwd' | 'shard' | 'onEvent'>, PageOptions {
  /** Called as the build goes on. */
  onEvent?: (event: BuildEvent | LoadEvent) => void;
}

/** What a build made. */
export interface BuildResult {
  manifest: Manifest;
  /**
   * Its files, as `openArtifact` takes them: the text of artifact.json; artifact.tar.gz, empty with `manifestOnly`; and with
   * `sign` artifact.sigstore.json.
   */
  artifact: { manifest: string; archive: Uint8Array<ArrayBuffer>; bundle?: Uint8Array<ArrayBuffer> };
  /** Translation units; each was compiled for every target. */
  units: number;
}

/** Options of `link`. */
export interface LinkOptions extends Omit<CoreLinkOptions, 'cwd'>, PageOptions {
  /** Called as the programs are fetched. */
  onEvent?: (event: LoadEvent) => void;
}

/** What was linked. */
export interface LinkResult extends CoreLinkResult {
  bytes: Uint8Array;
}

function refuse(options: object, names: readonly string[], why: string): void {
  for (const name of names)
    if (name in options) throw new ArtError('UNKNOWN_OPTION', `there is no option '${name}' in a browser: ${why}`);
}

const defaultAssets = () => new URL('./', import.meta.url);

/**
 * Builds an artifact from files in memory, in web workers. Its bytes are those that Node makes of the same project.
 * @throws ArtError with a stable `code`; BuildFailedError, with one failure a unit and target, where units do not compile
 */
export async function build({ files, assets: base, onEvent, ...options }: BuildOptions): Promise<BuildResult> {
  refuse(options, ['out', 'cwd'], "the artifact is in the result, and paths start where those of 'files' do");
  refuse(options, ['shard'], 'parts are built by machines with a disk');
  if (onEvent !== undefined && typeof onEvent !== 'function')
    throw new ArtError('INVALID_OPTION', "option 'onEvent' must be a function");
  const gathered = await gatherFiles(files);
  const assets = openAssets(base ?? defaultAssets());
  const isNamed = (options.inputs?.length !== 0 && options.inputs) || options.compileCommands || options.config;
  const inputs = !isNamed && !gathered.has(`${FOLDER}/${CONFIG_NAME}`) ? { inputs: ['.'] } : {};
  const platform = browserPlatform(assets, gathered);
  const stopListening = assets.listen((event) => onEvent?.(event));
  try {
    const core = { ...options, ...inputs, ...(onEvent && { onEvent }) };
    const { manifest, units } = await buildOn(platform, core, FOLDER);
    return { manifest, artifact: artifactIn(platform.published() ?? new Map()), units };
  } finally {
    stopListening();
  }
}

/**
 * Links objects, archives or an artifact, which are in `files`.
 * @throws ArtError with a stable `code`; LinkFailedError, with the linker's words, where it does not link
 */
export async function link({ files, assets: base, onEvent, ...options }: LinkOptions): Promise<LinkResult> {
  refuse(options, ['cwd'], "paths start where those of 'files' do");
  const assets = openAssets(base ?? defaultAssets());
  const platform = browserPlatform(assets, await gatherFiles(files));
  const stopListening = assets.listen((event) => onEvent?.(event));
  try {
    const result = await linkOn(platform, options, FOLDER);
    return { ...result, bytes: platform.written.get(resolve(FOLDER, options.output)) ?? new Uint8Array(0) };
  } finally {
    stopListening();
  }
}

/**
 * Opens an artifact in any layout: by the URL of its folder, ending in '/', of its artifact.json, or of the one JSON file
 * that it is; or from memory, files and streams.
 * Its manifest is read and checked, its archive when entries are asked for.
 * @throws ArtError INPUT_NOT_FOUND; MANIFEST_INVALID; with `keys` KEY_INVALID, and SIGNATURE_INVALID where none of them
 *   signed it
 */
export function openArtifact(source: ArtifactSource, options: OpenOptions = {}): Promise<Artifact> {
  return openOn(browserReading, source, options);
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
  return verifyOn(browserReading, source, options);
}

/** Options of `run`. */
export interface RunOptions extends CommonRunOptions {
  /** Files that the program finds below its root, '/', where it begins as well. Default: none. */
  files?: Files;
}

/** How a program ended, and which files there were then. */
export interface RunResult extends CommonRunResult {
  /** By their paths below the root: those that it was given, as it left them, and those that it made. */
  files: Map<string, Uint8Array<ArrayBuffer>>;
}

/**
 * Runs a WASI program in a worker of its own: its bytes, or that of an artifact, of which all is checked first.
 * @returns how it ended; how a program ends is no error of `run`
 * @throws ArtError INVALID_OPTION; OBJECT_INVALID; of openArtifact; NO_SUCH_ENTRY; CANNOT_RUN; CANCELLED
 */
export async function run(
  program: ArtifactSource | Uint8Array | ArrayBuffer | WebBlob,
  { files = {}, ...options }: RunOptions = {},
): Promise<RunResult> {
  checkRunOptions(options, {});
  const gathered = await gatherFiles(files);
  const bytes = program instanceof Blob ? await program.arrayBuffer() : program;
  const found =
    bytes instanceof Uint8Array || bytes instanceof ArrayBuffer
      ? byItself(new Uint8Array(bytes), 'program', options)
      : await findProgram(browserReading, bytes as ArtifactSource, options, MACHINE);
  const { args = [], env = {}, stdin } = options;
  if (found.kind.format !== 'WebAssembly')
    throw cannotRun(found, 'is no program for WASI, and pages run no others: build it for wasm32-wasip1');
  const contents = await Promise.all(
    [...gathered].map(
      async ([path, blob]) => [path.slice(FOLDER.length + 1), new Uint8Array(await blob.arrayBuffer())] as const,
    ),
  );
  const { ending, files: after } = await runWasi(
    {
      bytes: new Uint8Array(found.bytes),
      args: [found.shown, ...args],
      env,
      stdin: inputBytes(stdin),
      files: new Map(contents),
    },
    options,
  );
  if ('problem' in ending) throw cannotRun(found, ending.problem);
  return 'status' in ending ? { ...ending, files: after } : { status: TRAPPED, ...ending, files: after };
}

/** What pages run. */
const MACHINE = { format: 'WebAssembly', architecture: 'wasm32' } as const;
