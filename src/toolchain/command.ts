// A compiler command as build systems write it: clang's driver plans the runs,
// and each goes to the program that can do it.
import { assembleArguments } from './arguments.js';
import { splitCC1 } from './cc1.js';
import type { Programs } from './compile.js';
import { driverOptions } from './driver.js';
import { type Job, parseJobs } from './jobs.js';
import { INPUTS } from './paths.js';
import { placeLinkerArguments, placeToolArguments, respell, type Spelled } from './place-arguments.js';
import type { Volume } from './volume.js';
import { ProgramTrapped, type RunResult, runProgram } from './wasi.js';

export interface CommandRequest {
  /** The driver to be: `clang`, `clang++`, or one of LLVM's binary tools that take files, such as `ar`. */
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
  /** A file that the command makes anew, whatever lies there. */
  output?: string;
}

/** A file that a command wrote. */
export interface WrittenFile {
  /** Absolute, on the host. */
  path: string;
  bytes: Uint8Array;
  executable: boolean;
}

export interface CommandResult {
  status: number;
  stdout: Uint8Array;
  stderr: string;
  /** What to write to the host. */
  files: WrittenFile[];
}

/** Options that make the driver answer a question; no runs are planned then. */
const QUESTION = /^(-###|--?help.*|--version|-dumpversion|-dumpmachine|--?print-.*|--autocomplete=.*)$/;
/** What LLVM's FileOutputBuffer writes before the file itself; this lld does not remove it. */
const LEFT_OVER = /\.tmp[0-9a-f]{7}$/;
/** Exit status of clang where it broke down. */
const STATUS_CRASHED = 70;

/**
 * Runs a command. Whatever is wrong with its input is in the result.
 * @param volume the host's own root with the sysroots; a new one a command, since files change between commands
 */
export function runCommand(request: CommandRequest, programs: Programs, volume: Volume): CommandResult {
  return new CommandRun(request, programs, volume).run();
}

class CommandRun {
  readonly #stdout: Uint8Array[] = [];
  readonly #executables = new Set<string>();
  #stderr = '';

  constructor(
    readonly request: CommandRequest,
    readonly programs: Programs,
    readonly volume: Volume,
  ) {}

  run(): CommandResult {
    for (const { path, bytes } of this.request.inputs ?? []) this.volume.put(path, bytes);
    if (this.request.output) this.volume.hide(this.request.output);
    const status = /^clang/.test(this.request.program) ? this.#drive() : this.#runTool();
    const written = this.volume.takeWritten().filter((path) => status === 0 && !LEFT_OVER.test(path));
    return {
      status,
      stdout: concat(this.#stdout),
      stderr: this.#stderr,
      // Copies: memfs's Buffers are views of memory that cannot be handed to another thread.
      files: written.map((path) => ({
        path,
        bytes: new Uint8Array(this.volume.bytes(path)),
        executable: this.#executables.has(path),
      })),
    };
  }

  #drive(): number {
    const { request } = this;
    const { target, args } = targetOf(request);
    const ownSysroot = args.some((arg) => /^(--sysroot\b|-isysroot)/.test(arg));
    const driver = [
      request.program,
      ...driverOptions(target, this.volume, ownSysroot, isStaticByDefault(target, args) ? ['-static'] : []),
      `-working-directory=${request.directory}`,
      ...(request.color ? ['-fcolor-diagnostics'] : []),
      ...args,
    ];
    if (request.args.some((arg) => QUESTION.test(arg))) return this.#step(driver, this.programs.clang);
    const plan = this.#start([driver[0] as string, '-###', ...driver.slice(1)], this.programs.clang);
    const { jobs, banner, messages } = parseJobs(plan.stderr);
    if (request.args.includes('-v')) this.#stderr += banner;
    this.#stderr += messages;
    if (plan.status !== 0) return plan.status;
    for (const job of jobs) {
      if (request.args.includes('-v')) this.#stderr += job.line;
      const status = this.#runJob(job);
      if (status !== 0) return status;
    }
    return 0;
  }

  #runJob(job: Job): number {
    switch (job.tool) {
      case 'cc1':
        return this.#compile(job);
      case 'cc1as':
        return this.#assemble(job);
      case 'linker':
        return this.#link(job);
    }
  }

  #compile(job: Job): number {
    const { directory, color } = this.request;
    const { clang, codegen, output, generated } = splitCC1(job.args, directory, color);
    const status = this.#step(['clang', ...clang], this.programs.clang);
    if (status !== 0 || !codegen || !generated) return status;
    const second = this.#step(['llvm-codegen', ...codegen], this.programs.codegen);
    if (second !== 0) return second;
    const bytes = this.volume.bytes(generated);
    if (output === '-') this.#stdout.push(new Uint8Array(bytes));
    else return this.#write(output, bytes);
    return 0;
  }

  #assemble(job: Job): number {
    return this.#step(assembleArguments(job.args, this.request), this.programs.codegen);
  }

  #link(job: Job): number {
    const spelled: Spelled = new Map();
    const linker = job.program.includes('wasm') ? 'wasm-ld' : 'ld.lld';
    const args = placeLinkerArguments(job.args, this.request.directory, spelled);
    const status = this.#step([linker, ...args], this.programs.clang, spelled);
    const output = args[args.indexOf('-o') + 1];
    if (status === 0 && output && !args.includes('-r')) this.#executables.add(output);
    return status;
  }

  #runTool(): number {
    const { program, args, directory } = this.request;
    const spelled: Spelled = new Map();
    return this.#step(
      [program, ...placeToolArguments(program, args, directory, spelled)],
      this.programs.clang,
      spelled,
    );
  }

  /** A relative path that a program writes is one below the root, unless it was made absolute. */
  #write(path: string, bytes: Uint8Array): number {
    try {
      this.volume.look(path.slice(0, path.lastIndexOf('/')) || '/');
      this.volume.fs.writeFileSync(path, bytes);
      this.volume.noteWritten(path);
      return 0;
    } catch {
      this.#stderr += `clang: error: unable to open output file '${path}': 'No such file or directory'\n`;
      return 1;
    }
  }

  /** Runs a program, keeps what it prints, and gives its exit status. */
  #step(args: readonly string[], module: WebAssembly.Module, spelled: Spelled = new Map()): number {
    const { status, stdout, stderr } = this.#start(args, module);
    this.#stdout.push(stdout);
    this.#stderr += respell(stderr, spelled).replaceAll(`${INPUTS}/`, '');
    return status;
  }

  #start(args: readonly string[], module: WebAssembly.Module): RunResult {
    try {
      return runProgram(module, args, this.volume, this.request.sourceDateEpoch, this.request);
    } catch (thrown) {
      if (!(thrown instanceof ProgramTrapped)) throw thrown;
      const stderr = `${thrown.stderr}${args[0]}: error: the program broke down (${thrown.message})\n`;
      return { status: STATUS_CRASHED, stdout: new Uint8Array(0), stderr };
    }
  }
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const all = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** The target that a command names last, or the default; and the other arguments. */
function targetOf(request: CommandRequest): { target: string; args: string[] } {
  let target = request.triple;
  const args: string[] = [];
  for (let i = 0; i < request.args.length; i++) {
    const arg = request.args[i] as string;
    if (arg === '-target') target = request.args[++i] ?? target;
    else if (arg.startsWith('--target=')) target = arg.slice('--target='.length);
    // lld is the only linker there is.
    else if (!arg.startsWith('-fuse-ld=')) args.push(arg);
  }
  return { target, args };
}

/** Programs for musl are linked statically, to run on any Linux, unless the command wants something else. */
function isStaticByDefault(target: string, args: readonly string[]): boolean {
  const other =
    /^(-c|-S|-E|-M|-MM|-fsyntax-only|-shared|--shared|-r|-static-pie|-rdynamic|-dynamic|-Wl,-Bdynamic|-pie)$/;
  return target.includes('musl') && !args.some((arg) => other.test(arg));
}
