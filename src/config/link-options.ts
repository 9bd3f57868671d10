import type { ReadLimits } from '../artifact/artifact.js';
import { ArtError } from '../errors.js';
import { NO_STATIC_GLIBC } from '../targets/table.js';
import { LIBCS, parseTargets, type Target } from '../targets/targets.js';
import { type Check, checkAll, isBoolean, isCountOrNone, isDigest, isText, isTexts } from '../text/checks.js';
import { isSource } from './inputs.js';
import { isMemory, isSeconds } from './options.js';

/** What can be linked: a static program, a static one at any address, a shared library, one object of several, an archive. */
export const LINK_KINDS = ['executable', 'static-pie', 'shared', 'relocatable', 'archive'] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

/** What every artifact among the inputs must be. */
interface ArtifactLimits extends ReadLimits {
  /** Public keys that are trusted, as for `openArtifact`: one of them must have signed it. Default: none need have. */
  keys?: readonly string[];
}

/** Options of `link`. */
export interface LinkOptions extends ArtifactLimits {
  /**
   * Objects, archives, shared libraries, linker scripts, and artifacts in any layout: by folder, artifact.json, the one
   * JSON file, or URL. At least one.
   * A word among them that starts with '-' is one of `flags`, for which its place matters, as for `-Wl,--whole-archive`.
   */
  inputs: readonly string[];
  /** The file to write. */
  output: string;
  /** `x86_64`, `aarch64`, or a full triple. Default: what the inputs are for. */
  target?: string;
  /** Default: `executable`. */
  kind?: LinkKind;
  /** Flags of clang's driver for linking, such as `-lz`, `-Llib`, `-Wl,--gc-sections`; they come after the inputs. */
  flags?: readonly string[];
  /** A sysroot to use in place of art's own. */
  sysroot?: string;
  /** Seconds that it may take. Default: 600. */
  timeout?: number;
  /** Bytes that the linker's memory and what it writes may come to. Default: 2 GiB. */
  maxMemory?: number;
  /** Where relative paths start. Default: the process's working directory. */
  cwd?: string;
  /** Colours in the linker's messages. Default: no. */
  color?: boolean;
}

/** An input as the user wrote it, or a flag with its value. */
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
  /** How artifacts are opened. */
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
  keys: isTexts,
  maxSize: isCountOrNone,
  sha256: isDigest,
  package: isText,
  notBefore: isCountOrNone,
};

/** Flags whose value is the next word. */
const SEPARATE: ReadonlySet<string> = new Set(['-l', '-L', '-T', '-u', '-e', '-z', '-Xlinker']);
/** Flags of the linker itself that people write as they do for it; clang's driver wants them passed on. */
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

/** What of the options says how artifacts are opened. */
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
 * Checks options by name and by type; an option set to undefined counts as left out.
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
      `an archive has no use for flags of the linker: leave out '${flags.join(' ')}'`,
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
