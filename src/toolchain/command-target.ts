// What a command line of clang's driver says about the target and about linking.
import { fullTriple, type Target } from '../targets/targets.js';
import type { Linking } from './driver.js';
import type { Job } from './jobs.js';
import type { CommandRequest } from './requests.js';

/** Options of the driver whose value is the next word. */
export const WITH_VALUE: ReadonlySet<string> = new Set([
  ...['-o', '-MF', '-MT', '-MQ', '-D', '-U', '-I', '-L', '-l', '-isystem', '-iquote', '-idirafter', '-imacros'],
  ...['-Xclang', '-mllvm', '--param', '-Xlinker'],
]);

/** True for an option whose value is the next word. */
export const takesValue = (option: string): boolean => WITH_VALUE.has(option);

/** The last target in a command, or the default; and the other arguments. */
export function targetNamed(request: Pick<CommandRequest, 'args' | 'triple'>): { target: string; args: string[] } {
  let target = request.triple;
  const args: string[] = [];
  for (let i = 0; i < request.args.length; i++) {
    const arg = request.args[i] as string;
    if (arg === '-target') target = request.args[++i] ?? target;
    else if (arg.startsWith('--target=')) target = arg.slice('--target='.length);
    else args.push(arg);
  }
  return { target: fullTriple(target), args };
}

const COMPILES = /^(-c|-S|-E|-M|-MM|-fsyntax-only|--precompile)$/;
const NAMES_KIND = /^(--?static|--?static-pie|--?shared|-r|-dynamic)$/;
const PIE = /^--?(no-)?pie$/;
/** Options for programs with a dynamic loader. Together with -static, clang warns about them. */
const FOR_LOADER = /^(-rdynamic|--?(no-)?pie)$/;

/** True for a word that is the value of the option before it. */
const isValue = (args: readonly string[], i: number) => WITH_VALUE.has(args[i - 1] ?? '');

/**
 * How a command links, as far as its own words say: programs are static, so that they run on any Linux, unless the
 * command names another kind, or the target has no static ones. linkingOfPlan finds out which libraries they use.
 */
export function linkingOf(args: readonly string[], target?: Target): Linking {
  const words = args.filter((_, i) => !isValue(args, i));
  if (words.some((word) => COMPILES.test(word))) return undefined;
  const programs = target?.libraries?.programs ?? 'static';
  if (programs !== 'static' || words.some((word) => NAMES_KIND.test(word))) return 'named';
  return /^--?pie$/.test(words.findLast((word) => PIE.test(word)) ?? '') ? 'static-pie' : 'static';
}

/** The words of a command for the driver, without those about linking that art has decided. */
export function driverWords(args: readonly string[], linking: Linking): string[] {
  const decided = linking === 'static' || linking === 'static-pie';
  return args.filter((arg, i) => !decided || !FOR_LOADER.test(arg) || isValue(args, i));
}

const SHARED = /\.so(\.\d+)*$/;
/** Options of ld.lld whose value is the next word and is not an input. */
const NO_INPUT =
  /^--?(o|output|soname|h|m|z|e|entry|u|undefined|rpath|R|Map|T|script|version-script|dynamic-list|exclude-libs|F|filter|f|auxiliary|wrap|y|init|fini|mllvm|plugin|plugin-opt)$/;
const NAMES_LOADER = /^(--?dynamic-linker(=.*)?|-I.*)$/;

/** Whether the linker finds a library's file in its -L folders. */
export function libraryIn(args: readonly string[], file: string, isThere: (path: string) => boolean): boolean {
  return args.some((arg) => /^-L./.test(arg) && isThere(`${arg.slice('-L'.length)}/${file}`));
}

/** The dynamic loader that the linker writes into the program: the last one on its command line. */
export function loaderNamed(args: readonly string[]): string | undefined {
  const at = args.findLastIndex((arg) => NAMES_LOADER.test(arg));
  return at < 0 ? undefined : (/^(?:--?dynamic-linker=|-I(?=.))(.*)$/.exec(args[at] as string)?.[1] ?? args[at + 1]);
}

/**
 * The first shared library that the linker is given, or must use because there is no static one, as its command line
 * names it.
 * @param isThere whether a path, as the command writes it, is a file
 */
export function sharedLibrary(args: readonly string[], isThere: (path: string) => boolean): string | undefined {
  const found = (file: string) => libraryIn(args, file, isThere);
  return args.find((arg, i) => {
    if (NO_INPUT.test(args[i - 1] ?? '')) return false;
    if (!arg.startsWith('-')) return SHARED.test(arg) && !NAMES_LOADER.test(args[i - 1] ?? '');
    const [, library] = /^-l(.+)$/.exec(arg) ?? [];
    if (library?.startsWith(':')) return SHARED.test(library) && found(library.slice(1));
    return library !== undefined && found(`lib${library}.so`) && !found(`lib${library}.a`);
  });
}

/**
 * How a command links, found from the linker's command line.
 * @param linking result of linkingOf
 * @param args the linker's arguments, as the driver planned them for that
 */
export function linkingOfPlan(linking: Linking, args: readonly string[], isThere: (path: string) => boolean): Linking {
  if (linking !== 'static' && linking !== 'static-pie') return linking;
  const names = (option: RegExp) => args.some((arg) => option.test(arg));
  if (names(/^--?(shared|Bshareable)$/) || sharedLibrary(args, isThere)) return 'named';
  // The driver names a loader only for programs that need one.
  if (names(NAMES_LOADER)) return 'named';
  return names(/^--?(pie|pic-executable)$/) ? 'static-pie' : linking;
}

const SHARED_FROM_HERE = /^--?(Bdynamic|dy|call_shared)$/;
const STATIC_FROM_HERE = /^--?(Bstatic|dn|non_shared|static)$/;

/** The files of all shared libraries that the linker would use, as its command line names them. */
export function sharedLibraries(args: readonly string[], isThere: (path: string) => boolean): string[] {
  const folders = args.flatMap((arg) => /^-L(.+)$/.exec(arg)?.[1] ?? []);
  let endings = ['.so', '.a'];
  return args.flatMap((arg, i) => {
    if (SHARED_FROM_HERE.test(arg)) endings = ['.so', '.a'];
    if (STATIC_FROM_HERE.test(arg)) endings = ['.a'];
    if (NO_INPUT.test(args[i - 1] ?? '') || NAMES_LOADER.test(args[i - 1] ?? '')) return [];
    if (!arg.startsWith('-')) return SHARED.test(arg) && isThere(arg) ? [arg] : [];
    const [, library] = /^-l(.+)$/.exec(arg) ?? [];
    if (library === undefined) return [];
    const names = library.startsWith(':') ? [library.slice(1)] : endings.map((ending) => `lib${library}${ending}`);
    const file = folders.flatMap((folder) => names.map((name) => `${folder}/${name}`)).find(isThere);
    return file !== undefined && SHARED.test(file) ? [file] : [];
  });
}

/** Removes from a static link the options that would make it use the shared C library. */
export function stayStatic(job: Job): Job {
  if (!job.args.includes('-static') || job.args.some((arg) => arg === '-shared' || NAMES_LOADER.test(arg))) return job;
  const line = job.line.replace(/ "--?(Bdynamic|dy|call_shared)"/g, '');
  return { ...job, args: job.args.filter((arg) => !SHARED_FROM_HERE.test(arg)), line };
}
