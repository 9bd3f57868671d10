// Which of clang's flags name files, which take their value from the next
// argument. Those that cannot work here are refused; all others go to clang untouched.
import { isAbsolute, relative } from 'pathe';
import { ArtError } from '../errors.js';
import type { HostFiles, Mount } from '../platform/types.js';
import { shownFrom } from './inputs.js';
import { refusal } from './refused-flags.js';

/** Flags with a directory as value. */
const DIRECTORY_FLAGS = ['-isystem', '-iquote', '-idirafter', '-I', '-L'] as const;
/** One whose value is always in the same argument. */
const EMBED_DIRECTORY = '--embed-dir=';
/** Flags with a file as value, whose second spelling means the same. */
const FILE_FLAGS = ['-include', '--include', '-imacros', '--imacros'] as const;
const FILE_FLAG = /^-?(-include|-imacros)=?(.*)$/s;
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

/** True for an argument that is one of clang's flags, if only one that is refused, and not one of art's options. */
export function isClangFlag(argument: string): boolean {
  if (/^(-[^-]|--(coverage|save-temps|analyze|print-))/.test(argument) && refusal(argument)) return true;
  return (
    /^-([DUILOfglmWw]|nostdlib$|nodefaultlibs$|std=|include|imacros|isystem|iquote|idirafter|ansi$|pedantic|pthread$|nostdinc|x$|X|mllvm$)/.test(
      argument,
    ) || /^--(param|((include|imacros)(=|$))|embed-dir=)/.test(argument)
  );
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

/** A flag that passes on what is refused is named with it. */
const refusedText = (flag: string, next: string | undefined) =>
  next !== undefined && takesNextArgument(flag) && !refusal(flag) ? `${flag} ${next}` : flag;

/**
 * Puts clang flags together with their values.
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

/** A place in the compiler's file system, absolute or in the project, and how the user wrote it. */
export interface ShownPlace {
  at: string;
  shown: string;
}

/** Gives flags as the compiler sees them, with all paths in its own file system. */
export interface FlagPlacer {
  /** @param from where relative paths start */
  place(flags: readonly Flag[], from: string): string[];
  /** Directories outside the project that the flags so far open to the compiler. */
  readonly mounts: readonly Mount[];
  /** What the flags so far name; of several spellings the first. */
  readonly places: readonly ShownPlace[];
}

/**
 * Moves the paths in clang flags to the compiler's file system: inside the
 * project they become relative to it, other directories get a place of their
 * own, in the order they are named.
 * @param root the project's directory on the host
 * @param cwd where the user stands
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
