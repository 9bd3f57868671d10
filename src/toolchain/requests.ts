// Requests to a worker and its results: plain data that can be sent between threads.
import type { ShownPaths } from './diagnostics.js';
import type { Observed } from './host-view.js';
import type { ProgramName } from './trace.js';

/** What can be written for a translation unit: LLVM bitcode, an object file, assembly, or LLVM IR as text. */
export const EMIT_KINDS = ['bitcode', 'object', 'asm', 'ir'] as const;
/** What can be written for a translation unit: LLVM bitcode, an object file, assembly, or LLVM IR as text. */
export type EmitKind = (typeof EMIT_KINDS)[number];

/** A file that a worker read from the project or from another mount: its name in provenance, and its sha256 in hex. */
export interface SourceFile {
  path: string;
  sha256: string;
}

/** A profile for the optimiser: a merged one in LLVM's format, or a plan. */
export interface CompileProfile {
  kind: 'instr' | 'sample' | 'plan';
  bytes: Uint8Array;
}

/** How well a profile fits a unit, as the compiler reports. */
export interface ProfileReport {
  /**
   * The functions that both have. `mismatched`: the code has changed since the profile was made; `unused`: the module
   * was not compiled for sample profiles. `shown` is the demangled name of a function that is not matched, if there is
   * one.
   */
  functions: { name: string; count: number; status: 'matched' | 'mismatched' | 'unused'; shown?: string }[];
  /** Number of functions that the unit defines. */
  defined: number;
}

/** A module of C++'s standard library. */
export type ModuleName = 'std' | 'std.compat';

/** A compiled module of the standard library, for units of one target with compatible flags. */
export interface StandardModule {
  name: ModuleName;
  bytes: Uint8Array;
}

/** One translation unit to compile for one target. */
export interface CompileRequest {
  /** Path in the project; also the name of the LLVM module, and `__FILE__`. */
  path: string;
  triple: string;
  /** clang's flags. Paths are those that the compiler sees. */
  flags: readonly string[];
  emit: readonly EmitKind[];
  /** Whether the user's sysroot is mounted and used instead of art's. */
  ownSysroot: boolean;
  profile?: CompileProfile;
  /** Adds counters that write a profile when the program ends: `frontend` by clang, `ir` by LLVM. */
  instrument?: 'frontend' | 'ir';
  /** Modules of the standard library that the unit imports. */
  modules?: readonly StandardModule[];
  /** Compiles this module of the standard library for the unit, instead of the unit itself. */
  makes?: ModuleName;
  color: boolean;
  sourceDateEpoch: number;
  shown: ShownPaths;
  /**
   * What to make instead of outputs: the dependencies of the unit on modules, in the format P1689R5; the interface of
   * the module that the unit defines; or its compiled preamble.
   */
  instead?: 'scan' | 'interface' | 'preamble';
  /**
   * The preamble of a C++ unit: its text up to the last include at its beginning. If it is compiled already, clang
   * starts from there.
   */
  preamble?: { text: Uint8Array; compiled?: Uint8Array };
  /** The interfaces of the modules that the unit may import, by module name. */
  interfaces?: ReadonlyMap<string, Uint8Array>;
  /** Limit in bytes on the program's memory plus its outputs. Default: DEFAULT_MAX_MEMORY. */
  maxMemory?: number;
  /** Whether the result says what the program saw of the host. */
  observe?: boolean;
}

/** Why a unit was not compiled. */
export interface CompileFailure {
  /**
   * `diagnosed`: clang reported errors in the input; `stopped`: it reached a limit of memory or of diagnostics;
   * `crashed`: clang itself failed; `timed-out`: it reached the time limit; `worker-lost`: the thread that ran it ended.
   */
  kind: 'diagnosed' | 'stopped' | 'crashed' | 'timed-out' | 'worker-lost';
  /** The program that failed, such as `clang` or `ld.lld`, if it was running. */
  program?: ProgramName;
  /** What happened, for people to read. */
  message: string;
}

/** The result of compiling a translation unit. */
export interface CompileResult {
  outputs?: Partial<Record<EmitKind, Uint8Array>>;
  /** What was made instead of outputs, if the request has `instead`. */
  made?: Uint8Array;
  failure?: CompileFailure;
  /** With a failure: a module that the unit imports and that the request does not have. */
  needs?: ModuleName;
  /** The compiled module, if the request has `makes`. */
  module?: Uint8Array;
  /** All that the programs printed. Paths are those that the user wrote. */
  diagnostics: string;
  /** How the profile fits, if the request has one and the compiler used it. */
  profile?: ProfileReport;
  /** The files that this worker has read for the first time. */
  read: SourceFile[];
  /** What the programs saw of the host, if the request asks for it and it is known. */
  observed?: Observed;
  /** With `observed`, if the unit did not fail: `diagnostics` with paths as the compiler sees them. */
  unspelled?: string;
}

/** A command of the compiler or of one of LLVM's tools, as a build system writes it. */
export interface CommandRequest {
  /** The program: `clang`, `clang++`, or one of LLVM's tools for files, such as `ar`, `profdata` or `inspect`. */
  program: string;
  /** Its arguments. Paths are those of the host. */
  args: readonly string[];
  /** The target if the arguments name none. */
  triple: string;
  /** The working directory, as an absolute path. */
  directory: string;
  /** The standard input, all of it. */
  stdin: Uint8Array;
  /** The environment variables that clang reads, such as CPATH. */
  env: Readonly<Record<string, string>>;
  /** Whether messages have colours (ANSI escape codes). */
  color: boolean;
  /** The time, in seconds since 1970, that `__DATE__` and archive members get. */
  sourceDateEpoch: number;
  /** Files that exist only in memory. Their paths begin with INPUTS. */
  inputs?: readonly { path: string; bytes: Uint8Array }[];
  /** A folder that `art sysroot` wrote: messages name its files instead of art's built-in headers. */
  sysroots?: string;
  /** A file that the command writes without looking at what is there. */
  output?: string;
  /**
   * Whether the result lists the user's files that were read: `true`, those of a build's mounts; `host`, those of the
   * host.
   */
  recordRead?: true | 'host';
  /** Whether the result says what the program saw of the host. */
  observe?: boolean;
  /**
   * Limit in bytes on the memory plus the outputs of each program that the command runs. Default: DEFAULT_MAX_MEMORY.
   */
  maxMemory?: number;
  /** Time limit in seconds. Default: DEFAULT_TIMEOUT, or none if the command compiles a source. */
  timeout?: number;
}

/** A file that a command has made. */
export interface WrittenFile {
  /** Absolute path on the host. */
  path: string;
  /** Its content. */
  bytes: Uint8Array;
  /** Whether it gets the permission to be executed. */
  executable: boolean;
}

/** The result of a command. */
export interface CommandResult {
  status: number;
  stdout: Uint8Array;
  stderr: string;
  /** The files to write to the host. */
  files: WrittenFile[];
  /** The files that were read, if the request asks for them. */
  read?: SourceFile[];
  /** What the programs saw of the host, if the request asks for it and it is known. */
  observed?: Observed;
}

/** The result type of a request. */
export type ResultOf<R extends CompileRequest | CommandRequest> = R extends CommandRequest
  ? CommandResult
  : CompileResult;
