// Knows which of clang's flags name files, and which take their value from the next argument. Flags that cannot work
// here are refused; all others go to clang unchanged.
import { isAbsolute, relative } from 'pathe';
import { ArtError } from '../errors.js';
import type { HostFiles, Mount } from '../platform/types.js';
import { shownFrom } from './inputs.js';
import { refusal } from './refused-flags.js';

/** Flags with a directory as value. */
const DIRECTORY_FLAGS = ['-isystem', '-iquote', '-idirafter', '-I', '-L'] as const;
/** A flag whose value is always in the same argument. */
const EMBED_DIRECTORY = '--embed-dir=';
/** Flags with a file as value; both spellings mean the same. */
const FILE_FLAGS = ['-include', '--include', '-imacros', '--imacros'] as const;
const FILE_FLAG = /^-?(-include|-imacros)=?(.*)$/s;
/** Flags whose value is, or can be, the next argument. */
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

/** Whether an argument is one of clang's flags, also a refused one, and not an option of art. */
export function isClangFlag(argument: string): boolean {
  if (/^(-[^-]|--(coverage|save-temps|analyze|print-))/.test(argument) && refusal(argument)) return true;
  return (
    /^-([DUILOfglmWw]|nostdlib$|nodefaultlibs$|std=|include|imacros|isystem|iquote|idirafter|ansi$|pedantic|pthread$|nostdinc|x$|X|mllvm$)/.test(
      argument,
    ) || /^--(param|((include|imacros)(=|$))|embed-dir=)/.test(argument)
  );
}

/** Whether the value of a flag is the next argument. */
export function takesNextArgument(flag: string): boolean {
  return SEPARATE_FLAGS.has(flag);
}

/** Flags that affect only linking. */
const LINKING = /^-(l|L|Wl,|Xlinker$|nostdlib$|nodefaultlibs$|nostartfiles$|static|pthread$|s$)/;

/** Splits placed flags into those for compiling and those for linking; some are for both. */
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

/** A flag as written, and its value if that is a separate argument. */
export interface Flag {
  flag: string;
  next?: string;
}

/** How a message names a refused flag: with its value if that is what is refused. */
const refusedText = (flag: string, next: string | undefined) =>
  next !== undefined && takesNextArgument(flag) && !refusal(flag) ? `${flag} ${next}` : flag;

/**
 * Joins clang's flags with their values.
 * @throws ArtError UNSUPPORTED_FLAG, naming the flag and why it cannot be used
 */
export function parseFlags(flags: readonly string[]): Flag[] {
  const parsed: Flag[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] as string;
    const why = refusal(flag, takesNextArgument(flag) ? flags[i + 1] : undefined);
    if (why)
      throw new ArtError(
        'UNSUPPORTED_FLAG',
        `clang flag '${refusedText(flag, flags[i + 1])}' cannot be used here: ${why}`,
      );
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

/** A path in the compiler's file system, absolute or in the project, and how the user wrote it. */
export interface ShownPlace {
  at: string;
  shown: string;
}

/** Converts flags to those that the compiler gets, with paths in its own file system. */
export interface FlagPlacer {
  /** Converts flags. @param from the directory that relative paths are resolved against */
  place(flags: readonly Flag[], from: string): string[];
  /** The directories outside the project that the flags so far make visible to the compiler. */
  readonly mounts: readonly Mount[];
  /** The paths that the flags so far name; of several spellings the first one. */
  readonly places: readonly ShownPlace[];
}

/**
 * Maps the paths in clang's flags to the compiler's file system: paths in the project become relative to it; each other
 * directory gets a path of its own, in the order in which they are named.
 * @param root the project's directory on the host
 * @param cwd the user's working directory
 */
export function flagPlacer(root: string, cwd: string, files: Pick<HostFiles, 'resolve'>): FlagPlacer {
  const mounts: Mount[] = [];
  const places = new Map<string, string>();
  const note = (at: string, shown: string) => {
    if (!places.has(at)) places.set(at, shown);
  };
  const outside = (host: string) => {
    let mount = mounts.find((m) => m.host === host);
    if (!mount) {
      mount = { at: `/include/${mounts.length}`, host };
      mounts.push(mount);
    }
    return mount.at;
  };
  const placed = (host: string) => {
    const inside = relative(root, host);
    if (inside === '') return '.';
    return inside.startsWith('..') || isAbsolute(inside) ? outside(host) : inside;
  };
  const directory = (written: string, from: string) => {
    const host = files.resolve(from, written);
    const at = placed(host);
    if (at !== '.') note(at, shownFrom(written.replace(/(?<=.)\/+$/, ''), host, { from }, cwd));
    return at;
  };
  const file = (written: string, from: string) => {
    const host = files.resolve(from, written);
    const slash = host.lastIndexOf('/');
    const parent = placed(host.slice(0, slash) || '/');
    const name = host.slice(slash + 1);
    const at = parent === '.' ? name : `${parent}/${name}`;
    note(at, shownFrom(written, host, { from }, cwd));
    return at;
  };
  const one = ({ flag, next }: Flag, from: string): string[] => {
    const isFile = FILE_FLAG.exec(flag);
    if (isFile) return [isFile[1] as string, file(next ?? (isFile[2] as string), from)];
    const named = flag.startsWith(EMBED_DIRECTORY) ? EMBED_DIRECTORY : DIRECTORY_FLAGS.find((f) => flag.startsWith(f));
    if (named) return [named + directory(next ?? flag.slice(named.length), from)];
    return next === undefined ? [flag] : [flag, next];
  };
  return {
    mounts,
    get places() {
      return [...places].map(([at, shown]) => ({ at, shown }));
    },
    place: (flags, from) => flags.flatMap((flag) => one(flag, from)),
  };
}
