// A compiler command as build systems write it: clang's driver plans the runs,
// and each goes to the program that can do it.
import { assembleArguments } from './arguments.js';
import { concat, isElf, isLinked, respellBytes } from './bytes.js';
import { splitCC1 } from './cc1.js';
import { linkingOf, targetOf } from './command-target.js';
import type { CompileResult, Programs } from './compile.js';
import { withoutOwnHeaders } from './dependencies.js';
import { driverOptions } from './driver.js';
import { type Job, parseJobs } from './jobs.js';
import { INPUTS, normalise } from './paths.js';
import {
  placeArchiverScript,
  placeLinkerArguments,
  placeProfileArguments,
  placeToolArguments,
  respell,
  type Spelled,
} from './place-arguments.js';
import { expandResponseFiles } from './response-files.js';
import type { Volume } from './volume.js';
import { ProgramTrapped, type RunResult, runProgram } from './wasi.js';

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
  /** A file that the command makes anew, whatever lies there. */
  output?: string;
  /** The result names the user's files that were read. */
  recordRead?: boolean;
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
  /** Where the request asks for it. */
  read?: CompileResult['read'];
}

/** Options that make the driver answer a question; no runs are planned then. */
const QUESTION = /^(-###|--?help.*|--version|-dumpversion|-dumpmachine|--?print-.*|--autocomplete=.*)$/;
/** What LLVM's FileOutputBuffer writes before the file itself; this lld does not remove it. */
const LEFT_OVER = /\.tmp[0-9a-f]{7}$/;
/** Object reader and profile library, which are in the back end; their paths are absolute. */
const OF_BACK_END: ReadonlySet<string> = new Set(['inspect', 'profdata']);
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
  readonly #files = new Map<string, WrittenFile>();
  readonly request: CommandRequest;
  #stdin: Uint8Array;
  /** How the user wrote paths that texts of the last step may name, such as a linker map. */
  #spelled: Spelled = new Map();
  /** The same for the profiles that the command names. */
  readonly #profiles: Spelled = new Map();
  #stderr = '';

  constructor(
    request: CommandRequest,
    readonly programs: Programs,
    readonly volume: Volume,
  ) {
    this.#stdin = request.stdin;
    const read = (path: string) => this.#textOf(path.startsWith('/') ? path : `${request.directory}/${path}`);
    this.request = { ...request, args: expandResponseFiles(request.args, read) };
  }

  run(): CommandResult {
    const { inputs, output, stdin, program } = this.request;
    // The host's devices are no files that a volume could read.
    this.volume.put('/dev/null', new Uint8Array(0));
    this.volume.put('/dev/stdin', stdin);
    for (const { path, bytes } of inputs ?? []) this.volume.put(path, bytes);
    if (output) this.volume.hide(output);
    const status = /^clang/.test(program) ? this.#drive() : this.#runTool();
    return { status, stdout: concat(this.#stdout), stderr: this.#stderr, files: [...this.#files.values()] };
  }

  /** Keeps what a step wrote, or forgets it where the step failed. */
  #collect(succeeded: boolean): void {
    for (const path of this.volume.takeWritten()) {
      if (!succeeded || LEFT_OVER.test(path) || path === '/dev/null') continue;
      // A copy: memfs's Buffers are views of memory that cannot be handed to another thread.
      const written = new Uint8Array(this.volume.bytes(path));
      const bytes = isElf(written) ? written : respellBytes(written, this.#spelled);
      // These are the client's, not of the process that runs the command.
      if (path === '/dev/stdout') this.#stdout.push(bytes);
      else if (path === '/dev/stderr') this.#stderr += new TextDecoder().decode(bytes);
      else this.#files.set(path, { path, bytes, executable: this.#executables.has(path) });
    }
  }

  #textOf(path: string): string | undefined {
    try {
      return this.volume.look(path) === 'file'
        ? new TextDecoder().decode(this.volume.bytes(normalise(path)))
        : undefined;
    } catch {
      return undefined;
    }
  }

  #drive(): number {
    const { request } = this;
    const { target, args: given } = targetOf(request);
    const args = placeProfileArguments(given, request.directory, this.#profiles);
    const ownSysroot = args.some((arg) => /^(--sysroot\b|-isysroot)/.test(arg));
    const driver = [
      request.program,
      ...driverOptions(target, this.volume, ownSysroot, linkingOf(args)),
      `-working-directory=${request.directory}`,
      ...(request.color ? ['-fcolor-diagnostics'] : []),
      ...args,
    ];
    if (request.args.some((arg) => QUESTION.test(arg))) return this.#step(driver, this.programs.clang, this.#profiles);
    const plan = this.#start([driver[0] as string, '-###', ...driver.slice(1)], this.programs.clang);
    const { jobs, banner, messages } = parseJobs(plan.stderr);
    // The driver then runs nothing, and -### keeps it from saying that there is no input.
    if (plan.status !== 0 || jobs.length === 0) return this.#step(driver, this.programs.clang, this.#profiles);
    if (request.args.includes('-v')) this.#stderr += banner;
    this.#stderr += messages;
    return this.#runJobs(jobs);
  }

  /** As clang's driver: a run that needs the result of one that failed is left out, all others go on. */
  #runJobs(jobs: readonly Job[]): number {
    const failed = new Set<string>();
    let status = 0;
    for (const job of jobs) {
      const output = job.args[job.args.indexOf('-o') + 1] ?? '';
      if (job.args.some((arg) => failed.has(arg))) continue;
      if (this.request.args.includes('-v')) this.#stderr += job.line;
      this.#spelled = new Map();
      const ended = this.#runJob(job);
      this.#collect(ended === 0);
      if (ended === 0) continue;
      status ||= ended;
      failed.add(output);
    }
    return status;
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
    const spelled: Spelled = new Map(this.#profiles);
    // Linking statically is our choice, of which sources and precompiled headers need not know.
    const own = this.request.args.includes('-static') ? job.args : job.args.filter((arg) => arg !== '-static-define');
    const { clang, codegen, output, generated } = splitCC1(own, directory, color, spelled);
    const dependencies = clang[clang.indexOf('-dependency-file') + 1];
    const status = this.#step(['clang', ...clang], this.programs.clang, spelled, dependencies === '-');
    if (status === 0 && dependencies?.startsWith('/')) this.#rewrite(dependencies, withoutOwnHeaders);
    if (status !== 0 || !codegen || !generated) return status;
    const second = this.#step(['llvm-codegen', ...codegen], this.programs.codegen, this.#profiles);
    if (second !== 0) return second;
    const bytes = this.volume.bytes(generated);
    if (output === '-') this.#stdout.push(new Uint8Array(bytes));
    else return this.#write(output, bytes, spelled);
    return 0;
  }

  #assemble(job: Job): number {
    return this.#step(assembleArguments(job.args, this.request), this.programs.codegen);
  }

  #link(job: Job): number {
    const spelled: Spelled = new Map();
    this.#spelled = spelled;
    const linker = job.program.includes('wasm') ? 'wasm-ld' : 'ld.lld';
    const args = placeLinkerArguments(job.args, this.request.directory, spelled);
    const status = this.#step([linker, ...args], this.programs.clang, spelled);
    const output = args[args.indexOf('-o') + 1];
    if (status === 0 && output && !args.includes('-r')) this.#executables.add(normalise(output));
    // Where the output is known beforehand, the caller says what could not be linked.
    if (status !== 0 && !this.request.output)
      this.#stderr += `${this.request.program}: error: linker command failed with exit code ${status} (use -v to see invocation)\n`;
    return status;
  }

  #runTool(): number {
    const { program, args, directory, stdin } = this.request;
    if (OF_BACK_END.has(program)) {
      const status = this.#step(['llvm-codegen', `--${program}`, ...args], this.programs.codegen);
      this.#collect(status === 0);
      return status;
    }
    const spelled: Spelled = new Map();
    if (program === 'ar' && stdin.length > 0)
      this.#stdin = new TextEncoder().encode(placeArchiverScript(new TextDecoder().decode(stdin), directory));
    const placed = placeToolArguments(program, args, directory, spelled);
    const status = this.#step([program, ...placed], this.programs.clang, spelled);
    this.#collect(status === 0);
    // strip and objcopy keep a program runnable.
    for (const file of this.#files.values())
      file.executable = /^(strip|objcopy)$/.test(program) && isLinked(file.bytes);
    return status;
  }

  /** A relative path that a program writes is one below the root, unless it was made absolute. */
  #write(path: string, bytes: Uint8Array, spelled: Spelled): number {
    const at = normalise(path);
    try {
      this.volume.look(at);
      this.volume.look(at.slice(0, at.lastIndexOf('/')) || '/');
      this.volume.fs.writeFileSync(at, bytes);
      this.volume.noteWritten(at);
      return 0;
    } catch {
      const why = this.volume.look(at) === 'directory' ? 'Is a directory' : 'No such file or directory';
      this.#stderr += `error: unable to open output file '${spelled.get(path) ?? path}': '${why}'\n1 error generated.\n`;
      return 1;
    }
  }

  #rewrite(path: string, change: (text: string) => string): void {
    const text = this.#textOf(path);
    if (text !== undefined) this.volume.fs.writeFileSync(normalise(path), change(text));
  }

  /**
   * Runs a program, keeps what it prints, and gives its exit status.
   * @param printsDependencies and nothing else
   */
  #step(args: readonly string[], module: WebAssembly.Module, spelled: Spelled = new Map(), printsDependencies = false) {
    const { status, stdout, stderr } = this.#start(args, module);
    if (printsDependencies)
      this.#stdout.push(new TextEncoder().encode(withoutOwnHeaders(new TextDecoder().decode(stdout))));
    // What ar prints (p) may be a member's bytes.
    else this.#stdout.push(args[0] === 'ar' ? stdout : respellBytes(stdout, spelled));
    this.#stderr += respell(stderr, spelled).replaceAll(`${INPUTS}/`, '');
    return status;
  }

  #start(args: readonly string[], module: WebAssembly.Module): RunResult {
    try {
      return runProgram(module, args, this.volume, this.request.sourceDateEpoch, {
        stdin: this.#stdin,
        env: this.request.env,
      });
    } catch (thrown) {
      if (!(thrown instanceof ProgramTrapped)) throw thrown;
      const stderr = `${thrown.stderr}${args[0]}: error: the program broke down (${thrown.message})\n`;
      return { status: STATUS_CRASHED, stdout: new Uint8Array(0), stderr };
    }
  }
}
