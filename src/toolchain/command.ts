// A compiler command as build systems write it: clang's driver plans the runs, and each has an instance of its own.
import { ArtError } from '../errors.js';
import { LIBCS, targetOf } from '../targets/targets.js';
import { concat, isElf, isLinked, isText, respell, respellBytes } from './bytes.js';
import { compileDatabase } from './command-database.js';
import { linkingOf, targetNamed } from './command-target.js';
import { TOO_DEEP } from './compile.js';
import { withoutOwnHeaders } from './dependencies.js';
import { firstErrors } from './diagnostics.js';
import { driverOptions } from './driver.js';
import { inputOf, type Job, parseJobs, valueAfter } from './jobs.js';
import { isOwnSource } from './limits.js';
import { INPUTS, normalise, TEMPORARY } from './paths.js';
import { dependencyFile, isPlainCompile } from './plain-compile.js';
import type { CommandRequest, CommandResult, WrittenFile } from './requests.js';
import { expandResponseFiles } from './response-files.js';
import type { Volume } from './volume.js';
import { ProgramFailed, type ProgramInput, type RunResult, runProgram } from './wasi.js';

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
export function runCommand(request: CommandRequest, llvm: WebAssembly.Module, volume: Volume): CommandResult {
  try {
    return new CommandRun(request, llvm, volume).run();
  } catch (error) {
    if (!(error instanceof ArtError) || !error.isUsage) throw error;
    return { status: 1, stdout: new Uint8Array(0), stderr: `art: error: ${error.message}\n`, files: [] };
  }
}

class CommandRun {
  readonly #stdout: Uint8Array[] = [];
  readonly #executables = new Set<string>();
  readonly #files = new Map<string, WrittenFile>();
  readonly request: CommandRequest;
  /** What the user knows files by that are not the host's. */
  readonly #spelled = new Map([[`${INPUTS}/`, '']]);
  #stderr = '';
  /** A file was to be written where the command does not lead. */
  #strayed = false;

  constructor(
    request: CommandRequest,
    readonly llvm: WebAssembly.Module,
    readonly volume: Volume,
  ) {
    const read = (path: string) => this.#textOf(resolve(request.directory, path));
    this.request = { ...request, args: expandResponseFiles(request.args, read) };
  }

  run(): CommandResult {
    const { inputs, output, stdin, program } = this.request;
    // The host's devices are no files that a volume could read.
    this.volume.put('/dev/null', new Uint8Array(0));
    this.volume.put('/dev/stdin', stdin);
    for (const { path, bytes } of inputs ?? []) this.volume.put(path, bytes);
    if (output) this.volume.hide(output);
    const ended = /^clang/.test(program) ? this.#drive() : this.#runTool();
    const status = ended || (this.#strayed ? 1 : 0);
    return {
      status,
      stdout: concat(this.#stdout),
      stderr: firstErrors(this.#stderr),
      files: [...this.#files.values()],
    };
  }

  /**
   * Keeps what a step wrote, or forgets it where the step failed.
   * @param isLast no other step reads it, so it need not be in memory twice
   */
  #collect(succeeded: boolean, isLast = true): void {
    for (const path of this.volume.takeWritten()) {
      if (!succeeded || LEFT_OVER.test(path) || path === '/dev/null') continue;
      const written = isLast ? this.volume.take(path) : new Uint8Array(this.volume.bytes(path));
      const bytes = isElf(written) || !isText(written) ? written : respellBytes(written, this.#spelled);
      // These are the client's, not of the process that runs the command.
      if (path === '/dev/stdout') this.#stdout.push(bytes);
      else if (path === '/dev/stderr') this.#stderr += new TextDecoder().decode(bytes);
      else if (isMeant(path, this.request))
        this.#files.set(path, { path, bytes, executable: this.#executables.has(path) });
      else {
        this.#strayed = true;
        this.#stderr += `art: error: '${path}' is not written: the command names no place outside '${this.request.directory}'\n`;
      }
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
    const { target, args: given } = targetNamed(request);
    const { args, warnings } = withoutImpossible(given);
    const ownSysroot = args.some((arg) => /^(--sysroot\b|-isysroot)/.test(arg));
    const isThere = (path: string) => this.volume.look(resolve(request.directory, path)) === 'file';
    const driver = [
      request.program,
      ...driverOptions(target, this.volume, ownSysroot, linkingOf(args, isThere)),
      ...(request.color ? ['-fcolor-diagnostics'] : []),
      ...args,
    ];
    const run = () => this.#step(driver);
    if (request.args.some((arg) => QUESTION.test(arg))) return run();
    if (isPlainCompile(args)) return this.#compileAtOnce(driver, args, warnings);
    const plan = this.#start([driver[0] as string, '-###', ...driver.slice(1)]);
    const { jobs, banner, messages } = parseJobs(plan.stderr);
    // The driver then runs nothing, and -### keeps it from saying that there is no input.
    if (plan.status !== 0 || jobs.length === 0) return run();
    const refusal = refusalOf(jobs, { target, args, ownSysroot });
    this.#stderr += refusal ?? (request.args.includes('-v') ? banner : '') + warnings + messages;
    if (refusal) return 1;
    this.#describe(driver);
    return this.#runJobs(jobs);
  }

  /** The driver compiles in its own instance. */
  #compileAtOnce(driver: readonly string[], args: readonly string[], warnings: string): number {
    this.#stderr += warnings;
    const status = this.#step(driver);
    if (status === 0) this.#cleanDependencies(dependencyFile(args));
    this.#collect(status === 0);
    return status;
  }

  /** Lets the driver write what -MJ asks for; where it plans runs, it does not. */
  #describe(driver: readonly string[]): void {
    const { args, directory, program } = this.request;
    const database = args.findLast((arg, i) => arg.startsWith('-MJ') || args[i - 1] === '-MJ')?.replace(/^-MJ/, '');
    if (!database) return;
    this.#start([...driver, '-fdriver-only']);
    this.#rewrite(resolve(directory, database), (text) => compileDatabase(text, program));
  }

  /** As clang's driver: a run that needs the result of one that failed is left out, all others go on. */
  #runJobs(jobs: readonly Job[]): number {
    const failed = new Set<string>();
    let status = 0;
    for (const job of jobs) {
      const output = valueAfter(job.args, '-o') ?? '';
      if (job.args.some((arg) => failed.has(arg))) continue;
      if (this.request.args.includes('-v')) this.#stderr += job.line;
      // The linker speaks of sources, whose objects are gone when it is read.
      if (output.startsWith(`${TEMPORARY}/`)) this.#spelled.set(output, respell(inputOf(job.args), this.#spelled));
      const ended = this.#runJob(job);
      this.#collect(ended === 0, job === jobs.at(-1));
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
        return this.#step(['clang', '-cc1as', ...job.args]);
      case 'linker':
        return this.#link(job);
    }
  }

  #compile(job: Job): number {
    const { sourceDateEpoch } = this.request;
    // Linking statically is our choice, of which sources and precompiled headers need not know.
    const own = this.request.args.includes('-static') ? job.args : job.args.filter((arg) => arg !== '-static-define');
    const dependencies = valueAfter(own, '-dependency-file');
    const precompiled = usesPrecompiledHeader(job);
    // File times tell nothing here. Those in a precompiled header are others than when
    // it is used, and then clang compares what is in the files.
    const input = precompiled === 'makes' ? { fileTime: sourceDateEpoch + 1 } : {};
    const checks = precompiled ? ['-fvalidate-ast-input-files-content'] : [];
    const status = this.#step(['clang', '-cc1', ...checks, ...own], input, dependencies === '-');
    if (status === 0 && dependencies !== '-') this.#cleanDependencies(dependencies);
    return status;
  }

  #cleanDependencies(file: string | undefined): void {
    if (file) this.#rewrite(resolve(this.request.directory, file), withoutOwnHeaders);
  }

  #link(job: Job): number {
    const linker = targetOf(targetNamed(this.request).target)?.linker ?? 'ld.lld';
    const status = this.#step([linker, ...job.args]);
    const output = valueAfter(job.args, '-o');
    if (status === 0 && output && !job.args.includes('-r'))
      this.#executables.add(normalise(resolve(this.request.directory, output)));
    // Where the output is known beforehand, the caller says what could not be linked.
    if (status !== 0 && !this.request.output)
      this.#stderr += `${this.request.program}: error: linker command failed with exit code ${status} (use -v to see invocation)\n`;
    return status;
  }

  #runTool(): number {
    const { program, args } = this.request;
    const status = this.#step([program, ...args]);
    this.#collect(status === 0);
    // strip and objcopy keep a program runnable.
    for (const file of this.#files.values())
      file.executable = /^(strip|objcopy)$/.test(program) && isLinked(file.bytes);
    return status;
  }

  #rewrite(path: string, change: (text: string) => string): void {
    const text = this.#textOf(path);
    if (text !== undefined) this.volume.fs.writeFileSync(normalise(path), change(text));
  }

  /**
   * Runs a program, keeps what it prints, and gives its exit status.
   * @param printsDependencies and nothing else
   */
  #step(args: readonly string[], input: ProgramInput = {}, printsDependencies = false) {
    const { status, stdout, stderr } = this.#start(args, input);
    if (printsDependencies)
      this.#stdout.push(new TextEncoder().encode(withoutOwnHeaders(new TextDecoder().decode(stdout))));
    else this.#stdout.push(isText(stdout) ? respellBytes(stdout, this.#spelled) : stdout);
    this.#stderr += respell(stderr, this.#spelled);
    return status;
  }

  #start(args: readonly string[], input: ProgramInput = {}): RunResult {
    const { stdin, env, directory, sourceDateEpoch, maxMemory } = this.request;
    try {
      return runProgram(this.llvm, args, this.volume, sourceDateEpoch, { stdin, env, directory, maxMemory, ...input });
    } catch (thrown) {
      if (!(thrown instanceof ProgramFailed)) throw thrown;
      const { how, stderr, message } = thrown;
      const failed = { stdout: new Uint8Array(0), stderr: `${stderr}${stderr.endsWith('\n') || !stderr ? '' : '\n'}` };
      const say = (status: number, why: string) => ({ ...failed, status, stderr: `${failed.stderr}${why}\n` });
      if (how === 'stopped') return say(1, `${args[0]}: error: the program was stopped: ${message}`);
      if (how === 'too-deep') return say(1, `${subjectOf(args)}: error: ${TOO_DEEP}`);
      return say(STATUS_CRASHED, `${args[0]}: error: the program broke down (${message})`);
    }
  }
}

/** What a program was at work on, for a message; where that is not one file, the program. */
const subjectOf = (args: readonly string[]) =>
  (/^-cc1(as)?$/.test(args[1] ?? '') ? inputOf(args) : args.findLast(isOwnSource)) ?? args[0];

/** A path as a program with a working directory takes it. */
const resolve = (directory: string, path: string) => (path.startsWith('/') ? path : `${directory}/${path}`);

// What commands ask for that art cannot do, and what it says: flags that can be left out are, with a warning; what would
// fail later is refused before it starts.

const NATIVE = /^-m(arch|cpu|tune)=native$/;

/** What a command is left with, and a line for what it lost. */
function withoutImpossible(args: readonly string[]): { args: string[]; warnings: string } {
  const flags = new Set(args.filter((arg) => NATIVE.test(arg)));
  const warnings =
    flags.size > 0
      ? `art: warning: left out '${[...flags].join(' ')}': art does not ask what this machine can do; name a CPU\n`
      : '';
  return { args: args.filter((arg) => !flags.has(arg)), warnings };
}

/** Sanitizers that need nothing at run time. */
const WITHOUT_LIBRARY = /^(kcfi|shadow-call-stack|fuzzer-no-link|kernel-.*|memtag-.*|cfi-.*)$/;
/** Those that need one whatever else is asked for. */
const ALWAYS_LIBRARY =
  /^(leak|safe-stack|vptr|scudo|address|hwaddress|thread|memory|dataflow|fuzzer|realtime|type|numerical|alloc-token)$/;

/** Kinds of checks that call a library when they fail. */
function checksWithLibrary(job: Job): string[] {
  if (job.tool !== 'cc1') return [];
  const kinds = (option: string) =>
    job.args.filter((arg) => arg.startsWith(option)).flatMap((arg) => arg.slice(option.length).split(','));
  const trapped = new Set(kinds('-fsanitize-trap='));
  return kinds('-fsanitize=').filter((kind) => !trapped.has(kind) && !WITHOUT_LIBRARY.test(kind));
}

/** Why art cannot link for a target; undefined where it can. */
function whyNotLinked(triple: string, args: readonly string[], ownSysroot: boolean): string | undefined {
  const target = targetOf(triple);
  if (target?.libraries || ownSysroot) return undefined;
  if (target && !target.linker)
    return `art links ELF programs only, and no '${triple}': make objects with -c, and link them on that system`;
  const has = (...flags: string[]) => flags.every((flag) => args.includes(flag));
  if (has('-nostdlib') || has('-r') || has('-nostartfiles', '-nodefaultlibs')) return undefined;
  return `art has libraries for ${LIBCS} only: link for '${triple}' with --sysroot=<dir>, or with -nostdlib`;
}

/**
 * Why a command cannot be done, as a line; undefined where it can.
 * @param command what the driver made of it
 */
function refusalOf(
  jobs: readonly Job[],
  command: { target: string; args: readonly string[]; ownSysroot: boolean },
): string | undefined {
  const { target, args, ownSysroot } = command;
  const notLinked = jobs.some(({ tool }) => tool === 'linker') && whyNotLinked(target, args, ownSysroot);
  if (notLinked) return `art: error: ${notLinked}\n`;
  // Kernels and the like bring their own.
  const bringsLibrary = args.some((arg) => /^(-fno-sanitize-link-runtime|-ffreestanding|-nostdlib)$/.test(arg));
  const checks = bringsLibrary ? [] : jobs.flatMap(checksWithLibrary);
  if (checks.length === 0) return undefined;
  const flag = args.filter((arg) => arg.startsWith('-fsanitize=')).join(' ');
  const canTrap = !checks.some((kind) => ALWAYS_LIBRARY.test(kind));
  return `art: error: '${flag}' calls a library that art does not have: ${canTrap ? 'add -fsanitize-trap=all, which stops the program instead' : 'leave it out'}\n`;
}

/** Whether a run makes a precompiled header, or uses one. */
function usesPrecompiledHeader({ tool, args }: Job): 'makes' | 'uses' | undefined {
  if (tool !== 'cc1') return undefined;
  if (args.includes('-emit-pch')) return 'makes';
  return valueAfter(args, '-include-pch') === undefined ? undefined : 'uses';
}

/** Whether a command may mean to write a file: below its directory, or in a folder that its words lead to. */
function isMeant(path: string, { directory, args, program, stdin }: CommandRequest): boolean {
  if (path.startsWith(directory === '/' ? directory : `${directory}/`)) return true;
  const folder = path.slice(0, path.lastIndexOf('/'));
  const words = program === 'ar' ? [...args, new TextDecoder().decode(stdin)] : args;
  return words.some(
    (word) => /(^|[^.])\.\.(\/|$)/.test(word) || word.replace(/\/(\.?\/)+/g, '/').includes(folder || path),
  );
}
