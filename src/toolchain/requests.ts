// What a worker is asked, and what it answers: plain data, which is sent from thread to thread.
import type { ShownPaths } from './diagnostics.js';
import type { Observed } from './host-view.js';
import type { ProgramName } from './trace.js';

/** What can be written for a translation unit: LLVM bitcode, an object file, assembly, or LLVM IR as text. */
export const EMIT_KINDS = ['bitcode', 'object', 'asm', 'ir'] as const;
/** What can be written for a translation unit: LLVM bitcode, an object file, assembly, or LLVM IR as text. */
export type EmitKind = (typeof EMIT_KINDS)[number];

/** A file of the project or of another mount that a worker read, as provenance names it, and its sha256 in hex. */
export interface SourceFile {
  path: string;
  sha256: string;
}

/** A profile that steers the optimiser: one of LLVM's, merged, or a plan. */
export interface CompileProfile {
  kind: 'instr' | 'sample' | 'plan';
  bytes: Uint8Array;
}

/** How a profile fits a unit, as the compiler says it. */
export interface ProfileReport {
  /**
   * Those that both know by name. `mismatched`: the code is another than when the profile was made; `unused`: the
   * module was not made for samples. `shown` is the demangled name, where there is one, of what is not matched.
   */
  functions: { name: string; count: number; status: 'matched' | 'mismatched' | 'unused'; shown?: string }[];
  /** Functions that the unit defines. */
  defined: number;
}

/** A module of C++'s standard library. */
export type ModuleName = 'std' | 'std.compat';

/** One as clang wrote it, for units of one target and of flags that fit. */
export interface StandardModule {
  name: ModuleName;
  bytes: Uint8Array;
}

/** One translation unit to compile for one target. */
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
  /** Modules of the standard library that the unit imports. */
  modules?: readonly StandardModule[];
  /** What is made is this module of the standard library, for the unit; not the unit. */
  makes?: ModuleName;
  color: boolean;
  sourceDateEpoch: number;
  shown: ShownPaths;
  /**
   * What is made instead of outputs: what the unit says of modules, in the format of P1689R5, or the interface of the
   * module that it is.
   */
  instead?: 'scan' | 'interface';
  /** Interfaces of modules that it may import, by the name of the module. */
  interfaces?: ReadonlyMap<string, Uint8Array>;
  /** Bytes that the program's memory and outputs may come to. Default: DEFAULT_MAX_MEMORY. */
  maxMemory?: number;
  /** The result says what was seen of the host. */
  observe?: boolean;
}

/** Why a unit was not compiled. */
export interface CompileFailure {
  /**
   * `diagnosed`: clang reported errors in the input; `stopped`: it reached a limit of memory or of diagnostics;
   * `crashed`: it broke down; `timed-out`: it reached the time limit; `worker-lost`: the thread that ran it ended.
   */
  kind: 'diagnosed' | 'stopped' | 'crashed' | 'timed-out' | 'worker-lost';
  /** The program that failed, such as `clang` or `ld.lld`, if it was running. */
  program?: ProgramName;
  /** What happened, for people to read. */
  message: string;
}

/** What became of a translation unit. */
export interface CompileResult {
  outputs?: Partial<Record<EmitKind, Uint8Array>>;
  /** Where the request asks for something instead. */
  made?: Uint8Array;
  failure?: CompileFailure;
  /** With a failure: the unit imports this module, which the request did not have. */
  needs?: ModuleName;
  /** Where the request makes one. */
  module?: Uint8Array;
  /** All that the programs printed, paths as the user wrote them. */
  diagnostics: string;
  /** Where the request has a profile and the compiler used it. */
  profile?: ProfileReport;
  /** Files that this worker read for the first time. */
  read: SourceFile[];
  /** Where the request asks for it and it can be told. */
  observed?: Observed;
  /** Beside `observed`, of a unit that did not fail: `diagnostics` with paths as the compiler sees them. */
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
  /** The result says what was seen of the host. */
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

/** What became of a command. */
export interface CommandResult {
  status: number;
  stdout: Uint8Array;
  stderr: string;
  /** What to write to the host. */
  files: WrittenFile[];
  /** Where the request asks for it. */
  read?: SourceFile[];
  /** Where the request asks for it and it can be told. */
  observed?: Observed;
}

/** What comes of a request. */
export type ResultOf<R extends CompileRequest | CommandRequest> = R extends CommandRequest
  ? CommandResult
  : CompileResult;
