// One translation unit, for one target: clang makes unoptimised bitcode, the
// back end optimises it with the target's machine and writes what was asked for.
import type { EmitKind } from '../config/options.js';
import { clangArguments, codegenArguments, OUTPUTS } from './arguments.js';
import { type ShownPaths, showPaths } from './diagnostics.js';
import { driverOptions } from './driver.js';
import { PROJECT } from './paths.js';
import type { Volume } from './volume.js';
import { ProgramTrapped, type RunResult, runProgram } from './wasi.js';

export interface CompileRequest {
  /** Path in the project; it is the module's name, and `__FILE__`. */
  path: string;
  triple: string;
  /** clang flags, paths as the compiler sees them. */
  flags: readonly string[];
  emit: readonly EmitKind[];
  color: boolean;
  sourceDateEpoch: number;
  shown: ShownPaths;
}

export type ProgramName = 'clang' | 'llvm-codegen';

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

/**
 * Compiles one unit. Bad input and broken programs are results, not exceptions.
 * @param sha256 of some bytes, in hex
 */
export function compileUnit(
  request: CompileRequest,
  programs: Programs,
  volume: Volume,
  sha256: (bytes: Uint8Array) => string,
): CompileResult {
  const printed: string[] = [];
  let failure: CompileFailure | undefined;
  volume.clearOutput();
  const run = (program: ProgramName, module: WebAssembly.Module, args: string[]) => {
    failure = runStep(program, module, args, volume, request, printed);
    return failure === undefined;
  };
  const ok =
    run('clang', programs.clang, clangArguments(request, driverOptions(request.triple, volume))) &&
    run('llvm-codegen', programs.codegen, codegenArguments(request)); // waits for it, if need be

  const outputs: Partial<Record<EmitKind, Uint8Array>> = {};
  // A copy: memfs's Buffers are views of memory that cannot be handed to another thread.
  if (ok) for (const kind of request.emit) outputs[kind] = new Uint8Array(volume.bytes(OUTPUTS[kind]));
  const read = volume
    .takeRead()
    .filter((path) => path.startsWith(`${PROJECT}/`) || path.startsWith('/include/'))
    .map((path) => ({ path: path.replace(`${PROJECT}/`, ''), sha256: sha256(volume.bytes(path)) }));
  printed.push(...outsideNotes(volume.takeOutside(), failure, printed.join(''), request));
  volume.clearOutput();
  volume.drop(`${PROJECT}/${request.path}`);
  return { diagnostics: printed.join(''), read, ...(failure ? { failure } : { outputs }) };
}

/** Says of missing files that they are there, but not for the compiler. */
function outsideNotes(paths: string[], failure: CompileFailure | undefined, text: string, request: CompileRequest) {
  if (!failure) return [];
  return paths
    .filter((path) => text.includes(path.slice(path.lastIndexOf('/') + 1)))
    .map(
      (path) =>
        `${request.shown.unit.shown}: note: '${path}' lies outside the project directory: open its folder with -I, or move it\n`,
    );
}

/** Runs one program; its failure, if it failed. */
function runStep(
  program: ProgramName,
  module: WebAssembly.Module,
  args: string[],
  volume: Volume,
  request: CompileRequest,
  printed: string[],
): CompileFailure | undefined {
  let result: RunResult;
  try {
    result = runProgram(module, args, volume, request.sourceDateEpoch);
  } catch (thrown) {
    if (!(thrown instanceof ProgramTrapped)) throw thrown;
    const stderr = showPaths(thrown.stderr, request.shown);
    printed.push(stderr);
    return { kind: 'crashed', program, message: crashMessage(program, request, thrown.message, stderr) };
  }
  const stderr = showPaths(result.stderr, request.shown);
  printed.push(stderr);
  if (result.status === 0) return undefined;
  if (result.status === STATUS_DIAGNOSED && stderr !== '')
    return {
      kind: 'diagnosed',
      program,
      message: `${request.shown.unit.shown} does not compile for ${request.triple}`,
    };
  return { kind: 'crashed', program, message: crashMessage(program, request, `exit status ${result.status}`, stderr) };
}

function crashMessage(program: string, request: CompileRequest, how: string, stderr: string): string {
  const last = stderr.trimEnd().split('\n').slice(-3).join('\n');
  return `${program} broke down on ${request.shown.unit.shown} for ${request.triple} (${how})${last && `:\n${last}`}`;
}
