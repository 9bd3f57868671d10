// What a worker is asked, and what it answers: plain data, which is sent from thread to thread.
import type { ShownPaths } from './diagnostics.js';
import type { Observed } from './host-view.js';
import type { ProgramName } from './trace.js';

/** What can be written for a translation unit. */
export const EMIT_KINDS = ['bitcode', 'object', 'asm', 'ir'] as const;
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
   * What is made instead of outputs: what the unit says of modules, in the format of P1689R5, the interface of the
   * module that it is, or its preamble, compiled.
   */
  instead?: 'scan' | 'interface' | 'preamble';
  /** What a unit of C++ begins with; once that is compiled for it, clang goes on from there. */
  preamble?: { text: Uint8Array; compiled?: Uint8Array };
  /** Interfaces of modules that it may import, by the name of the module. */
  interfaces?: ReadonlyMap<string, Uint8Array>;
  /** Bytes that the program's memory and outputs may come to. Default: DEFAULT_MAX_MEMORY. */
  maxMemory?: number;
  /** The result says what was seen of the host. */
  observe?: boolean;
}

/** Why a unit has no outputs. */
export interface CompileFailure {
  /**
   * `diagnosed`: the program said what is wrong with the input; `stopped`: it came to a limit of memory or of diagnostics.
   * The others are the program's or the machine's end.
   */
  kind: 'diagnosed' | 'stopped' | 'crashed' | 'timed-out' | 'worker-lost';
  program?: ProgramName;
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

/** A compiler command, as a build system writes it. */
export interface CommandRequest {
  /** The driver to be: `clang`, `clang++`, one of LLVM's binary tools that take files, such as `ar`, `profdata` or `inspect`. */
  program: string;
  /** Its arguments, paths as on the host. */
  args: readonly string[];
  /** The default target. */
  triple: string;
  /** The working directory, absolute. */
  directory: string;
  stdin: Uint8Array;
  /** Variables that clang reads, such as CPATH. */
  env: Readonly<Record<string, string>>;
  color: boolean;
  sourceDateEpoch: number;
  /** Files that are not on the host; their paths begin with INPUTS. */
  inputs?: readonly { path: string; bytes: Uint8Array }[];
  /** The folder on the host that `art sysroot` wrote: what is printed names its files in place of our own. */
  sysroots?: string;
  /** A file that the command makes anew, whatever lies there. */
  output?: string;
  /** The result names the user's files that were read: those of a build's mounts, or of the host. */
  recordRead?: true | 'host';
  /** The result says what was seen of the host. */
  observe?: boolean;
  /** Bytes that the memory and the outputs of each program that runs may come to. Default: DEFAULT_MAX_MEMORY. */
  maxMemory?: number;
  /** Seconds that the command may take. Default: DEFAULT_TIMEOUT, and none where it has a source of the user's. */
  timeout?: number;
}

/** A file that a command wrote. */
export interface WrittenFile {
  /** Absolute, on the host. */
  path: string;
  bytes: Uint8Array;
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
