import { ArtError } from '../errors.js';
import { hasLibraries, parseTargets, type Target } from './targets.js';

/** What can be linked: a static program, a static one at any address, a shared library, one object of several, an archive. */
export const LINK_KINDS = ['executable', 'static-pie', 'shared', 'relocatable', 'archive'] as const;
export type LinkKind = (typeof LINK_KINDS)[number];

/** Options of `link`. */
export interface LinkOptions {
  /** Objects, archives, shared libraries, linker scripts, and artifacts by folder or artifact.json. At least one. */
  inputs: readonly string[];
  /** The file to write. */
  output: string;
  /** `x86_64`, `aarch64`, or a full triple. Default: what the inputs are for. */
  target?: string;
  /** Default: `executable`. */
  kind?: LinkKind;
  /** Flags of clang's driver for linking, such as `-lz`, `-Llib`, `-Wl,--gc-sections`. */
  flags?: readonly string[];
  /** A sysroot to use in place of art's own. */
  sysroot?: string;
  /** Where relative paths start. Default: the process's working directory. */
  cwd?: string;
  /** Colours in the linker's messages. Default: no. */
  color?: boolean;
}

/** LinkOptions, checked and with every default filled in. */
export interface LinkSettings {
  inputs: readonly string[];
  output: string;
  target: Target | undefined;
  kind: LinkKind;
  flags: readonly string[];
  sysroot: string | undefined;
  cwd: string;
  color: boolean;
}

type Check = (value: unknown) => string | undefined;
const isText: Check = (v) => (typeof v === 'string' && v !== '' ? undefined : 'a non-empty string');
const isTexts: Check = (v) =>
  Array.isArray(v) && v.every((x) => typeof x === 'string') ? undefined : 'an array of strings';

const CHECKS: { readonly [K in keyof Required<LinkOptions>]: Check } = {
  inputs: isTexts,
  output: isText,
  target: isText,
  kind: (v) => (LINK_KINDS.includes(v as LinkKind) ? undefined : `one of ${LINK_KINDS.join(', ')}`),
  flags: isTexts,
  sysroot: isText,
  cwd: isText,
  color: (v) => (typeof v === 'boolean' ? undefined : 'true or false'),
};

/**
 * Checks options by name and by type; an option set to undefined counts as left out.
 * @throws ArtError UNKNOWN_OPTION, INVALID_OPTION, UNKNOWN_TARGET, NO_INPUT
 */
export function checkLinkOptions(options: LinkOptions, cwd: string): LinkSettings {
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name as keyof LinkOptions] : undefined;
    if (!check)
      throw new ArtError('UNKNOWN_OPTION', `unknown option '${name}': expected ${Object.keys(CHECKS).join(', ')}`);
    const expected = value === undefined ? undefined : check(value);
    if (expected) throw new ArtError('INVALID_OPTION', `option '${name}' must be ${expected}`);
  }
  if (!options.inputs?.length)
    throw new ArtError('NO_INPUT', 'nothing to link: name at least one object, archive or artifact');
  if (!options.output) throw new ArtError('INVALID_OPTION', 'nowhere to write: name the output file with -o');
  const target = options.target === undefined ? undefined : parseTargets([options.target])[0];
  const kind = options.kind ?? 'executable';
  const needsSysroot = target !== undefined && !hasLibraries(target) && options.sysroot === undefined;
  if (needsSysroot && !['relocatable', 'archive'].includes(kind) && !options.flags?.includes('-nostdlib'))
    throw new ArtError(
      'INVALID_OPTION',
      `art has libraries for musl only: link for ${target.triple} with --sysroot <dir>, or with -nostdlib`,
    );
  return {
    inputs: options.inputs,
    output: options.output,
    target,
    kind,
    flags: options.flags ?? [],
    sysroot: options.sysroot,
    cwd: options.cwd ?? cwd,
    color: options.color ?? false,
  };
}
