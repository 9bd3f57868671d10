// The command lines of lld and of LLVM's binary tools. They resolve relative
// paths at the root of the compiler's file system, which has no working
// directory, so theirs are made absolute.

const PATH_OPTIONS =
  /^(-o|-L|-T|-Map=|--?(?:output|library-path|script|Map|version-script|dynamic-list|just-symbols|symbol-ordering-file|retain-symbols-file|export-dynamic-symbol-list|call-graph-ordering-file|dependency-file|default-script|print-archive-stats|why-extract|cref-file)=)(.*)$/s;
/** Options whose next argument is a path. */
const PATH_NEXT: ReadonlySet<string> = new Set([
  ...['-o', '-L', '-T', '-R', '-Map', '--Map', '-dT', '--output', '--library-path', '--script', '--version-script'],
  ...['-version-script', '--dynamic-list', '-dynamic-list', '--just-symbols', '--symbol-ordering-file'],
  ...['--retain-symbols-file', '--export-dynamic-symbol-list', '--default-script', '--dependency-file'],
]);
/** Options whose next argument is no path. */
const VALUE_NEXT: ReadonlySet<string> = new Set([
  ...[
    '-m',
    '-z',
    '-l',
    '-e',
    '-u',
    '-h',
    '-soname',
    '--soname',
    '-rpath',
    '--rpath',
    '-rpath-link',
    '--rpath-link',
    '-I',
  ],
  ...[
    '-dynamic-linker',
    '--dynamic-linker',
    '--entry',
    '--undefined',
    '--wrap',
    '-wrap',
    '--defsym',
    '-defsym',
    '-init',
  ],
  ...[
    '-fini',
    '--library',
    '-mllvm',
    '-plugin-opt',
    '-y',
    '--trace-symbol',
    '-Ttext',
    '-Tdata',
    '-Tbss',
    '-Y',
    '-F',
    '-f',
  ],
  ...['--exclude-libs', '--build-id-seed', '--section-start', '--export-dynamic-symbol', '--unresolved-symbols'],
]);

/** Paths that were made absolute, and how the user wrote each. */
export type Spelled = Map<string, string>;

/** Which options of a program name files, and which take the next argument. */
interface Syntax {
  /** Matches an option and, as its second group, the path in the same argument. */
  pathIn: RegExp;
  pathNext: ReadonlySet<string>;
  valueNext: ReadonlySet<string>;
  /** Options whose next argument is a section and a file, '.name=file'. */
  sectionNext?: ReadonlySet<string>;
}

const LINKER: Syntax = { pathIn: PATH_OPTIONS, pathNext: PATH_NEXT, valueNext: VALUE_NEXT };
/** GNU binutils' options, as LLVM's tools take them; the same letter is not the same option everywhere. */
const BINUTILS: Syntax = { pathIn: /^(--output=)(.*)$/s, pathNext: new Set(['-o', '--output']), valueNext: new Set() };
const TOOLS: Readonly<Record<string, Syntax>> = {
  nm: { ...BINUTILS, valueNext: new Set(['-t', '--radix', '-f', '--format']) },
  strip: { ...BINUTILS, valueNext: new Set(['-K', '-N', '-R', '-I', '-O', '-F', '--strip-symbol', '--keep-symbol']) },
  objcopy: {
    ...BINUTILS,
    pathIn:
      /^(--(?:output|redefine-syms|(?:keep|strip|strip-unneeded|keep-global|globalize|localize|weaken)-symbols|add-gnu-debuglink)=|--(?:add|update|dump)-section=[^=]+=)(.*)$/s,
    valueNext: new Set(['-j', '-R', '-K', '-N', '-L', '-W', '-G', '-I', '-O', '-B', '-F', '-b', '--strip-symbol']),
    sectionNext: new Set(['--add-section', '--update-section', '--dump-section']),
  },
};

/**
 * The arguments of ld.lld (GNU ld's, ld(1)) with every path absolute.
 * @param spelled is given the paths that changed
 */
export function placeLinkerArguments(args: readonly string[], directory: string, spelled: Spelled): string[] {
  return place(args, LINKER, directory, spelled);
}

/** The same for ar, ranlib, nm, strip and objcopy. */
export function placeToolArguments(program: string, args: readonly string[], directory: string, spelled: Spelled) {
  if (program !== 'ar') return place(args, TOOLS[program] ?? BINUTILS, directory, spelled);
  // ar(1): the operation comes first, maybe without a '-', then a member's name or
  // a count where the operation has a modifier that wants one.
  const at = args.findIndex((arg) => !arg.startsWith('--'));
  if (at < 0) return [...args];
  const operation = args[at] as string;
  const members = /[abi]/.test(operation.slice(1)) ? 1 : 0;
  const counts = operation.includes('N') ? 1 : 0;
  const words = at + 1 + members + counts;
  const files = place(args.slice(words, /x/.test(operation) ? words + 1 : undefined), BINUTILS, directory, spelled);
  const rest = /x/.test(operation) ? args.slice(words + 1) : [];
  const into = /^-?x/.test(operation) ? [`--output=${directory}`] : [];
  return [...into, ...args.slice(0, words), ...files, ...rest];
}

const PROFILE_OPTIONS =
  /^(-f(?:profile-use|profile-instr-use|profile-sample-use|auto-profile|profile-remapping-file|profile-list)=)(.+)$/s;
/** These read default.profdata in the working directory. */
const DEFAULT_PROFILE = /^-fprofile-(instr-)?use$/;

/** The arguments of clang's driver with the paths of profiles absolute: it does not look for them in -working-directory. */
export function placeProfileArguments(args: readonly string[], directory: string, spelled: Spelled): string[] {
  return args.map((arg) => {
    const [, option, path] = PROFILE_OPTIONS.exec(DEFAULT_PROFILE.test(arg) ? `${arg}=default.profdata` : arg) ?? [];
    if (option === undefined || path === undefined || path.startsWith('/')) return arg;
    const placed = `${directory}/${path.replace(/^(\.\/)+/, '')}`;
    spelled.set(placed, path);
    return option + placed;
  });
}

/** A script for `ar -M` with every path absolute. */
export function placeArchiverScript(script: string, directory: string): string {
  return script.replace(
    /^(\s*(?:create|createthin|open|addlib|addmod)\s+)(.*)$/gim,
    (_, command: string, paths: string) => {
      const placed = paths.replace(/[^\s,;*]+/g, (path) => (path.startsWith('/') ? path : `${directory}/${path}`));
      return command + placed;
    },
  );
}

function place(args: readonly string[], syntax: Syntax, directory: string, spelled: Spelled): string[] {
  const absolute = (path: string) => {
    if (path === '' || path === '-' || path.startsWith('/') || path.startsWith('=')) return path;
    const placed = `${directory}/${path.replace(/^(\.\/)+/, '')}`;
    spelled.set(placed, path);
    return placed;
  };
  const placed: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const next = args[i + 1];
    if (syntax.sectionNext?.has(arg) && next !== undefined) {
      const at = next.indexOf('=') + 1;
      placed.push(arg, next.slice(0, at) + absolute(next.slice(at)));
      i++;
    } else if (syntax.pathNext.has(arg) && next !== undefined) placed.push(arg, absolute(args[++i] as string));
    else if (syntax.valueNext.has(arg) && next !== undefined) placed.push(arg, args[++i] as string);
    else if (arg.startsWith('-')) {
      const [, option, path] = syntax.pathIn.exec(arg) ?? [];
      placed.push(option !== undefined && path ? option + absolute(path) : arg);
    } else placed.push(absolute(arg));
  }
  return placed;
}

/** Text of a program with paths as the user wrote them. */
export function respell(text: string, spelled: Spelled): string {
  let result = text;
  // The longest first: one may be the start of another.
  for (const [placed, written] of [...spelled].sort((a, b) => b[0].length - a[0].length))
    result = result.replaceAll(placed, written);
  return result;
}
