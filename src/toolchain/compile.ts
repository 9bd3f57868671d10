// Compiles one translation unit for one target. One run of the compiler writes all requested outputs.
import { lackingNotes } from '../targets/targets.js';
import { compileArguments, interfaceFile, MADE, OUTPUTS, PROFILE_REPORT } from './arguments.js';
import { firstErrors, showPaths } from './diagnostics.js';
import { driverOptions } from './driver.js';
import { isModule, moduleProblem } from './modules.js';
import { COMPILED_PREAMBLE, OWN, PREAMBLE, PROFILE, PROJECT, USER_SYSROOT } from './paths.js';
import type {
  CompileFailure,
  CompileRequest,
  CompileResult,
  EmitKind,
  ModuleName,
  ProfileReport,
  SourceFile,
} from './requests.js';
import {
  MADE_MODULE,
  missingModule,
  moduleArguments,
  moduleFlags,
  modulePath,
  moduleSource,
} from './standard-modules.js';
import { lastLines, type Tracer } from './trace.js';
import type { Volume } from './volume.js';
import { ProgramFailed, type RunResult, runProgram } from './wasi.js';

/** Exit status of clang for errors in the input; 70 means that clang itself failed. */
const STATUS_DIAGNOSED = 1;
/** Name of the compiler in failures. */
const PROGRAM = 'clang';
/** The message for input that is nested too deeply for the program's stack. */
export const TOO_DEEP = 'this nests too deeply for the stack that art has: break it into smaller pieces';
/** How many bytes of the user's files are kept in memory between units. */
const KEPT_BYTES = 32 << 20;

/**
 * Compiles one unit. Errors in the input and crashes are results, not exceptions.
 * @param llvm the compiled program
 * @param sha256 the sha256 of some bytes, in hex
 * @param trace is told which program runs
 */
export function compileUnit(
  request: CompileRequest,
  llvm: WebAssembly.Module,
  volume: Volume,
  sha256: (bytes: Uint8Array) => string,
  trace?: Tracer,
): CompileResult {
  volume.clearOutput();
  if (request.observe) volume.record();
  if (request.profile) volume.put(PROFILE, request.profile.bytes);
  for (const [name, bytes] of request.interfaces ?? []) volume.put(interfaceFile(name), bytes);
  for (const { name, bytes } of request.modules ?? []) volume.put(modulePath(name), bytes);
  const { text, compiled } = request.preamble ?? {};
  if (text) volume.put(PREAMBLE, text);
  if (compiled) volume.put(COMPILED_PREAMBLE, compiled);
  const run = new UnitRun(request, llvm, volume, trace);
  const ok = run.run();
  trace?.begin(undefined);
  const { printed, failure, needs } = run;
  const outputs: Partial<Record<EmitKind, Uint8Array>> = {};
  const module = ok && request.makes ? volume.take(MADE_MODULE) : undefined;
  const made = ok && request.instead && !request.makes ? volume.take(MADE[request.instead]) : undefined;
  const isUnit = ok && !request.makes && !request.instead;
  if (isUnit) for (const kind of request.emit) outputs[kind] = volume.take(OUTPUTS[kind]);
  const profile = isUnit && request.profile ? reportIn(volume) : undefined;
  const read = takeSources(volume, sha256);
  const observed = volume.takeObserved(sha256);
  printed.push(...outsideNotes(volume.takeOutside(), failure, printed.join(''), request));
  volume.clearOutput();
  volume.drop(`${PROJECT}/${request.path}`);
  for (const { name } of request.modules ?? []) volume.drop(modulePath(name));
  if (compiled) volume.drop(COMPILED_PREAMBLE);
  volume.trim(KEPT_BYTES, isUsers);
  return {
    diagnostics: printed.join(''),
    read,
    ...(profile && { profile }),
    ...(needs && { needs }),
    ...(module && { module }),
    ...(observed && { observed, unspelled: run.said }),
    ...(failure ? { failure } : made ? { made } : { outputs }),
  };
}

/** Reads the report of how a profile fits; there is none for assembly. */
function reportIn(volume: Volume): ProfileReport | undefined {
  if (!volume.fs.existsSync(PROFILE_REPORT)) return undefined;
  return JSON.parse(new TextDecoder().decode(volume.bytes(PROFILE_REPORT)));
}

/** Whether a file is one of those that provenance names. */
const isUsers = (path: string) => [PROJECT, '/include', USER_SYSROOT].some((place) => path.startsWith(`${place}/`));

/**
 * The user's files that programs have read since the last call, named as in provenance: those of the project by
 * relative path, others below /include/<n> and /sysroot.
 * @param ofHost the volume is that of a command and shows the host's own root: all files except art's own, by their
 *   paths on the host
 */
export function takeSources(volume: Volume, sha256: (bytes: Uint8Array) => string, ofHost = false): SourceFile[] {
  return volume.takeRead().flatMap((at) => {
    const path = readName(at, ofHost);
    return path === undefined ? [] : { path, sha256: volume.digest(at, sha256) };
  });
}

/**
 * The name that `takeSources` gives to a file; undefined if it leaves the file out.
 * @param ofHost as for `takeSources`
 */
export function readName(path: string, ofHost: boolean): string | undefined {
  if (ofHost) return path.startsWith(`${OWN}/`) ? undefined : path;
  return isUsers(path) ? sourceName(path) : undefined;
}

/** What provenance calls a file that `isUsers`. */
const sourceName = (path: string) => path.replace(`${PROJECT}/`, '').replace(USER_SYSROOT, '/sysroot');

/** The compilation of one unit. */
class UnitRun {
  readonly printed: string[] = [];
  failure: CompileFailure | undefined;
  needs: ModuleName | undefined;
  /** What the compiler printed, if it did not fail. */
  said = '';

  constructor(
    readonly request: CompileRequest,
    readonly llvm: WebAssembly.Module,
    readonly volume: Volume,
    readonly trace: Tracer | undefined,
  ) {}

  /** Compiles. @returns false if it fails; `failure` then says why */
  run(): boolean {
    return this.#isSound() && this.#compile() && this.#wanted().every((path) => this.#hasMade(path));
  }

  #wanted(): string[] {
    const { emit, instead, makes } = this.request;
    if (makes) return [MADE_MODULE];
    return instead ? [MADE[instead]] : emit.map((kind) => OUTPUTS[kind]);
  }

  /** Checks LLVM IR for this target before any program reads it. */
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
      return false; // clang has printed the reason
    }
  }

  /** Checks that a successful run has made its output; otherwise a flag made it do something else. */
  #hasMade(path: string): boolean {
    if (this.volume.fs.existsSync(path)) return true;
    const { shown, triple } = this.request;
    const message = `${shown.unit.shown} was not compiled for ${triple}: one of the flags makes the compiler do something else`;
    this.failure = { kind: 'diagnosed', program: PROGRAM, message };
    this.printed.push(`${shown.unit.shown}: error: ${message}\n`);
    return false;
  }

  #compile(): boolean {
    const { request } = this;
    const options = driverOptions(request.triple, this.volume, request.ownSysroot);
    let result: RunResult;
    this.trace?.begin(PROGRAM);
    try {
      result = runProgram(this.llvm, this.#arguments(options), this.volume, request.sourceDateEpoch, {
        directory: PROJECT,
        maxMemory: request.maxMemory,
        onStderr: (bytes) => this.trace?.print(bytes),
      });
    } catch (thrown) {
      if (!(thrown instanceof ProgramFailed)) throw thrown;
      const { how, stderr, message } = thrown;
      if (how !== 'too-deep') return this.#end(how, stderr, message);
      return this.#end('diagnosed', `${stderr}${request.shown.unit.path}: error: ${TOO_DEEP}\n`, message);
    }
    const { status, stderr } = result;
    if (status !== 0) this.needs = this.#missingModule(stderr);
    if (status !== 0)
      return this.#end(
        status === STATUS_DIAGNOSED && stderr !== '' ? 'diagnosed' : 'crashed',
        stderr,
        `exit status ${status}`,
      );
    this.said = stderr;
    this.printed.push(showPaths(stderr, request.shown));
    return true;
  }

  #arguments(options: readonly string[]): string[] {
    const { makes, triple, flags, modules = [] } = this.request;
    if (makes === undefined) return compileArguments(this.request, options);
    return moduleArguments(makes, triple, options, moduleFlags(flags), modules);
  }

  /**
   * A module of the standard library that the unit imports, that the request does not have, and whose source is in the
   * target's sysroot.
   */
  #missingModule(stderr: string): ModuleName | undefined {
    const { makes, modules, ownSysroot, triple } = this.request;
    const name = makes || ownSysroot ? undefined : missingModule(stderr);
    if (name === undefined || modules?.some((module) => module.name === name)) return undefined;
    const source = moduleSource(name, triple);
    return source !== undefined && this.#isReadable(source) ? name : undefined;
  }

  /** Records why the compiler failed, and what it had printed. */
  #end(kind: 'diagnosed' | 'stopped' | 'crashed', stderr: string, how: string): false {
    const { request } = this;
    const text = showPaths(firstErrors(stderr), request.shown);
    this.printed.push(text);
    if (kind === 'diagnosed') this.printed.push(lackingNotes(request.triple, text));
    const where = `${request.shown.unit.shown} for ${request.triple}`;
    const message =
      kind === 'diagnosed'
        ? `${request.shown.unit.shown} does not compile for ${request.triple}`
        : kind === 'stopped'
          ? `${PROGRAM} was stopped on ${where}: ${how}`
          : crashMessage(where, how, text);
    this.failure = { kind, program: PROGRAM, message };
    return false;
  }
}

/** Notes about files that exist on the host but that the compiler may not see. */
function outsideNotes(paths: string[], failure: CompileFailure | undefined, text: string, request: CompileRequest) {
  if (!failure) return [];
  return paths
    .filter((path) => !path.startsWith('/proc/') && text.includes(path.slice(path.lastIndexOf('/') + 1)))
    .map(
      (path) =>
        `${request.shown.unit.shown}: note: '${path}' lies outside the project directory: open its folder with -I, or move it\n`,
    );
}

function crashMessage(where: string, how: string, stderr: string): string {
  const last = lastLines(stderr);
  return `${PROGRAM} crashed on ${where} (${how})${last && `:\n${last}`}`;
}
