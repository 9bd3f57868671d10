import { READ_CHECKS, type ReadLimits } from '../artifact/artifact.js';
import { ArtError } from '../errors.js';
import { NO_STATIC_GLIBC } from '../targets/table.js';
import { LIBCS, parseTargets, type Target } from '../targets/targets.js';
import { type Check, checkAll, isBoolean, isSeconds, isText, isTexts } from '../text/checks.js';
import { isSource } from './inputs.js';
import { isMemory } from './options.js';

/**
 * What `link` can make: a static program, a static position-independent program, a shared library, one object of
 * several (ld -r), or an archive (.a).
 */
export const LINK_KINDS = ['executable', 'static-pie', 'shared', 'relocatable', 'archive'] as const;
/** The kind of file that `link` makes; see `LINK_KINDS`. */
export type LinkKind = (typeof LINK_KINDS)[number];

/** Requirements that every artifact among the inputs must meet. */
interface ArtifactLimits extends ReadLimits {
  /**
   * Trusted public keys, as for `openArtifact`: one of them must have signed the artifact. Default: no signature is
   * required.
   */
  keys?: readonly string[];
}

/** Options of `link`. */
export interface LinkOptions extends ArtifactLimits {
  /**
   * What to link, at least one: objects, archives, shared libraries, linker scripts, and artifacts in any layout (its
   * folder, its artifact.json, its single JSON file, or a URL). A string that starts with '-' is a flag whose position
   * among the inputs matters, such as `-Wl,--whole-archive`.
   */
  inputs: readonly string[];
  /** Path of the file to write. */
  output: string;
  /** The target: an architecture such as `x86_64`, or a triple. Default: the target of the inputs. */
  target?: string;
  /** What to make of the inputs. Default: `executable`. */
  kind?: LinkKind;
  /** Linking flags of clang's driver, such as `-lz`, `-Llib`, `-Wl,--gc-sections`. They follow the inputs. */
  flags?: readonly string[];
  /** Path of a sysroot to use instead of art's own. */
  sysroot?: string;
  /** Time limit in seconds. Default: 600. */
  timeout?: number;
  /** Limit in bytes on the linker's memory plus its output. Default: 2 GiB. */
  maxMemory?: number;
  /** The directory that relative paths are resolved against. Default: the process's working directory. */
  cwd?: string;
  /** Whether the linker's messages have colours (ANSI escape codes). Default: false. */
  color?: boolean;
}

/** An input as the user wrote it, or a flag together with its value. */
export type LinkWord = { input: string } | { flag: readonly string[] };

/** LinkOptions, checked and with every default filled in. */
export interface LinkSettings {
  /** Inputs and flags, in the order in which the linker sees them. */
  words: readonly LinkWord[];
  output: string;
  target: Target | undefined;
  kind: LinkKind;
  sysroot: string | undefined;
  timeout: number | undefined;
  maxMemory: number | undefined;
  cwd: string;
  color: boolean;
  /** What artifacts among the inputs must meet. */
  open: ArtifactLimits;
}

const CHECKS: { readonly [K in keyof Required<LinkOptions>]: Check } = {
  inputs: isTexts,
  output: isText,
  target: isText,
  kind: (v) => (LINK_KINDS.includes(v as LinkKind) ? undefined : `one of ${LINK_KINDS.join(', ')}`),
  flags: isTexts,
  sysroot: isText,
  timeout: isSeconds,
  maxMemory: isMemory,
  cwd: isText,
  color: isBoolean,
  ...READ_CHECKS,
  keys: isTexts,
};

/** Flags whose value is the next word. */
const SEPARATE: ReadonlySet<string> = new Set(['-l', '-L', '-T', '-u', '-e', '-z', '-Xlinker']);
/** Flags of the linker itself that people give to art without -Wl; clang's driver takes them only through -Xlinker. */
const OF_LINKER = /^-(soname|rpath|rpath-link|h|Map|version-script)(=.*)?$/;

/** Whether the value of a linker's flag is the next word. */
export const takesNextWord = (flag: string): boolean =>
  SEPARATE.has(flag) || (OF_LINKER.test(flag) && !flag.includes('='));

const WRONG_FLAGS: readonly [pattern: RegExp, why: string][] = [
  [/^-(pie|no-pie)$/, "art link makes static programs: use the kind 'static-pie' (--static-pie), or art cc -pie"],
  [/^-(o|shared|static-pie|r|target)$|^-(-target|-sysroot)/, 'it is an option of art itself'],
  [/^@/, 'response files are not read here; write the words out'],
];

/** @throws ArtError INVALID_OPTION, UNSUPPORTED_FLAG */
function wordsOf(words: readonly string[]): LinkWord[] {
  const result: LinkWord[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const why = WRONG_FLAGS.find(([pattern]) => pattern.test(word))?.[1];
    if (why) throw new ArtError('UNSUPPORTED_FLAG', `'${word}' cannot be used to link: ${why}`);
    const isPassedOn = OF_LINKER.test(word);
    if (!word.startsWith('-')) {
      if (isSource(word))
        throw new ArtError(
          'INVALID_OPTION',
          `'${word}' is a source: compile it with art cc -c or art build, or let art cc do both`,
        );
      result.push({ input: word });
    } else if (takesNextWord(word)) {
      const value = words[++i];
      if (value === undefined) throw new ArtError('UNSUPPORTED_FLAG', `the flag '${word}' needs a value after it`);
      result.push({ flag: isPassedOn ? ['-Xlinker', word, '-Xlinker', value] : [word, value] });
    } else result.push({ flag: isPassedOn ? ['-Xlinker', word] : [word] });
  }
  return result;
}

/** The options that say what artifacts must meet. */
function limitsOf({ keys, maxSize, sha256, package: name, notBefore }: LinkOptions): ArtifactLimits {
  return {
    ...(keys !== undefined && { keys }),
    ...(maxSize !== undefined && { maxSize }),
    ...(sha256 !== undefined && { sha256 }),
    ...(name !== undefined && { package: name }),
    ...(notBefore !== undefined && { notBefore }),
  };
}

/**
 * Checks the name and the value of every option. An option set to undefined counts as left out.
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION, UNSUPPORTED_FLAG, UNKNOWN_TARGET, NO_INPUT
 */
export function checkLinkOptions(options: LinkOptions, cwd: string): LinkSettings {
  checkAll(options, CHECKS);
  const words = wordsOf([...(options.inputs ?? []), ...(options.flags ?? [])]);
  if (!words.some((word) => 'input' in word))
    throw new ArtError('NO_INPUT', 'nothing to link: name at least one object, archive or artifact');
  if (!options.output) throw new ArtError('INVALID_OPTION', 'nowhere to write: name the output file with -o');
  const target =
    options.target === undefined ? undefined : parseTargets([options.target], options.sysroot !== undefined)[0];
  const kind = options.kind ?? 'executable';
  const flags = words.flatMap((word) => ('flag' in word ? word.flag : []));
  if (kind === 'archive' && flags.length > 0)
    throw new ArtError(
      'UNSUPPORTED_FLAG',
      `flags of the linker have no effect on an archive: leave out '${flags.join(' ')}'`,
    );
  if (kind === 'static-pie' && target?.libraries?.programs === 'dynamic' && options.sysroot === undefined)
    throw new ArtError('INVALID_OPTION', `'--static-pie' cannot be used for ${target.triple}: ${NO_STATIC_GLIBC}`);
  const needsSysroot = target !== undefined && !target.libraries && options.sysroot === undefined;
  if (needsSysroot && !['relocatable', 'archive'].includes(kind) && !flags.includes('-nostdlib'))
    throw new ArtError(
      'INVALID_OPTION',
      `art has libraries for ${LIBCS} only: link for ${target.triple} with --sysroot <dir>, or with -nostdlib`,
    );
  return {
    words,
    output: options.output,
    target,
    kind,
    sysroot: options.sysroot,
    timeout: options.timeout,
    maxMemory: options.maxMemory,
    cwd: options.cwd ?? cwd,
    color: options.color ?? false,
    open: limitsOf(options),
  };
}
