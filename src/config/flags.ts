// Which of clang's flags name files, which take their value from the next
// argument, and which cannot work here. All others go to clang untouched.
import { isAbsolute, relative, resolve } from 'pathe';
import { ArtError } from '../errors.js';
import type { Mount } from '../platform/types.js';

/** Flags with a directory as value. */
const DIRECTORY_FLAGS = ['-isystem', '-iquote', '-idirafter', '-I', '-L'] as const;
/** Flags with a file as value. */
const FILE_FLAGS = ['-include', '-imacros'] as const;
/** Flags whose value is always, or may be, the next argument. */
const SEPARATE_FLAGS: ReadonlySet<string> = new Set([
  ...DIRECTORY_FLAGS,
  ...FILE_FLAGS,
  '-D',
  '-U',
  '-l',
  '-Xlinker',
  '-x',
  '-Xassembler',
  '-Xclang',
  '-Xpreprocessor',
  '-mllvm',
  '--param',
]);

const REFUSED: readonly [pattern: RegExp, why: string][] = [
  [/^-o/, 'artifacts go to the directory that --out names'],
  [/^-(c|S|E|fsyntax-only|emit-llvm)$/, 'what is written is chosen with --emit'],
  [/^(-target|--target(=.*)?)$/, 'use the --target option of art, before the --'],
  [/^-march=native$|^-mcpu=native$|^-mtune=native$/, 'the machine that builds is not the one that runs; name a CPU'],
  [/^-M/, 'dependency files are not written'],
  [/^-flto/, 'bitcode is part of the artifact as it is'],
  [/^-gsplit-dwarf/, 'an artifact has no .dwo entries; use -g'],
  [/^-save-temps|^--save-temps/, 'there are no temporary files to keep'],
  [/^-f(profile-(instr-|sample-)?use|auto-profile)(=|$)/, 'name the profile with the --with-profile option of art'],
  [/^-f(cs-)?profile-(instr-)?generate/, 'use the --instrument option of art'],
  [/^--coverage$|^-fcoverage-mapping$/, 'coverage is not measured'],
  [/^-f(no-)?integrated-as|^-no-integrated-as$/, 'there is no other assembler'],
  [/^--sysroot|^-isysroot/, 'use the --sysroot option of art, before the --'],
  [/^-resource-dir|^-working-directory/, "paths inside the compiler's file system are fixed"],
  [/^@/, 'response files are not read; write the flags out'],
  [/^[^-]/, 'sources go before the --'],
];

/** True for an argument that is one of clang's flags, if only one that is refused, and not one of art's options. */
export function isClangFlag(argument: string): boolean {
  if (/^(-[^-]|--(coverage|save-temps))/.test(argument) && REFUSED.some(([pattern]) => pattern.test(argument)))
    return true;
  return (
    /^-([DUILOfglmWw]|nostdlib$|nodefaultlibs$|std=|include|imacros|isystem|iquote|idirafter|ansi$|pedantic|pthread$|nostdinc|x$|X|mllvm$)/.test(
      argument,
    ) || argument.startsWith('--param')
  );
}

/** Why a flag cannot be used here; undefined for one that can. */
export function refusal(flag: string): string | undefined {
  return REFUSED.find(([pattern]) => pattern.test(flag))?.[1];
}

/** True where the value of a flag is the next argument. */
export function takesNextArgument(flag: string): boolean {
  return SEPARATE_FLAGS.has(flag);
}

/** Flags that only linking has a use for. */
const LINKING = /^-(l|L|Wl,|Xlinker$|nostdlib$|nodefaultlibs$|nostartfiles$|static|pthread$|s$)/;

/** Parts placed flags into those for compiling and those for linking; some are for both. */
export function splitLinking(flags: readonly string[]): { compiling: string[]; linking: string[] } {
  const compiling: string[] = [];
  const linking: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] as string;
    const words = takesNextArgument(flag) && !/^-[IL]./.test(flag) ? [flag, flags[++i] as string] : [flag];
    if (LINKING.test(flag)) linking.push(...words);
    if (!LINKING.test(flag) || flag === '-pthread') compiling.push(...words);
  }
  return { compiling, linking };
}

/** A flag as written, and its value where that is an argument of its own. */
export interface Flag {
  flag: string;
  next?: string;
}

/**
 * Puts clang flags together with their values.
 * @throws ArtError UNSUPPORTED_FLAG, naming the flag and why it cannot be used
 */
export function parseFlags(flags: readonly string[]): Flag[] {
  const parsed: Flag[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] as string;
    const why = refusal(flag);
    if (why) throw new ArtError('UNSUPPORTED_FLAG', `clang flag '${flag}' cannot be used here: ${why}`);
    if (!takesNextArgument(flag)) {
      parsed.push({ flag });
      continue;
    }
    const next = flags[++i];
    if (next === undefined) throw new ArtError('UNSUPPORTED_FLAG', `clang flag '${flag}' needs a value after it`);
    parsed.push({ flag, next });
  }
  return parsed;
}

/** Gives flags as the compiler sees them, with all paths in its own file system. */
export interface FlagPlacer {
  /** @param from where relative paths start */
  place(flags: readonly Flag[], from: string): string[];
  /** Directories outside the project that the flags so far open to the compiler. */
  readonly mounts: readonly Mount[];
}

/**
 * Moves the paths in clang flags to the compiler's file system: inside the
 * project they become relative to it, other directories get a place of their
 * own, in the order they are named.
 * @param root the project's directory on the host
 */
export function flagPlacer(root: string): FlagPlacer {
  const mounts: Mount[] = [];
  const outside = (host: string) => {
    let mount = mounts.find((m) => m.host === host);
    if (!mount) {
      mount = { at: `/include/${mounts.length}`, host };
      mounts.push(mount);
    }
    return mount.at;
  };
  const directory = (host: string) => {
    const inside = relative(root, host);
    if (inside === '') return '.';
    return inside.startsWith('..') || isAbsolute(inside) ? outside(host) : inside;
  };
  const file = (host: string) => {
    const slash = host.lastIndexOf('/');
    const parent = directory(host.slice(0, slash) || '/');
    const name = host.slice(slash + 1);
    return parent === '.' ? name : `${parent}/${name}`;
  };
  const one = ({ flag, next }: Flag, from: string): string[] => {
    const directoryFlag = DIRECTORY_FLAGS.find((f) => flag.startsWith(f));
    if (directoryFlag) return [directoryFlag + directory(resolve(from, next ?? flag.slice(directoryFlag.length)))];
    const fileFlag = FILE_FLAGS.find((f) => flag === f || flag.startsWith(`${f}=`));
    if (fileFlag) return [fileFlag, file(resolve(from, next ?? flag.slice(fileFlag.length + 1)))];
    return next === undefined ? [flag] : [flag, next];
  };
  return { mounts, place: (flags, from) => flags.flatMap((flag) => one(flag, from)) };
}
