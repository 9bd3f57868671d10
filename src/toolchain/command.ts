// Runs a compiler command as build systems write it: clang's driver plans the jobs, and each job runs in an instance of
// its own.
import { ArtError } from '../errors.js';
import { lackingNotes, targetOf } from '../targets/targets.js';
import { concat } from '../text/bytes.js';
import { isElf, isLinked, isText, respell, respellBytes } from './bytes.js';
import { compileDatabase } from './command-database.js';
import {
  driverWords,
  linkingOf,
  linkingOfPlan,
  loaderNamed,
  sharedLibrary,
  stayStatic,
  targetNamed,
} from './command-target.js';
import { TOO_DEEP } from './compile.js';
import { withFilesBelow, withoutOwnFiles } from './dependencies.js';
import { firstErrors } from './diagnostics.js';
import { driverOptions, type Linking } from './driver.js';
import { inputOf, type Job, parseJobs, valueAfter } from './jobs.js';
import { isOwnSource } from './limits.js';
import { INPUTS, OWN, RESOURCES, SYSROOTS, TEMPORARY } from './paths.js';
import { dependencyFile, isPlainCompile } from './plain-compile.js';
import { refusalOf, refusedAtOnce, withoutImpossible } from './refusals.js';
import type { CommandRequest, CommandResult, WrittenFile } from './requests.js';
import { expandResponseFiles } from './response-files.js';
import { scanArguments, scanDatabase } from './scan.js';
import type { Volume } from './volume.js';
import { ProgramFailed, type ProgramInput, type RunResult, runProgram } from './wasi.js';

/** Options that make the driver answer a question instead of planning jobs. */
const QUESTION = /^(-###|--?help.*|--version|-dumpversion|-dumpmachine|--?print-.*|--autocomplete=.*)$/;
/** Temporary files of LLVM's FileOutputBuffer, which this lld does not remove. */
const LEFT_OVER = /\.tmp[0-9a-f]{7}$/;
/** What the driver prints if it finds no manifest of the library's modules. */
const NO_MODULES = '<NOT PRESENT>\n';
/** What the driver prints if it would have to start another process. */
const COULD_NOT_START = /^clang(\+\+)?: error: unable to execute command: Couldn't fork/m;
/** Exit status of clang after a crash. */
const STATUS_CRASHED = 70;

/**
 * Runs a command. Errors in its input are part of the result.
 * @param volume the host's own root together with the sysroots; a new one for each command, since files change between
 *   commands
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
  /** The paths that the user knows for files that are not on the host. */
  readonly #spelled = new Map([[`${INPUTS}/`, '']]);
  #stderr = '';
  /** A program tried to write a file outside the places that the command names. */
  #strayed = false;

  constructor(
    request: CommandRequest,
    readonly llvm: WebAssembly.Module,
    readonly volume: Volume,
  ) {
    for (const place of [RESOURCES, SYSROOTS])
      if (request.sysroots) this.#spelled.set(place, request.sysroots + place.slice(OWN.length));
    const read = (path: string) => this.#textOf(resolve(request.directory, path));
    this.request = { ...request, args: expandResponseFiles(request.args, read) };
  }

  run(): CommandResult {
    const { inputs, output, stdin, program } = this.request;
    // A volume cannot read the host's devices.
    this.volume.put('/dev/null', new Uint8Array(0));
    this.volume.put('/dev/stdin', stdin);
    for (const device of ['/dev/stdout', '/dev/stderr']) this.volume.hide(device);
    for (const { path, bytes } of inputs ?? []) this.volume.put(path, bytes);
    if (output) this.volume.hide(output);
    const ended = this.#run(program);
    const status = ended || (this.#strayed ? 1 : 0);
    return {
      status,
      stdout: concat(this.#stdout),
      stderr: firstErrors(this.#stderr) + (status === 0 ? '' : this.#notes()),
      files: [...this.#files.values()],
    };
  }

  #notes(): string {
    return /^clang/.test(this.request.program) ? lackingNotes(targetNamed(this.request).target, this.#stderr) : '';
  }

  #run(program: string): number {
    if (program === 'clang-scan-deps') return this.#scan();
    return /^clang/.test(program) ? this.#drive() : this.#runTool();
  }

  /**
   * Collects the files that a step wrote, or drops them if the step failed.
   * @param isLast no later step reads them, so they need not be in memory twice
   */
  #collect(succeeded: boolean, isLast = true): void {
    for (const path of this.volume.takeWritten()) {
      if (!succeeded || LEFT_OVER.test(path) || path === '/dev/null') continue;
      const written = isLast ? this.volume.take(path) : new Uint8Array(this.volume.bytes(path));
      const bytes = isElf(written) || !isText(written) ? written : respellBytes(written, this.#spelled);
      // These are the streams of the client, not of the process that runs the command.
      if (path === '/dev/stdout') this.#stdout.push(bytes);
      else if (path === '/dev/stderr') this.#stderr += new TextDecoder().decode(bytes);
      else if (isMeant(path, this.request))
        this.#files.set(path, { path, bytes, executable: this.#executables.has(path) });
      else {
        this.#strayed = true;
        this.#stderr += `art: error: '${path}' was not written: nothing in the command names a place outside '${this.request.directory}'\n`;
      }
    }
  }

  #bytesOf(path: string): Uint8Array | undefined {
    try {
      return this.volume.look(path) === 'file' ? this.volume.bytes(path) : undefined;
    } catch {
      return undefined; // the program itself reports that the file cannot be read
    }
  }

  #textOf(path: string): string | undefined {
    const bytes = this.#bytesOf(path);
    return bytes && new TextDecoder().decode(bytes);
  }

  #drive(): number {
    const { request } = this;
    const { target, args: given } = targetNamed(request);
    const { args, warnings } = withoutImpossible(given);
    const ownSysroot = hasOwnSysroot(args);
    const isThere = (path: string) => this.volume.look(resolve(request.directory, path)) === 'file';
    const known = targetOf(target);
    const driverFor = (linking: Linking) => [
      request.program,
      ...driverOptions(target, this.volume, ownSysroot, linking),
      ...(request.color ? ['-fcolor-diagnostics'] : []),
      ...(known?.libraries && !ownSysroot ? driverWords(args, linking) : args),
    ];
    const planFor = (driver: readonly string[]) => this.#start([driver[0] as string, '-###', ...driver.slice(1)]);
    const asked = linkingOf(args, ownSysroot ? undefined : known);
    let driver = driverFor(asked);
    const isQuestion = request.args.some((arg) => QUESTION.test(arg));
    if (isQuestion && !request.args.includes('-###')) return this.#answer(driver);
    const refused = refusedAtOnce(args, target, ownSysroot);
    if (refused) return this.#refuse(refused);
    if (known && isPlainCompile(args)) {
      const status = this.#compileAtOnce(driver, args, warnings);
      if (status !== undefined) return status;
    }
    let plan = planFor(driver);
    let { jobs, banner, messages } = parseJobs(plan.stderr);
    const linked = jobs.find(({ tool }) => tool === 'linker');
    const linking = linked ? linkingOfPlan(asked, linked.args, isThere) : asked;
    if (linking !== asked) {
      driver = driverFor(linking);
      plan = planFor(driver);
      ({ jobs, banner, messages } = parseJobs(plan.stderr));
    }
    // The driver runs nothing then, and -### stops it from complaining that there is no input.
    if (plan.status !== 0 || jobs.length === 0 || isQuestion) return this.#step(driver);
    const read = (path: string) => this.#bytesOf(resolve(request.directory, path));
    const refusal = refusalOf({ jobs, target, args, ownSysroot, isThere, read });
    if (refusal) return this.#refuse(refusal);
    this.#stderr += (request.args.includes('-v') ? banner : '') + warnings + messages;
    this.#describe(driver);
    return this.#runJobs(jobs.map(stayStatic));
  }

  /** Runs clang-scan-deps: which modules sources provide and need, or which files they include. */
  #scan(): number {
    const { args: given, directory, triple } = this.request;
    let options: string[] = [];
    const translate = (compiler: string, words: readonly string[]) => {
      const { target, args } = targetNamed({ args: words, triple });
      const known = withoutImpossible(args).args;
      options = driverOptions(target, this.volume, hasOwnSysroot(known));
      return [compiler, ...options, ...known];
    };
    const { args, database, dependencyFiles, printsDependencies } = scanArguments(given, translate);
    const text = database === undefined ? undefined : this.#textOf(resolve(directory, database));
    if (database !== undefined && text !== undefined) {
      const translated = scanDatabase(text, translate);
      this.volume.put(resolve(directory, database), new TextEncoder().encode(translated.text));
      dependencyFiles.push(...translated.dependencyFiles);
    }
    const status = this.#step(['clang-scan-deps', ...args], {}, printsDependencies);
    // Some messages quote the whole command line.
    if (options.length > 0) this.#stderr = this.#stderr.replaceAll(` ${options.join(' ')}`, '');
    if (status === 0) for (const file of dependencyFiles) this.#cleanDependencies(file);
    this.#collect(status === 0);
    return status;
  }

  /** Answers a question to the driver. Places that exist only in the compiler's file system are left out. */
  #answer(driver: readonly string[]): number {
    const { status, stdout, stderr } = this.#start(driver);
    const said = respell(new TextDecoder().decode(stdout), this.#spelled);
    const asksForModules = this.request.args.some((arg) => /^--?print-library-module-manifest-path$/.test(arg));
    const text = asksForModules && said.startsWith(`${OWN}/`) ? NO_MODULES : withoutOwnPlaces(said);
    this.#print(new TextEncoder().encode(text), stderr);
    return status;
  }

  #refuse(line: string): number {
    this.#stderr += line;
    return 1;
  }

  /**
   * Lets the driver compile in its own instance; undefined if the command needs several jobs, which the driver cannot
   * start.
   */
  #compileAtOnce(driver: readonly string[], args: readonly string[], warnings: string): number | undefined {
    const { status, stdout, stderr } = this.#start(driver);
    if (status !== 0 && COULD_NOT_START.test(stderr)) {
      this.#collect(false);
      return undefined;
    }
    this.#stderr += warnings;
    this.#print(stdout, stderr);
    if (status === 0) this.#cleanDependencies(dependencyFile(args));
    this.#collect(status === 0);
    return status;
  }

  /** Lets the driver write the file of -MJ, which it does not do when it only plans jobs. */
  #describe(driver: readonly string[]): void {
    const { args, directory, program } = this.request;
    const database = args.findLast((arg, i) => arg.startsWith('-MJ') || args[i - 1] === '-MJ')?.replace(/^-MJ/, '');
    if (!database) return;
    this.#start([...driver, '-fdriver-only']);
    this.#rewrite(resolve(directory, database), (text) => compileDatabase(text, program));
  }

  /** Runs the jobs as clang's driver does: a job that needs the result of a failed one is skipped, all others run. */
  #runJobs(jobs: readonly Job[]): number {
    const failed = new Set<string>();
    let status = 0;
    for (const job of jobs) {
      const output = valueAfter(job.args, '-o') ?? '';
      if (job.args.some((arg) => failed.has(arg))) continue;
      if (this.request.args.includes('-v')) this.#stderr += job.line;
      // In messages of the linker, temporary objects are named by their sources.
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
      default: // others have been refused before
        return this.#link(job);
    }
  }

  #compile(job: Job): number {
    const { sourceDateEpoch } = this.request;
    // Static linking is art's choice, so its macro must not be visible to sources and precompiled headers.
    const own = this.request.args.includes('-static') ? job.args : job.args.filter((arg) => arg !== '-static-define');
    const dependencies = valueAfter(own, '-dependency-file');
    const precompiled = usesPrecompiledHeader(job);
    // All files have the same time here. A precompiled header is made with another time than it is used with; clang
    // then compares the content of files.
    const input = precompiled === 'makes' ? { fileTime: sourceDateEpoch + 1 } : {};
    const checks = precompiled ? ['-fvalidate-ast-input-files-content'] : [];
    const status = this.#step(['clang', '-cc1', ...checks, ...own], input, dependencies === '-');
    if (status === 0 && dependencies !== '-') this.#cleanDependencies(dependencies);
    return status;
  }

  /** Removes from a dependency file what is not on the host, since build systems look for every file in it. */
  #cleanDependencies(file: string | undefined): void {
    if (file) this.#rewrite(resolve(this.request.directory, file), (text) => this.#dependencies(text));
  }

  #dependencies(text: string): string {
    const { sysroots } = this.request;
    return sysroots === undefined ? withoutOwnFiles(text) : withFilesBelow(sysroots, text);
  }

  #link(job: Job): number {
    const linker = targetOf(targetNamed(this.request).target)?.linker ?? 'ld.lld';
    const status = this.#step([linker, ...job.args]);
    const output = valueAfter(job.args, '-o');
    if (status === 0) for (const file of linkDependencyFiles(job.args)) this.#cleanDependencies(file);
    if (status === 0 && output && !job.args.includes('-r'))
      this.#executables.add(this.volume.nameOf(resolve(this.request.directory, output)));
    if (status === 0) this.#stderr += this.#loaderNote(job);
    // If the output is known beforehand, the caller reports what could not be linked.
    if (status !== 0 && !this.request.output)
      this.#stderr += `${this.request.program}: error: linker command failed with exit code ${status} (use -v to see invocation)\n`;
    return status;
  }

  /**
   * A warning if the linked file needs musl's loader and this machine has none; otherwise nothing would tell the user
   * why it does not run.
   */
  #loaderNote({ args }: Job): string {
    const { triple, directory, output } = this.request;
    const { architecture, libc } = targetOf(targetNamed(this.request).target) ?? {};
    // If the output is known beforehand, it is for an artifact, or for art link, where the user has named the kind.
    if (output || libc !== 'musl' || architecture !== targetOf(triple)?.architecture) return '';
    const loader = `/lib/ld-musl-${architecture}.so.1`;
    if (this.volume.look(loader) !== undefined) return '';
    const name = valueAfter(args, '-o');
    // A command that names its target, as those of add-ons do, has chosen the C library.
    const isChosen = this.request.args.some((arg) => arg === '-target' || arg.startsWith('--target='));
    if (args.includes('-shared') && isChosen) return '';
    if (args.includes('-shared') && args.includes('-lc'))
      return `art: warning: '${name}' loads in programs of musl only, and this machine has no musl: for glibc link with --target=${architecture}-linux-gnu\n`;
    if (loaderNamed(args) !== loader) return '';
    const library = sharedLibrary(args, (path) => this.volume.look(resolve(directory, path)) === 'file');
    const because = library ? `, since it is linked with '${library}'` : '';
    return `art: warning: '${name}' needs musl's loader${because}, and this machine has no '${loader}': link with a static library instead to get a program that runs on any Linux\n`;
  }

  #runTool(): number {
    const { program, args } = this.request;
    const status = this.#step([program, ...args]);
    this.#collect(status === 0);
    // strip and objcopy keep the permission to execute.
    for (const file of this.#files.values())
      file.executable = /^(strip|objcopy)$/.test(program) && isLinked(file.bytes);
    return status;
  }

  #rewrite(path: string, change: (text: string) => string): void {
    const text = this.#textOf(path);
    if (text !== undefined) this.volume.rewrite(path, new TextEncoder().encode(change(text)));
  }

  /**
   * Runs a program and collects what it prints.
   * @param printsDependencies it prints rules of make(1) and nothing else
   * @returns its exit status
   */
  #step(args: readonly string[], input: ProgramInput = {}, printsDependencies = false) {
    const { status, stdout, stderr } = this.#start(args, input);
    const shown = printsDependencies
      ? new TextEncoder().encode(this.#dependencies(new TextDecoder().decode(stdout)))
      : stdout;
    this.#print(shown, stderr);
    return status;
  }

  #print(stdout: Uint8Array, stderr: string): void {
    this.#stdout.push(isText(stdout) ? respellBytes(stdout, this.#spelled) : stdout);
    this.#stderr += respell(stderr, this.#spelled);
  }

  #start(args: readonly string[], input: ProgramInput = {}): RunResult {
    const { stdin, env, directory, sourceDateEpoch, maxMemory } = this.request;
    // -ftime-trace is the only output that may depend on a clock.
    const hasClock = args.some((arg) => /^(-f|--?)time-trace/.test(arg));
    try {
      return runProgram(this.llvm, args, this.volume, sourceDateEpoch, {
        ...{ stdin, env, directory, maxMemory, hasClock },
        ...input,
      });
    } catch (thrown) {
      if (!(thrown instanceof ProgramFailed)) throw thrown;
      const { how, stderr, message } = thrown;
      const failed = { stdout: new Uint8Array(0), stderr: `${stderr}${stderr.endsWith('\n') || !stderr ? '' : '\n'}` };
      const say = (status: number, why: string) => ({ ...failed, status, stderr: `${failed.stderr}${why}\n` });
      if (how === 'stopped') return say(1, `${args[0]}: error: the program was stopped: ${message}`);
      if (how === 'too-deep') return say(1, `${subjectOf(args)}: error: ${TOO_DEEP}`);
      return say(STATUS_CRASHED, `${args[0]}: error: the program crashed (${message})`);
    }
  }
}

/** The file that a program was working on, for messages; the program's name if there is not exactly one. */
const subjectOf = (args: readonly string[]) =>
  (/^-cc1(as)?$/.test(args[1] ?? '') ? inputOf(args) : args.findLast(isOwnSource)) ?? args[0];

/** The files to which lld writes rules of make(1). */
function linkDependencyFiles(args: readonly string[]): string[] {
  return args.flatMap((arg, i) => {
    const [, joined] = /^--?dependency-file=(.*)$/s.exec(arg) ?? [];
    return joined ?? (/^--?dependency-file$/.test(arg) ? (args[i + 1] ?? []) : []);
  });
}

/**
 * Removes from an answer of the driver, such as that of -print-search-dirs, places that are not on the host. For a file
 * that only exists there it becomes the answer for a file that was not found: its name.
 */
function withoutOwnPlaces(text: string): string {
  return text
    .replace(/^(programs|libraries): =(.*)$/gm, (_, kind: string, list: string) => {
      const places = list.split(':').filter((place) => !place.startsWith(`${OWN}/`));
      return `${kind}: =${places.join(':')}`;
    })
    .replace(/^\/\.art\/\S*\/([^/\s]+\.(?:a|o|so|json))$/gm, '$1');
}

/** Whether a command names its own sysroot. */
const hasOwnSysroot = (args: readonly string[]) => args.some((arg) => /^(--sysroot\b|-isysroot)/.test(arg));

/** Resolves a path against a working directory. */
const resolve = (directory: string, path: string) => (path.startsWith('/') ? path : `${directory}/${path}`);

/** Whether a job makes a precompiled header, or uses one. */
function usesPrecompiledHeader({ tool, args }: Job): 'makes' | 'uses' | undefined {
  if (tool !== 'cc1') return undefined;
  if (args.includes('-emit-pch')) return 'makes';
  return valueAfter(args, '-include-pch') === undefined ? undefined : 'uses';
}

/** Whether a command is meant to write a file: one below its directory, or in a folder that its words name. */
export function isMeant(path: string, { directory, args, program, stdin }: CommandRequest): boolean {
  if (path.startsWith(directory === '/' ? directory : `${directory}/`)) return true;
  const folder = path.slice(0, path.lastIndexOf('/'));
  const words = program === 'ar' ? [...args, new TextDecoder().decode(stdin)] : args;
  return words.some(
    (word) => /(^|[^.])\.\.(\/|$)/.test(word) || word.replace(/\/(\.?\/)+/g, '/').includes(folder || path),
  );
}
