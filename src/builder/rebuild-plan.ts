// Makes the plan of a build from the provenance in a manifest.

import type { ReadManifest } from '../artifact/manifest.js';
import { PINNED } from '../assets/pinned.js';
import type { BuildEvent } from '../config/events.js';
import { parseFlags } from '../config/flags.js';
import { isMemory } from '../config/options.js';
import type { BuildSettings } from '../config/settings.js';
import { OPEN_CHECKS, type OpenOptions } from '../consume/open.js';
import { ArtError } from '../errors.js';
import type { HostFiles, Mount, Platform } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import { archivesOf, parseTargets, type Target } from '../targets/targets.js';
import {
  type Check,
  checkAll,
  isBoolean,
  isCount,
  isFunction,
  isSeconds,
  isSignal,
  isText,
  isTexts,
} from '../text/checks.js';
import { isAssembly } from '../toolchain/arguments.js';
import { PROJECT, USER_SYSROOT } from '../toolchain/paths.js';
import { EMIT_KINDS, type EmitKind } from '../toolchain/requests.js';
import { VERSION } from '../version.js';
import { digestOf } from './digest.js';
import { type BuildPlan, planWork, type Unit } from './plan.js';

type Provenance = NonNullable<ReadManifest['provenance']>;

/** Options of `rebuild`: where to find the files that provenance only names. */
export interface RebuildOptions {
  /** The project's directory. Default: the working directory. */
  sources?: string;
  /** The directories outside the project that the build was given with -I and similar flags, in the same order. */
  include?: readonly string[];
  /** The sysroot, if the build used one other than art's own. */
  sysroot?: string;
  /** The profiles, or the plan, that the build was given, in the same order. */
  withProfile?: readonly string[];
  /** How many units are compiled at the same time. Default: the number of processors. */
  jobs?: number;
  /** Time limit in seconds, for each unit and target and for the link, as for `build`. */
  timeout?: number;
  /** Limit in bytes on the compiler's memory plus its outputs, as for `build`. Default: 2 GiB. */
  maxMemory?: number;
  /** Whether clang's diagnostics have colours (ANSI escape codes). Default: false. */
  color?: boolean;
  /** Called with each event of the build as it happens. */
  onEvent?: (event: BuildEvent) => void;
  /** Cancels the rebuild: it rejects with the code CANCELLED. */
  signal?: WebAbortSignal;
}

const CHECKS: { readonly [K in keyof Required<RebuildOptions & OpenOptions>]: Check } = {
  ...OPEN_CHECKS,
  sources: isText,
  include: isTexts,
  sysroot: isText,
  withProfile: isTexts,
  jobs: isCount,
  timeout: isSeconds,
  maxMemory: isMemory,
  color: isBoolean,
  onEvent: isFunction,
  signal: isSignal,
};

/** @throws ArtError UNKNOWN_OPTION, INVALID_OPTION */
export const checkRebuildOptions = (options: object): void => checkAll(options, CHECKS);

/** Paths on this host of what provenance names. */
export interface Places {
  root: string;
  /** The directories that provenance calls /include/0, /include/1, … */
  include: readonly string[];
  sysroot: string | undefined;
  /** Profiles or a plan: the absolute path of each, and the path as the user wrote it. */
  profiles: readonly { path: string; shown: string }[];
}

/** The same as absolute paths. */
export function placesOf(
  { sources = '.', include = [], sysroot, withProfile = [] }: RebuildOptions,
  cwd: string,
  files: HostFiles,
): Places {
  return {
    root: files.resolve(cwd, sources),
    include: include.map((directory) => files.resolve(cwd, directory)),
    sysroot: sysroot === undefined ? undefined : files.resolve(cwd, sysroot),
    profiles: withProfile.map((shown) => ({ path: files.resolve(cwd, shown), shown })),
  };
}

function profileSettings({ profile }: Provenance, { profiles }: Places): BuildSettings['profile'] {
  return profile && { kind: profile.kind === 'plan' ? 'plan' : 'profiles', files: profiles };
}

/** Which profiles, or which plan, are missing or different, one line each. */
export async function profileProblems(
  { profile }: Provenance,
  { profiles }: Places,
  platform: Platform,
): Promise<string[]> {
  const wanted = profile?.files ?? [];
  const digests = wanted.map(({ sha256 }) => sha256).join(', ');
  if (wanted.length > profiles.length)
    return [
      `it was built with ${profile?.kind === 'plan' ? 'a plan' : wanted.length === 1 ? 'a profile' : `${wanted.length} profiles`} (sha256 ${digests}): name every file with --with-profile, in their order`,
    ];
  if (wanted.length < profiles.length)
    return [`it was built with ${wanted.length || 'no'} profiles: name no more with --with-profile`];
  const problems: string[] = [];
  for (const [i, { path, shown }] of profiles.entries())
    if ((await platform.files.kind(path)) !== 'file') problems.push(`the profile '${shown}' is missing`);
    else if ((await digestOf(platform.files.stream(path), platform.sha256())) !== wanted[i]?.sha256)
      problems.push(`'${shown}' is not the profile that was used, which has sha256 ${wanted[i]?.sha256}`);
  return problems;
}

/** Which programs and which of the needed sysroots differ from those of this version of art, one line each. */
export function toolchainProblems(provenance: Provenance, targets: readonly Target[]): string[] {
  const problems = otherAssets(provenance, targets);
  if (problems.length > 0)
    problems.push(`only the version that made it can rebuild it: art ${provenance.art} (this is ${VERSION})`);
  return problems;
}

/** The same, without the advice what to do. */
export function otherAssets({ programs, sysroots }: Provenance, targets: readonly Target[]): string[] {
  const problems: string[] = [];
  const made = new Map([...programs, ...sysroots].map((asset) => [asset.name, asset]));
  for (const name of ['llvm', ...archivesOf(targets)] as const) {
    const own = PINNED[name];
    const asset = made.get(name);
    if (asset?.sha256 !== own.sha256)
      problems.push(
        asset
          ? `it was made with ${name} ${asset.version} (sha256 ${asset.sha256}), this art has ${own.version} (${own.sha256})`
          : `it was made without ${name}, which this art has`,
      );
  }
  for (const name of made.keys())
    if (!Object.hasOwn(PINNED, name)) problems.push(`it was made with ${name}, which this art does not have`);
  return problems;
}

/** The path on this host of a file that provenance names; undefined if it is in none of the known directories. */
function hostPath(path: string, { root, include, sysroot }: Places): string | undefined {
  // A path from a manifest must not leave the directory that it starts in.
  if (path.split('/').includes('..')) return undefined;
  const [, index, below] = /^\/include\/(\d+)\/(.+)$/.exec(path) ?? [];
  if (index !== undefined) {
    const directory = include[Number(index)];
    return directory === undefined ? undefined : `${directory}/${below}`;
  }
  if (path.startsWith('/sysroot/')) return sysroot === undefined ? undefined : sysroot + path.slice('/sysroot'.length);
  return path.startsWith('/') ? undefined : `${root}/${path}`;
}

/** The numbers n of all directories /include/<n> that flags or sources name. */
function includeNumbers({ sources, flags, unit_flags = [], link }: Provenance): Set<number> {
  return numbersIn([
    ...sources.map(({ path }) => path),
    ...[flags, link?.flags ?? [], ...unit_flags.map((unit) => unit.flags)].flat(),
  ]);
}

/** The numbers n of all directories /include/<n> in some texts. */
export function numbersIn(texts: readonly string[]): Set<number> {
  return new Set(texts.flatMap((text) => [...text.matchAll(/\/include\/(\d+)(?=\/|$)/g)].map(([, n]) => Number(n))));
}

/** Which directories the rebuild needs and was not given, one line each. */
function placeProblems(provenance: Provenance, { include, sysroot }: Places): string[] {
  const { sources, user_sysroot } = provenance;
  const problems: string[] = [];
  const numbers = sources.map(({ path }) => Number(/^\/include\/(\d+)\//.exec(path)?.[1] ?? -1));
  const needed = numbers.reduce((most, n) => Math.max(most, n), -1) + 1;
  const named = includeNumbers(provenance);
  for (let n = 0; n < needed; n++)
    if (!named.has(n))
      return [`it names the directory /include/${needed - 1} and no /include/${n}, which no build writes`];
  for (let n = include.length; n < needed; n++) {
    const from = sources.filter((_, i) => numbers[i] === n).map(({ path }) => path.slice(`/include/${n}/`.length));
    const what =
      from.length === 0
        ? 'nothing of it was read'
        : `${from.slice(0, 3).join(', ')} ${from.length > 3 ? `and ${from.length - 3} more ` : ''}came from it`;
    problems.push(
      `it was built with a directory outside of its project, recorded as /include/${n} (${what}): name it with --include, which is given once for each, in their order`,
    );
  }
  if (user_sysroot && sysroot === undefined)
    problems.push('it was built with a sysroot of its own: name it with --sysroot');
  if (!user_sysroot && sysroot !== undefined) problems.push("it was built with art's own sysroot: leave --sysroot out");
  return problems;
}

/** Which source files are missing or have other content than when the artifact was built, one line each. */
export async function sourceProblems(
  manifest: ReadManifest,
  provenance: Provenance,
  places: Places,
  platform: Platform,
): Promise<string[]> {
  const missing = placeProblems(provenance, places);
  if (missing.length > 0) return missing;
  const listed = new Set(provenance.sources.map(({ path }) => path));
  const unlisted = unitNames(manifest, provenance).filter(({ path }) => !listed.has(path));
  if (unlisted.length > 0)
    return unlisted.map(({ path }) => `'${path}' was built, and provenance does not list it among its sources`);
  const problems: string[] = [];
  for (const { path, sha256 } of provenance.sources) {
    const host = hostPath(path, places);
    if (host === undefined) problems.push(`'${path}' lies outside of all directories that a build sees`);
    else if ((await platform.files.kind(host)) !== 'file') problems.push(`'${path}' is missing (looked for '${host}')`);
    else if ((await digestOf(platform.files.stream(host), platform.sha256())) !== sha256)
      problems.push(`'${path}' is not the file that was built: it has another sha256 ('${host}')`);
  }
  return problems;
}

/** @throws ArtError INVALID_OPTION */
function emitOf({ emit }: Provenance): EmitKind[] {
  const unknown = emit.find((kind) => !(EMIT_KINDS as readonly string[]).includes(kind));
  if (unknown !== undefined)
    throw new ArtError('INVALID_OPTION', `unknown emit '${unknown}': expected ${EMIT_KINDS.join(', ')}`);
  return EMIT_KINDS.filter((kind) => emit.includes(kind));
}

/**
 * The settings of the build that made a manifest.
 * @throws ArtError INVALID_OPTION, UNKNOWN_TARGET
 */
export function settingsOf(
  manifest: ReadManifest,
  provenance: Provenance,
  places: Places,
  options: RebuildOptions,
): BuildSettings {
  return {
    inputs: undefined,
    cache: undefined, // a rebuild must compile, not take results from a cache
    exclude: { paths: [], from: places.root },
    compileCommands: undefined,
    package: manifest.package,
    out: '',
    targets: parseTargets(manifest.targets, provenance.user_sysroot),
    emit: emitOf(provenance),
    flags: [],
    link: provenance.link?.name,
    profile: profileSettings(provenance, places),
    instrument: provenance.instrument,
    sysroot: places.sysroot,
    sysrootFiles: undefined,
    manifestOnly: manifest.archive === null,
    shard: undefined,
    sign: undefined,
    jobs: options.jobs,
    timeout: options.timeout,
    maxMemory: options.maxMemory,
    cwd: places.root,
    sourceDateEpoch: provenance.source_date_epoch,
    color: options.color ?? false,
    onEvent: options.onEvent ?? (() => {}),
    signal: options.signal,
  };
}

/** The units of a build: those that have entries, and those without outputs of the requested kinds. */
function unitNames({ entries }: ReadManifest, { unit_flags = [], sources, emit }: Provenance) {
  const names = new Map<string, { path: string; variant: number }>();
  const add = (path: string, variant = 1) => names.set(`${path}\0${variant}`, { path, variant });
  for (const { source, variant } of entries) if (source !== null) add(source, variant);
  for (const { source, variant } of unit_flags) add(source, variant);
  // Assembly has no bitcode, so without objects it has no entry.
  if (!emit.includes('object')) for (const { path } of sources) if (isAssembly(path)) add(path);
  return [...names.values()];
}

/**
 * Plans the build that made a manifest.
 * @param sizeOf returns the size of a source, by its path on this host
 * @throws ArtError UNSUPPORTED_FLAG if the flags are not such as art records; UNKNOWN_TARGET; DUPLICATE_PAYLOAD_PATH
 */
export async function planRebuild(
  manifest: ReadManifest,
  provenance: Provenance,
  places: Places,
  settings: BuildSettings,
  sizeOf: (path: string) => Promise<number>,
): Promise<BuildPlan> {
  const { flags, unit_flags = [], link } = provenance;
  for (const group of [flags, link?.flags ?? [], ...unit_flags.map((unit) => unit.flags)]) parseFlags(group);
  const others = new Map(unit_flags.map((unit) => [`${unit.source}\0${unit.variant ?? 1}`, unit.flags]));
  const units: Unit[] = [];
  for (const { path, variant } of unitNames(manifest, provenance)) {
    const host = `${places.root}/${path}`;
    const size = await sizeOf(host);
    units.push({ path, variant, host, shown: path, size, flags: others.get(`${path}\0${variant}`) ?? flags });
  }
  return {
    package: manifest.package,
    root: places.root,
    units,
    ...planWork(units, settings),
    flags,
    linkFlags: link?.flags ?? [],
    mounts: mountsOf(places),
  };
}

function mountsOf({ root, include, sysroot }: Places): Mount[] {
  return [
    { at: PROJECT, host: root },
    ...include.map((host, n) => ({ at: `/include/${n}`, host })),
    ...(sysroot === undefined ? [] : [{ at: USER_SYSROOT, host: sysroot }]),
  ];
}
