/** art for browsers: builds C, C++ and LLVM IR into an ahead-of-time artifact, in a tab. */
export { BuildFailedError, type UnitFailure } from './builder/failures.js';
export type { CompileFailure, EmitKind } from './toolchain/requests.js';

import { resolve } from 'pathe';
import { config } from 'zod';
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
import { type AssetsOption, browserPlatform, browserReading, openAssets } from './platform/browser/index.js';
import { endIdle } from './platform/browser/toolchain.js';
import { runWasi } from './platform/browser/wasi-program.js';
import type { CachePlace } from './platform/types.js';
import type { WebBlob } from './platform/web-types.js';
import { TRAPPED } from './runner/program.js';
import { type Compilation, compileOn } from './session/compile.js';
import { DemangledNames } from './session/demangle.js';
import type { Diagnostic } from './session/diagnostics.js';
import { type CompileOptions, checkCompileOptions, unitAmong } from './session/options.js';
import { Preambles } from './session/preamble.js';
import { buildProgram } from './session/program.js';
import { Turns } from './session/turns.js';
import { type Check, checkAll, isFunction, isSeconds, isText, isTexts } from './text/checks.js';
import { eachOnce } from './text/each-once.js';

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
export type { AssetsOption } from './platform/browser/index.js';
export { codeOnly } from './session/assembly.js';
export type { Compilation } from './session/compile.js';
export type { Diagnostic, FixIt, Severity, TextRange } from './session/diagnostics.js';
export type { Listing, SourceLine } from './session/listing.js';
export type { CompileOptions, Wanted } from './session/options.js';
export type { SignatureState } from './trust/signature.js';
export { VERSION } from './version.js';

// Otherwise zod tests whether the page's content security policy lets it compile code, and browsers report the attempt.
config({ jitless: true });

/** Options that exist only in a browser. */
export interface PageOptions {
  /**
   * The files of the project: sources, headers, package.json and art.config.json. Other options name files by these
   * paths.
   */
  files: Files;
  /**
   * Where the compiler is: the URL of the folder that `art browser` wrote, or `{ package }` with the URL of the npm
   * package on a CDN. Default: the folder of this module.
   */
  assets?: AssetsOption;
}

/** Options of `build`; `inputs` left out means every source in `files`, unless an art.config.json says otherwise. */
export interface BuildOptions
  extends Omit<CoreBuildOptions, 'out' | 'cwd' | 'shard' | 'onEvent' | 'cache' | 'cacheSize'>,
    PageOptions {
  /**
   * Name of a Cache (Service Worker specification) that stores results for later builds, in this visit or another; a
   * result is checked when it is read from there. `true`: `art-results`. Default: none.
   */
  cache?: string | boolean;
  /** Limit on the size of the cache, in bytes; the least recently used entries are removed. Default: 256 MB. */
  cacheSize?: number;
  /** Called as the build goes on. */
  onEvent?: (event: BuildEvent | LoadEvent) => void;
}

/** The result of `build`. */
export interface BuildResult {
  /** The content of artifact.json. */
  manifest: Manifest;
  /**
   * The files of the artifact, in the form that `openArtifact` takes: the text of artifact.json; the bytes of
   * artifact.tar.gz, empty with `manifestOnly`; and with `sign` artifact.sigstore.json.
   */
  artifact: { manifest: string; archive: Uint8Array<ArrayBuffer>; bundle?: Uint8Array<ArrayBuffer> };
  /** Number of translation units; each was compiled for every target. */
  units: number;
}

/** Options of `link`. */
export interface LinkOptions extends Omit<CoreLinkOptions, 'cwd'>, PageOptions {
  /** Called while the compiler is fetched. */
  onEvent?: (event: LoadEvent) => void;
}

/** The result of `link`. */
export interface LinkResult extends CoreLinkResult {
  /** The content of the file that was linked. */
  bytes: Uint8Array;
}

function refuse(options: object, names: readonly string[], why: string): void {
  for (const name of names)
    if (name in options) throw new ArtError('UNKNOWN_OPTION', `there is no option '${name}' in a browser: ${why}`);
}

const checkListener = (onEvent: unknown) => checkAll({ onEvent }, { onEvent: isFunction });

/**
 * Builds an artifact from files in memory, in web workers. It has the same bytes as the artifact that Node builds from
 * the same project.
 * @throws ArtError with a stable `code`; BuildFailedError, with one failure for each unit and target, if units do not
 *   compile
 */
export async function build({ files, assets: base, onEvent, ...options }: BuildOptions): Promise<BuildResult> {
  refuse(options, ['out', 'cwd'], "the artifact is in the result, and paths start where those of 'files' do");
  refuse(options, ['shard'], 'parts are built by machines with a disk');
  checkListener(onEvent);
  const gathered = await gatherFiles(files);
  const assets = openAssets(base);
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
 * Links objects, archives and artifacts, which are in `files`.
 * @throws ArtError with a stable `code`; LinkFailedError, with the linker's output, if linking fails
 */
export async function link({ files, assets: base, onEvent, ...options }: LinkOptions): Promise<LinkResult> {
  refuse(options, ['cwd'], "paths start where those of 'files' do");
  checkListener(onEvent);
  const assets = openAssets(base);
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
 * Opens an artifact in any layout: by the URL of its folder, which ends in '/', of its artifact.json, or of its single
 * JSON file; or from memory, files and streams. Its manifest is read and checked; its archive is read when entries are
 * asked for.
 * @throws ArtError INPUT_NOT_FOUND; MANIFEST_INVALID; with `keys` KEY_INVALID, and SIGNATURE_INVALID if none of them
 *   signed it
 */
export function openArtifact(source: ArtifactSource, options: OpenOptions = {}): Promise<Artifact> {
  return openOn(browserReading, source, options);
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
  return verifyOn(browserReading, source, options);
}

/** Options of `run`. */
export interface RunOptions extends CommonRunOptions {
  /** The files that the program sees, below its root '/', which is also its working directory. Default: none. */
  files?: Files;
  /**
   * Limit on the program's memory, in bytes; an allocation beyond it fails. Default: the limit that the program itself
   * declares, at most 4 GiB.
   */
  maxMemory?: number;
  /**
   * Limit on what the program prints, in bytes; a program that prints more is ended as if it had trapped. Default:
   * none.
   */
  maxOutput?: number;
}

/** The result of `run`: how the program ended, and its files. */
export interface RunResult extends CommonRunResult {
  /** The files by path below the root: those that the program was given, as it left them, and those that it made. */
  files: Map<string, Uint8Array<ArrayBuffer>>;
}

/**
 * Runs a WASI program in a worker of its own. It is given as bytes, or as an artifact, which is checked first.
 * @returns how the program ended; a failure of the program is not an error of `run`
 * @throws ArtError INVALID_OPTION; OBJECT_INVALID; of openArtifact; NO_SUCH_ENTRY; CANNOT_RUN; CANCELLED
 */
export async function run(
  program: ArtifactSource | Uint8Array | ArrayBuffer | WebBlob,
  { files = {}, ...options }: RunOptions = {},
): Promise<RunResult> {
  checkRunOptions(options, { maxMemory: isLimit, maxOutput: isLimit });
  const { maxMemory, maxOutput } = options;
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
      maxMemory,
      maxOutput,
    },
    options,
  );
  if ('problem' in ending) throw cannotRun(found, ending.problem);
  return 'status' in ending ? { ...ending, files: after } : { status: TRAPPED, ...ending, files: after };
}

const isLimit = (v: unknown) => (typeof v === 'number' && v > 0 ? undefined : 'a number above 0');

/** The only programs that a page can run. */
const MACHINE = { format: 'WebAssembly', architecture: 'wasm32' } as const;

/** Options of `open`. */
export interface SessionOptions {
  /** Where the compiler is, as for `build`. */
  assets?: AssetsOption;
  /**
   * Name of a Cache (Service Worker specification) that stores the compiler for the next visit; files from it are
   * checked again. Default: none, so only the browser's HTTP cache stores it.
   */
  store?: string;
  /** As for `build`: stores the results of `compile`, `run` and `build`, and reads them from there. Default: none. */
  cache?: string | boolean;
  /** Called while the compiler is fetched, for each unit that `build` and `run` work on, and with warnings. */
  onEvent?: (event: BuildEvent | LoadEvent) => void;
}

/** Options of a session's `run`. */
export interface RunSourcesOptions
  extends Omit<RunOptions, 'target' | 'files' | 'keys' | 'maxSize' | 'sha256' | 'package' | 'notBefore'> {
  /** Flags for clang and for linking. Default: none. */
  flags?: readonly string[];
  /** Sources, folders and globs to build. Default: all files. */
  inputs?: readonly string[];
  /** Time limit for each unit, in seconds. Default: none. */
  timeout?: number;
  /** The files that the program sees, below its root. Default: the files that it was built from. */
  data?: Files;
  /** Called when the program is built, before it starts. */
  onBuilt?: (built: Pick<RunSourcesResult, 'diagnostics' | 'text'>) => void;
}

const RUN_SOURCES_CHECKS: Readonly<Record<string, Check>> = {
  maxMemory: isLimit,
  maxOutput: isLimit,
  flags: isTexts,
  inputs: isTexts,
  timeout: isSeconds,
  data: () => undefined, // gatherFiles checks it
  onBuilt: isFunction,
};

/** The result of a session's `run`. */
export interface RunSourcesResult {
  /** What clang and the linker reported, as data. */
  diagnostics: Diagnostic[];
  /** All that clang and the linker printed, with colours (ANSI escape codes). */
  text: string;
  /** The program; undefined if it could not be built, as the diagnostics say. */
  program?: Uint8Array<ArrayBuffer>;
  /** How the program ended; undefined if it could not be built. */
  ended?: RunResult;
}

const SESSION_CHECKS: { readonly [K in keyof Required<SessionOptions>]: Check } = {
  assets: () => undefined, // openAssets checks it
  store: isText,
  cache: (v) => (typeof v === 'boolean' ? undefined : isText(v) && 'the name of a Cache, true or false'),
  onEvent: isFunction,
};

/**
 * Opens a session, which keeps its compiler in a worker that stays ready between calls. Calls are done one after
 * another.
 * @throws ArtError INVALID_OPTION; UNKNOWN_OPTION
 */
export async function open(options: SessionOptions = {}): Promise<Session> {
  checkAll(options, SESSION_CHECKS);
  return new Session(options);
}

/** Milliseconds without work after which a session writes the files that it fetched to its store. */
const PAUSE = 500;

/**
 * A session, as `open` returns it. Every method rejects as the function of the same name does, and also with CANCELLED.
 */
export class Session {
  readonly #turns = new Turns();
  readonly #remembered = { preambles: new Preambles(), names: new DemangledNames() };
  readonly #base: AssetsOption | undefined;
  readonly #store: string | undefined;
  readonly #cache: { cache?: string | boolean };
  readonly #onEvent: ((event: BuildEvent | LoadEvent) => void) | undefined;
  readonly #warn = eachOnce((message) => this.#onEvent?.({ type: 'warning', message }));
  /** Number of calls that are being worked on. */
  #busy = 0;

  /** @internal */
  constructor({ assets, store, cache, onEvent }: SessionOptions) {
    [this.#base, this.#store, this.#onEvent] = [assets, store, onEvent];
    this.#cache = cache === undefined ? {} : { cache };
    this.#assets(); // throws now if an option is wrong
  }

  /** Fetches the compiler, if that has not happened yet. The other methods do so as well. */
  async ready(): Promise<void> {
    await this.#listening(async (assets) => {
      await assets.module('llvm');
      await assets.checked();
    });
  }

  /**
   * Compiles one unit for one target. Errors in the sources are in the result.
   * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION, INPUT_NOT_FOUND, NO_SOURCES; UNKNOWN_TARGET; UNSUPPORTED_FLAG;
   *   PROGRAM_CORRUPT if the compiler cannot be fetched or is not the pinned one; CANCELLED
   */
  async compile(files: Files, options: CompileOptions = {}): Promise<Compilation> {
    checkCompileOptions(options);
    const gathering = gather(files);
    return this.#turns.take(options.signal, async (turn) => {
      const { gathered, linesOf } = await gathering;
      const paths = [...gathered.keys()].map((path) => path.slice(FOLDER.length + 1));
      const unit = unitAmong(paths, options.unit);
      return this.#listening((assets) =>
        compileOn(
          browserPlatform(assets, gathered, true),
          { unit, root: FOLDER, linesOf },
          options,
          turn,
          this.#cachePlace(),
          this.#remembered,
        ),
      );
    });
  }

  /**
   * Builds a WASI program from sources and runs it in a worker of its own; other calls can compile while it runs.
   * @throws ArtError of `build` and of the function `run`, except for sources that do not compile or link
   */
  async run(files: Files, options: RunSourcesOptions = {}): Promise<RunSourcesResult> {
    checkRunOptions(options, RUN_SOURCES_CHECKS);
    const { flags = [], inputs = ['.'], timeout, data = files, onBuilt, ...running } = options;
    const gathering = gather(files);
    const built = await this.#turns.take(running.signal, async ({ signal }) => {
      const { gathered, linesOf } = await gathering;
      return this.#listening((assets) =>
        buildProgram(browserPlatform(assets, gathered, true), FOLDER, linesOf, {
          flags,
          inputs,
          signal,
          ...(timeout !== undefined && { timeout }),
          ...this.#cache,
          onEvent: (event) => this.#onEvent?.(event),
        }),
      );
    });
    onBuilt?.({ diagnostics: built.diagnostics, text: built.text });
    if (!built.program) return built;
    return { ...built, ended: await run(built.program, { ...running, files: data }) };
  }

  /**
   * As the function `build`, with the session's assets. Unless the options say otherwise, it uses the session's cache
   * and `jobs: 1`.
   */
  build(options: Omit<BuildOptions, 'assets'>): Promise<BuildResult> {
    return this.#turns.take(options.signal, ({ signal }) =>
      this.#working(() =>
        build({
          jobs: 1,
          onEvent: (event) => this.#onEvent?.(event),
          ...this.#cache,
          ...options,
          ...this.#place(),
          signal,
        }),
      ),
    );
  }

  /** As the function `link`, with the session's compiler. */
  link(options: Omit<LinkOptions, 'assets'>): Promise<LinkResult> {
    return this.#turns.take(undefined, () =>
      this.#working(() => link({ onEvent: (event) => this.#onEvent?.(event), ...options, ...this.#place() })),
    );
  }

  /** Cancels all calls that are compiling or waiting; each rejects with CANCELLED. */
  cancel(): void {
    this.#turns.cancel();
  }

  /** Cancels all calls and ends the workers. A later call starts them again. */
  async close(): Promise<void> {
    this.cancel();
    await this.#turns.take(undefined, async () => endIdle(this.#assets()));
  }

  #place(): { assets?: AssetsOption } {
    return this.#base === undefined ? {} : { assets: this.#base };
  }

  /** Where `compile` stores results. A problem with it is reported once, and not for each text that is compiled. */
  #cachePlace(): CachePlace | undefined {
    const { cache } = this.#cache;
    if (!cache) return undefined;
    return { ...(typeof cache === 'string' && { directory: resolve(FOLDER, cache) }), warn: this.#warn };
  }

  #assets(): ReturnType<typeof openAssets> {
    return openAssets(this.#base, this.#store);
  }

  async #listening<T>(work: (assets: ReturnType<typeof openAssets>) => Promise<T>): Promise<T> {
    const assets = this.#assets();
    const stopListening = assets.listen((event) => this.#onEvent?.(event));
    try {
      return await this.#working(() => work(assets));
    } finally {
      stopListening();
    }
  }

  /**
   * Does some work. The program is written to the store afterwards, since that takes processor time that the first
   * result needs.
   */
  async #working<T>(work: () => Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await work();
    } finally {
      this.#busy--;
      setTimeout(() => this.#busy === 0 && this.#assets().keep(), PAUSE);
    }
  }
}

/** Copies the files' content now: the caller may change them while the call waits for its turn. */
function gather(files: Files) {
  const gathering = (async () => {
    const gathered = await gatherFiles(files);
    return { gathered, linesOf: await readLines(gathered) };
  })();
  gathering.catch(() => {}); // whoever awaits it gets the error, unless the call is cancelled before
  return gathering;
}

/** The lines of the sources, which are needed to count columns as editors do. */
async function readLines(gathered: ReadonlyMap<string, Blob>): Promise<(file: string) => string[] | undefined> {
  const texts = new Map<string, string[]>();
  for (const [path, blob] of gathered)
    if (blob.size <= LARGE_SOURCE) texts.set(path.slice(FOLDER.length + 1), (await blob.text()).split('\n'));
  return (file) => texts.get(file);
}

/** Larger files are not split into lines, to save memory. */
const LARGE_SOURCE = 4 << 20;
