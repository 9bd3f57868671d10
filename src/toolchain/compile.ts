// One translation unit, for one target. C, C++ and IR: clang makes unoptimised
// bitcode, the back end optimises it with the target's machine and writes what was
// asked for. Assembly: clang preprocesses, the back end assembles. wasm32: clang alone.
import type { EmitKind } from '../config/options.js';
import {
  assembleArguments,
  BITCODE,
  clangArguments,
  codegenArguments,
  isAssembly,
  OUTPUTS,
  PROFILE_REPORT,
  planArguments,
  wasmArguments,
} from './arguments.js';
import { type ShownPaths, showPaths } from './diagnostics.js';
import { architectureOf, driverOptions } from './driver.js';
import { parseJobs } from './jobs.js';
import { isModule, moduleProblem } from './modules.js';
import { PROFILE, PROJECT, USER_SYSROOT } from './paths.js';
import { lastLines, type ProgramName, type Trace } from './trace.js';
import type { Volume } from './volume.js';
import { ProgramTrapped, type RunResult, runProgram } from './wasi.js';

/** A profile that steers the optimiser: one of LLVM's, merged, or a plan. */
export interface CompileProfile {
  kind: 'instr' | 'sample' | 'plan';
  bytes: Uint8Array;
}

/** How a profile fits a unit, as llvm-codegen says it. */
export interface ProfileReport {
  /**
   * Those that both know by name. `mismatched`: the code is another than when the profile was made; `unused`: the
   * module was not made for samples. `shown` is the demangled name, where there is one, of what is not matched.
   */
  functions: { name: string; count: number; status: 'matched' | 'mismatched' | 'unused'; shown?: string }[];
  /** Functions that the unit defines. */
  defined: number;
}

export interface CompileRequest {
  /** Path in the project; it is the module's name, and `__FILE__`. */
  path: string;
  triple: string;
  /** clang flags, paths as the compiler sees them. */
  flags: readonly string[];
  emit: readonly EmitKind[];
  /** The user's sysroot is mounted and takes the place of ours. */
  ownSysroot: boolean;
  profile?: CompileProfile;
  /** Counters that write a profile when the program ends: those of the front end, or of the optimiser. */
  instrument?: 'frontend' | 'ir';
  color: boolean;
  sourceDateEpoch: number;
  shown: ShownPaths;
}

export type { ProgramName };

/** Why a unit has no outputs. */
export interface CompileFailure {
  /** `diagnosed`: the program said what is wrong with the input. The others are the program's or the machine's end. */
  kind: 'diagnosed' | 'crashed' | 'timed-out' | 'worker-lost';
  program?: ProgramName;
  message: string;
}

export interface CompileResult {
  outputs?: Partial<Record<EmitKind, Uint8Array>>;
  failure?: CompileFailure;
  /** All that the programs printed, paths as the user wrote them. */
  diagnostics: string;
  /** Where the request has a profile and the back end used it. */
  profile?: ProfileReport;
  /** Files of the project and of other mounts that this worker read for the first time, and their sha256. */
  read: { path: string; sha256: string }[];
}

/** The modules of the wasm programs. */
export interface Programs {
  clang: WebAssembly.Module;
  codegen: WebAssembly.Module;
}

/** The back end says fatal errors itself and exits with 70, as clang does. */
const STATUS_DIAGNOSED = 1;
/** How much of the user's files stays in memory from one unit to the next. */
const KEPT_BYTES = 32 << 20;

/**
 * Compiles one unit. Bad input and broken programs are results, not exceptions.
 * @param sha256 of some bytes, in hex
 * @param trace is told what runs
 */
export function compileUnit(
  request: CompileRequest,
  programs: Programs,
  volume: Volume,
  sha256: (bytes: Uint8Array) => string,
  trace?: Trace,
): CompileResult {
  volume.clearOutput();
  if (request.profile) volume.put(PROFILE, request.profile.bytes);
  const run = new UnitRun(request, programs, volume, trace);
  const ok = run.run();
  trace?.begin(undefined);
  const { printed, failure } = run;
  const outputs: Partial<Record<EmitKind, Uint8Array>> = {};
  // A copy: memfs's Buffers are views of memory that cannot be handed to another thread.
  if (ok) for (const kind of request.emit) outputs[kind] = new Uint8Array(volume.bytes(OUTPUTS[kind]));
  const profile = ok && request.profile ? reportIn(volume) : undefined;
  const read = takeSources(volume, sha256);
  printed.push(...outsideNotes(volume.takeOutside(), failure, printed.join(''), request));
  volume.clearOutput();
  volume.drop(`${PROJECT}/${request.path}`);
  volume.trim(KEPT_BYTES, isUsers);
  return {
    diagnostics: printed.join(''),
    read,
    ...(profile && { profile }),
    ...(failure ? { failure } : { outputs }),
  };
}

/** The report of a run; assembly and wasm32 have none. */
function reportIn(volume: Volume): ProfileReport | undefined {
  if (!volume.fs.existsSync(PROFILE_REPORT)) return undefined;
  return JSON.parse(new TextDecoder().decode(volume.bytes(PROFILE_REPORT)));
}

const isUsers = (path: string) => [PROJECT, '/include', USER_SYSROOT].some((place) => path.startsWith(`${place}/`));

/**
 * The user's files that programs read since the last call, as provenance names them: those of the
 * project relative to it, others below /include/<n> and /sysroot.
 */
export function takeSources(volume: Volume, sha256: (bytes: Uint8Array) => string): CompileResult['read'] {
  return volume
    .takeRead()
    .filter(isUsers)
    .map((path) => ({
      path: path.replace(`${PROJECT}/`, '').replace(USER_SYSROOT, '/sysroot'),
      sha256: sha256(volume.bytes(path)),
    }));
}

/** The runs of programs that one unit takes. */
class UnitRun {
  readonly printed: string[] = [];
  failure: CompileFailure | undefined;

  constructor(
    readonly request: CompileRequest,
    readonly programs: Programs,
    readonly volume: Volume,
    readonly trace: Trace | undefined,
  ) {}

  /** False after the first run that fails; `failure` says why. */
  run(): boolean {
    return this.#isSound() && this.#compile() && this.request.emit.every((kind) => this.#hasMade(OUTPUTS[kind]));
  }

  /** What is wrong with a module for this target is said before any program reads it. */
  #isSound(): boolean {
    const { path, triple, shown } = this.request;
    const at = `${PROJECT}/${path}`;
    if (!isModule(path) || !this.#isReadable(at)) return true;
    const problem = moduleProblem(path, this.volume.bytes(at), triple);
    if (problem === undefined) return true;
    this.printed.push(`${shown.unit.shown}: error: ${problem}\n`);
    this.failure = { kind: 'diagnosed', message: `${shown.unit.shown} does not compile for ${triple}` };
    return false;
  }

  #isReadable(path: string): boolean {
    try {
      return this.volume.look(path) === 'file';
    } catch {
      return false; // clang says why
    }
  }

  /** A program that ends well has done something else where what it was to make is not there. */
  #hasMade(path: string, program?: ProgramName): boolean {
    if (this.volume.fs.existsSync(path)) return true;
    const { shown, triple } = this.request;
    this.failure = {
      kind: 'diagnosed',
      ...(program && { program }),
      message: `nothing was made of ${shown.unit.shown} for ${triple}: one of the flags has the compiler do something else`,
    };
    this.printed.push(`${shown.unit.shown}: error: ${this.failure.message}\n`);
    return false;
  }

  #compile(): boolean {
    const { request } = this;
    const options = driverOptions(request.triple, this.volume, request.ownSysroot);
    if (isAssembly(request.path)) return this.#assemble(options);
    // clang's own code generator is that of WebAssembly.
    if (architectureOf(request.triple) === 'wasm32')
      return request.emit.every((kind) => this.#clang(wasmArguments(request, options, kind)));
    return (
      this.#clang(clangArguments(request, options)) &&
      this.#hasMade(BITCODE, 'clang') &&
      this.#codegen(codegenArguments(request))
    );
  }

  /** The driver plans it: a preprocessor run for .S, and the assembler. */
  #assemble(options: readonly string[]): boolean {
    const plan = this.#step('clang', this.programs.clang, planArguments(this.request, options), 'plan');
    if (plan === undefined) return false;
    return parseJobs(plan).jobs.every(({ tool, args }) =>
      tool === 'cc1'
        ? this.#clang(['clang', '-cc1', ...args])
        : this.#codegen(assembleArguments(args, { directory: PROJECT, color: this.request.color })),
    );
  }

  #clang(args: string[]): boolean {
    return this.#step('clang', this.programs.clang, args) !== undefined;
  }

  #codegen(args: string[]): boolean {
    return this.#step('llvm-codegen', this.programs.codegen, args) !== undefined; // waits for it, if need be
  }

  /** Runs one program and gives what it printed; undefined where it failed. A plan is only shown where there is none. */
  #step(program: ProgramName, module: WebAssembly.Module, args: string[], show?: 'plan'): string | undefined {
    const { request } = this;
    let result: RunResult;
    this.trace?.begin(program);
    try {
      result = runProgram(module, args, this.volume, request.sourceDateEpoch, {
        onStderr: (bytes) => this.trace?.print(bytes),
      });
    } catch (thrown) {
      if (!(thrown instanceof ProgramTrapped)) throw thrown;
      const stderr = showPaths(thrown.stderr, request.shown);
      this.printed.push(stderr);
      this.failure = { kind: 'crashed', program, message: crashMessage(program, request, thrown.message, stderr) };
      return undefined;
    }
    const text = show === 'plan' ? parseJobs(result.stderr).messages : result.stderr;
    const stderr = showPaths(text, request.shown);
    this.printed.push(stderr);
    if (result.status === 0) return result.stderr;
    this.failure =
      result.status === STATUS_DIAGNOSED && stderr !== ''
        ? { kind: 'diagnosed', program, message: `${request.shown.unit.shown} does not compile for ${request.triple}` }
        : { kind: 'crashed', program, message: crashMessage(program, request, `exit status ${result.status}`, stderr) };
    return undefined;
  }
}

/** Says of missing files that they are there, but not for the compiler. */
function outsideNotes(paths: string[], failure: CompileFailure | undefined, text: string, request: CompileRequest) {
  if (!failure) return [];
  return paths
    .filter((path) => !path.startsWith('/proc/') && text.includes(path.slice(path.lastIndexOf('/') + 1)))
    .map(
      (path) =>
        `${request.shown.unit.shown}: note: '${path}' lies outside the project directory: open its folder with -I, or move it\n`,
    );
}

function crashMessage(program: string, request: CompileRequest, how: string, stderr: string): string {
  const last = lastLines(stderr);
  return `${program} broke down on ${request.shown.unit.shown} for ${request.triple} (${how})${last && `:\n${last}`}`;
}
