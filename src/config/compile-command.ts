// Interprets one command of compile_commands.json: which of its words are flags for art's clang, which can be left out,
// and which cannot be honoured.
import { basename } from 'pathe';
import type { HostFiles } from '../platform/types.js';
import { takesNextArgument } from './flags.js';
import { judgeGccFlag } from './gcc-flags.js';
import { isSource } from './inputs.js';
import { refusal } from './refused-flags.js';

/** A command of a build system. */
export interface CompileCommand {
  /** The working directory, as an absolute path. */
  directory: string;
  /** The source, as an absolute path. */
  file: string;
  words: readonly string[];
}

/** A flag that is not passed on, and the reason. */
export interface FlagNote {
  flag: string;
  why: string;
}

export interface InterpretedCommand {
  /** The flags for clang. Relative paths in them are relative to the command's directory. */
  flags: string[];
  /** Flags that are left out with a warning. */
  dropped: FlagNote[];
  /** Flags that only gcc has and that do not change what a program does; they are left out. */
  gccOnly: string[];
  /** Flags that cannot be honoured, and cannot be left out either without a change of meaning. */
  refused: FlagNote[];
}

interface Rule {
  pattern: RegExp;
  /** Matches the words whose value is the next word. */
  separate?: RegExp;
  /** The reason given in a warning; without one the flag is left out silently. */
  drop?: string;
  refuse?: string;
}

const TARGET_DECIDES = "the target is chosen with art's option --target";
const COVERAGE = 'coverage is not measured';
const NO_FILE = 'the compiler in art cannot see the file or directory that it names';

/** Rules for flags; the first match applies. Flags without a rule go through parseFlags, and then to clang. */
const RULES: readonly Rule[] = [
  { pattern: /^(-c|-pipe|--|-f?integrated-as|-rdynamic|--?save-temps(=.*)?)$/ },
  { pattern: /^-o|^--output=/, separate: /^-o$/ },
  { pattern: /^-M([FTQJ].*|D|MD|P|G|V|M)?$/, separate: /^-M[FTQJ]$/ },
  { pattern: /^-Wp,(.*,)?-M|^-f(time-trace|stack-usage|save-optimization-record)/ },
  { pattern: /^-f(no-)?(color-diagnostics|diagnostics-color(=.*)?|ansi-escape-codes)$/ },
  { pattern: /^(-[lL]|-Wl,)|^-(Xlinker|index-store-path|-serialize-diagnostics)$/, separate: /^-([lLX].*|i.*|-s.*)$/ },
  // art itself finds out which units belong to modules, and in which order to compile them.
  { pattern: /^-f(module-(output|file)|prebuilt-module-path)(=|$)/ },
  { pattern: /^-(shared|pie|no-pie|nopie|static-pie|symbolic|r|nolibc|(static|shared)-lib[a-z+]+)$/ },
  { pattern: /^-(rtlib|unwindlib|-?entry|fuse-ld)=|^-z|^-[eTu]$|^-T.*\.(ld|lds|x)$/, separate: /^-[zeTu]$/ },
  { pattern: /^-(aux-info|dumpbase|dumpbase-ext|dumpdir|imultilib|wrapper)$/, separate: /./ },
  { pattern: /^-Wa,-a[a-z]*(=.*)?$/ },
  { pattern: /^-m(arch|cpu|tune)=native$/, drop: 'the machine that builds is not the one that runs; name a CPU' },
  { pattern: /^(-m64|-target|--target(=.*)?|-arch)$/, separate: /^(-target|--target|-arch)$/, drop: TARGET_DECIDES },
  { pattern: /^-m(32|x32|16)$/, refuse: `${TARGET_DECIDES}, and art has no target of that kind` },
  {
    pattern: /^--sysroot(=|$)|^-isysroot|^--?gcc-(toolchain|install-dir)=/,
    separate: /^(--sysroot|-isysroot)$/,
    drop: "the sysroot is chosen with art's --sysroot",
  },
  { pattern: /^-B/, separate: /^-B$/, drop: 'there are no other programs to be found' },
  { pattern: /^-gsplit-dwarf/, drop: 'debug info goes into the object' },
  {
    pattern:
      /^-flto|^-f((no-)?fat-lto-objects|whole-program-vtables|virtual-function-elimination|(split|unified)-lto.*)$/,
    drop: 'objects are machine code, and the artifact has the bitcode beside them',
  },
  {
    pattern: /^--?coverage$|^-f(profile-arcs|test-coverage|coverage-m(apping|cdc)|(condition|path)-coverage)$/,
    drop: COVERAGE,
  },
  { pattern: /^-fprofile-(dir|update|filter-files|exclude-files)=/, drop: COVERAGE },
  { pattern: /^--?specs=/, drop: "gcc's specs are not read; write out the flags that they add" },
  { pattern: /^-stdlib=libstdc\+\+$/, drop: "the C++ library is the sysroot's" },
  {
    pattern: /^-f(file|macro|debug|coverage|profile)-prefix-map=|^-f(debug|coverage)-compilation-dir=/,
    drop: 'paths in an artifact are relative to the project as it is',
  },
  { pattern: /^-include-pch$/, separate: /./, refuse: 'precompiled headers cannot be read; include the header itself' },
  {
    pattern: /^-(F|iframework|iprefix|iwithprefix|iwithprefixbefore|cxx-isystem|ivfsoverlay)|^--(include|imacros)/,
    separate: /^[^=]*$/,
    refuse: NO_FILE,
  },
  { pattern: /^-f(module-map-file|plugin|pass-plugin)=/, refuse: NO_FILE },
];

/** Programs that are followed by the compiler that they run. */
const WRAPPERS = /^(ccache|sccache|buildcache|distcc|icecc|gomacc|rewrapper|recc|env|nice|time|cmake)(\.exe)?$/;
const COMPILERS = /(^|-)(cc|gcc|clang|c\+\+|g\+\+|clang\+\+|icx|icpx)(-[\d.]+)?(\.exe)?$/;
const CXX_COMPILERS = /(\+\+|icpx)(-[\d.]+)?(\.exe)?$/;
const MSVC_COMPILERS = /^(clang-)?cl(\.exe)?$/i;
/** Files that a command which also links may name besides its source. */
const LINKED = /\.(o|obj|a|so|lo|lib)$/;

/**
 * Separates the compiler and its wrappers from their arguments.
 * @returns the compiler's name without its directory
 */
function splitCompiler(words: readonly string[], isInput: (word: string) => boolean): [string, readonly string[]] {
  const name = (word: string | undefined) => basename(word ?? '');
  if (WRAPPERS.test(name(words[0]))) {
    const at = words.findIndex((word) => COMPILERS.test(name(word)));
    if (at > 0) return [name(words[at]), words.slice(at + 1)];
  }
  if (MSVC_COMPILERS.test(name(words[0]))) return [name(words[0]), words.slice(1)];
  // For an unknown wrapper: the compiler is still before the first flag.
  let start = 1;
  while (start < words.length && !/^[-@]/.test(words[start] as string) && !isInput(words[start] as string)) start++;
  return [name(words[start - 1]), words.slice(start)];
}

/**
 * The program that a command runs, if it is not a compiler: databases of ninja (`ninja -t compdb`) have all commands of
 * a build.
 * @returns its name without its directory; undefined for a compiler, and for a command that has a flag to compile
 */
export function otherProgram({ words }: CompileCommand): string | undefined {
  const isCompiler = (word: string) => COMPILERS.test(basename(word)) || MSVC_COMPILERS.test(basename(word));
  const flags = words.findIndex((word, at) => at > 0 && word.startsWith('-'));
  const names = WRAPPERS.test(basename(words[0] ?? '')) || flags < 0 ? words : words.slice(0, flags);
  return names.some(isCompiler) || words.includes('-c') ? undefined : basename(words[0] ?? '');
}

/**
 * Recognises the flags by which CMake passes a precompiled header to clang, and keeps the header itself, which means
 * the same.
 */
function passedToCc1(words: readonly string[], at: number): { skip: number; flags: string[] } | undefined {
  const [option, prefix, value] = [words[at + 1], words[at + 2], words[at + 3]];
  if (words[at] !== '-Xclang' || prefix !== '-Xclang' || value === undefined) return undefined;
  if (option === '-include-pch') return { skip: 4, flags: [] };
  return option === '-include' ? { skip: 4, flags: ['-include', value] } : undefined;
}

type Resolve = HostFiles['resolve'];

/** Finds the source among the words: the word that names it, else the only one that looks like a source. */
function isSourceOf({ directory, file, words }: CompileCommand, resolve: Resolve): (word: string) => boolean {
  const names = (word: string) => resolve(directory, word) === file;
  if (words.some(names)) return names;
  const candidates = words.slice(1).filter((word) => !word.startsWith('-') && basename(word) === basename(file));
  return candidates.length === 1 ? (word) => word === candidates[0] : () => false;
}

/**
 * Sorts the words of a command.
 * @param resolve resolves a path against a directory
 * @param headerOf returns the header from which a precompiled one was made, if that is known
 */
export function interpretCommand(
  command: CompileCommand,
  resolve: Resolve,
  headerOf: (precompiled: string) => string | undefined,
): InterpretedCommand {
  const result: InterpretedCommand = { flags: [], dropped: [], gccOnly: [], refused: [] };
  const isInput = isSourceOf(command, resolve);
  const [compiler, words] = splitCompiler(command.words, isInput);
  if (MSVC_COMPILERS.test(compiler)) {
    result.refused.push({
      flag: compiler,
      why: "its flags are those of Microsoft's compiler; let the build system use clang or gcc",
    });
    return result;
  }
  for (let at = 0; at < words.length; ) {
    const header = words[at] === '-include-pch' ? headerOf(resolve(command.directory, words[at + 1] ?? '')) : undefined;
    if (header) result.flags.push('-include', header);
    at += header ? 2 : take(words, at, isInput, result);
  }
  // A C++ compiler compiles .c as C++; clang does so only with -x.
  if (CXX_COMPILERS.test(compiler) && command.file.endsWith('.c') && !words.some((word) => word.startsWith('-x')))
    result.flags.unshift('-x', 'c++');
  return result;
}

/** Handles a flag with its value. @returns the number of words used */
function take(
  words: readonly string[],
  at: number,
  isInput: (word: string) => boolean,
  to: InterpretedCommand,
): number {
  const word = words[at] as string;
  const cc1 = passedToCc1(words, at);
  if (cc1) {
    to.flags.push(...cc1.flags);
    return cc1.skip;
  }
  const rule = RULES.find(({ pattern }) => pattern.test(word));
  if (rule) {
    const separate = rule.separate?.test(word) && at + 1 < words.length;
    const flag = separate ? `${word} ${words[at + 1]}` : word;
    if (rule.refuse) to.refused.push({ flag, why: rule.refuse });
    if (rule.drop) to.dropped.push({ flag, why: rule.drop });
    return separate ? 2 : 1;
  }
  if (!word.startsWith('-') && !word.startsWith('@')) {
    if (!isInput(word) && !LINKED.test(word))
      to.refused.push({
        flag: word,
        why: isSource(word) ? 'it is another source' : 'it is neither a flag nor the source',
      });
    return 1;
  }
  const judged = judgeGccFlag(word);
  if (judged === 'harmless') {
    to.gccOnly.push(word);
    return 1;
  }
  const why = judged?.refused ?? refusal(word, takesNextArgument(word) ? words[at + 1] : undefined);
  if (why) to.refused.push({ flag: word, why });
  const next = takesNextArgument(word) ? words.slice(at + 1, at + 2) : [];
  if (takesNextArgument(word) && next.length === 0) to.refused.push({ flag: word, why: 'it needs a value after it' });
  if (!why) to.flags.push(word, ...next);
  return 1 + next.length;
}
