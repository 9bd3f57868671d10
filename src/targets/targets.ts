// Looks up targets in the table, by triple or name.
import type { AssetName } from '../assets/pinned.js';
import { ArtError } from '../errors.js';
import { printable } from '../text/printable.js';
import {
  ARCHITECTURES,
  type Architecture,
  DEFAULT_TRIPLES,
  LIBCS,
  type ObjectFormat,
  SYSTEMS,
  type Sysroot,
  type System,
} from './table.js';

export { type Architecture, LIBCS, type ObjectFormat };

/** Everything about a target. */
export interface Target
  extends Pick<System, 'format' | 'libc' | 'libraries' | 'linker' | 'endings' | 'disassembles' | 'lacks'> {
  /** The triple as artifacts record it, with the version of the C library if it has versions. */
  triple: string;
  /** The triple for clang. */
  llvmTriple: string;
  /** The version of the C library; undefined if it has no versions. */
  version: string | undefined;
  architecture: Architecture;
  /** The headers and libraries of art for it; undefined if there are none. */
  sysroot: Sysroot | undefined;
}

export const DEFAULT_TARGETS = ['x86_64', 'aarch64'] as const;

/** The architecture with which a triple, or a name, begins; undefined if art does not support it. */
export function architectureOf(triple: string): Architecture | undefined {
  const name = triple.split('-', 1)[0] as string;
  return Object.hasOwn(ARCHITECTURES, name) ? ARCHITECTURES[name] : undefined;
}

/** The triple for a name: for an architecture alone its default triple; other names stay as they are. */
export function fullTriple(name: string): string {
  const architecture = name.includes('-') ? undefined : architectureOf(name);
  return architecture === undefined ? name : DEFAULT_TRIPLES[architecture];
}

/** Splits the version off a triple, if its kind has versions. */
function withoutVersion(
  triple: string,
): { system: System; llvmTriple: string; version: string | undefined } | undefined {
  const architecture = architectureOf(triple);
  const system = SYSTEMS.find(
    ({ architectures, matches }) => architecture && architectures.includes(architecture) && matches.test(triple),
  );
  if (!system) return undefined;
  const [, llvmTriple = triple, version] = (system.versions && /^([^.]*)\.(.*)$/.exec(triple)) || [];
  return { system, llvmTriple, version };
}

/**
 * The target of a triple as clang's driver reads it, optionally with a version of its C library; undefined if art does
 * not support the architecture or the version.
 */
export function targetOf(triple: string): Target | undefined {
  const parts = withoutVersion(triple);
  const architecture = architectureOf(triple);
  if (!parts || !architecture || unknownVersion(triple)) return undefined;
  const { llvmTriple, system } = parts;
  const { format, libc, libraries, linker, endings, disassembles, lacks, sysroot } = system;
  const version = system.versions && (parts.version ?? system.versions.usual);
  return {
    triple,
    llvmTriple,
    version,
    architecture,
    format,
    libc,
    libraries,
    linker,
    ...(endings && { endings }),
    disassembles,
    ...(lacks && { lacks }),
    sysroot: sysroot?.(architecture, version ?? '', triple),
  };
}

/** What is wrong with the version at the end of a triple, and what was expected; undefined if nothing is. */
export function unknownVersion(triple: string): string | undefined {
  const { system, llvmTriple, version } = withoutVersion(triple) ?? {};
  if (!system?.versions || version === undefined || system.versions.has(version)) return undefined;
  const { range, usual } = system.versions;
  return `unknown version '${printable(version)}' of ${system.libc} in '${printable(triple)}': expected ${range}, such as ${printable(llvmTriple ?? triple)}.${usual}`;
}

/** Whether options accept a triple: its architecture is supported, and a row of the table accepts the rest. */
function isAccepted(triple: string): boolean {
  const architecture = architectureOf(triple);
  const llvmTriple = withoutVersion(triple)?.llvmTriple ?? triple;
  const rest = llvmTriple.slice(llvmTriple.indexOf('-') + 1);
  return SYSTEMS.some(
    ({ architectures, spelled }) => architecture && architectures.includes(architecture) && spelled.test(rest),
  );
}

function parseTarget(name: string, ownSysroot: boolean): Target {
  const triple = fullTriple(name);
  const isKnown = triple.includes('-') && isAccepted(triple);
  const wrong = isKnown && !ownSysroot ? unknownVersion(triple) : undefined;
  if (wrong) throw new ArtError('UNKNOWN_TARGET', wrong);
  const target = isKnown ? targetOf(ownSysroot ? (withoutVersion(triple)?.llvmTriple ?? triple) : triple) : undefined;
  if (target?.version && !ownSysroot) return { ...target, triple: `${target.llvmTriple}.${target.version}` };
  if (target) return target;
  throw new ArtError(
    'UNKNOWN_TARGET',
    `unknown target '${printable(name)}': expected x86_64, aarch64, wasm32, or a triple such as ` +
      'aarch64-linux-gnu.2.17, aarch64-none-elf, x86_64-windows-gnu, x86_64-pc-windows-msvc or arm64-apple-macos',
  );
}

/**
 * Converts target names to targets, without duplicates, sorted by triple.
 * @param ownSysroot a sysroot of the user decides about the C library and its version
 * @throws ArtError UNKNOWN_TARGET; INVALID_OPTION if there are no names
 */
export function parseTargets(names: readonly string[], ownSysroot = false): Target[] {
  const targets = new Map(names.map((name) => parseTarget(name, ownSysroot)).map((t) => [t.triple, t]));
  if (targets.size === 0) throw new ArtError('INVALID_OPTION', "'targets' is empty: name x86_64, aarch64, or both");
  return [...targets.values()].sort((a, b) => (a.triple < b.triple ? -1 : 1));
}

/** The sysroots of some targets, each once. */
export function sysrootsOf(targets: readonly Target[]): Sysroot[] {
  const sysroots = targets.flatMap(({ sysroot }) => sysroot ?? []);
  return [...new Map(sysroots.map((sysroot) => [sysroot.name, sysroot])).values()];
}

/**
 * The archives that units for some targets may use: clang's own headers, and those of the targets' sysroots. None for
 * no targets.
 * @param always only those that nearly every unit uses
 */
export function archivesOf(targets: readonly Target[], always = false): AssetName[] {
  if (targets.length === 0) return [];
  const names = sysrootsOf(targets).flatMap(({ pieces, sources = [] }) => [
    ...sources.filter((name) => !always || name.endsWith('-headers')),
    ...pieces.filter((piece) => piece.always || !always).map(({ asset }) => asset),
  ]);
  // With musl, its own stddef.h and the like come first (as clang's driver has it), and clang's are left for intrinsics.
  const ownFirst = always && targets.every(({ libc }) => libc === 'musl');
  return [...new Set<AssetName>([...(ownFirst ? [] : (['clang-headers'] as const)), ...names])];
}

/**
 * Why a shared library cannot be used in a link for a target; undefined if it can, or if that is unknown.
 * @param libc the C library that it is for
 */
export function otherLibc(target: Target, libc: Target['libc']): string | undefined {
  const { architecture, triple } = target;
  if (libc === undefined || libc === target.libc || !(target.libc === 'musl' || target.libc === 'glibc'))
    return undefined;
  const other = `${architecture}-linux-${libc === 'glibc' ? 'gnu' : libc}`;
  return `is for ${libc}, and what is linked for ${triple} is for ${target.libc}: link with --target=${other}, or with a library for ${target.libc}`;
}

/** Why a flag asks for something that programs of a target cannot do; undefined if it does not. */
export const lackingFlag = (target: Pick<Target, 'lacks'> | undefined, flag: string): string | undefined =>
  target?.lacks?.flags.find(([pattern]) => pattern.test(flag))?.[1];

/**
 * Notes that explain messages of the compiler or linker about things that programs of a target cannot do, one line
 * each.
 */
export function lackingNotes(triple: string, printed: string): string {
  const found = targetOf(triple)?.lacks?.messages.filter(([pattern]) => pattern.test(printed)) ?? [];
  return [...new Set(found.map(([, why]) => `art: note: ${why}\n`))].join('');
}
