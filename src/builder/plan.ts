import { relative } from 'pathe';
import { MAX_ENTRIES } from '../artifact/bounds.js';
import { foldPath, pathProblem } from '../artifact/paths.js';
import { type FlagPlacer, flagPlacer, parseFlags, type ShownPlace, splitLinking } from '../config/flags.js';
import { findProject } from '../config/project.js';
import type { BuildSettings } from '../config/settings.js';
import { findUnits, type SourceUnit } from '../config/units.js';
import { ArtError } from '../errors.js';
import type { HostFiles, Mount } from '../platform/types.js';
import type { Architecture, Target } from '../targets/targets.js';
import { compareBytes } from '../text/byte-order.js';
import { printable } from '../text/printable.js';
import { isAssembly } from '../toolchain/arguments.js';
import { PROJECT, USER_SYSROOT } from '../toolchain/paths.js';
import type { EmitKind } from '../toolchain/requests.js';
import { checkBuildLink, linkedName } from './link-command.js';

/** A source of the project, with its flags. */
export interface Unit {
  /** Path relative to the project. */
  path: string;
  /** 1, or more if the same source is built several times with other flags. */
  variant: number;
  /** Absolute path on the host. */
  host: string;
  /** The path as the user wrote it. */
  shown: string;
  size: number;
  /** clang's flags. Paths are those that the compiler sees. */
  flags: readonly string[];
}

/** One unit for one target. */
export interface Job {
  unit: Unit;
  target: Target;
}

/** An entry of the archive that will be made. */
export interface PlannedEntry {
  path: string;
  type: string;
  target: Target;
  /** The job that makes it; undefined for a linked program. */
  from: { job: Job; emit: EmitKind } | undefined;
}

/** The plan of a build. */
export interface BuildPlan {
  package: string;
  root: string;
  units: Unit[];
  jobs: Job[];
  /** For a part of a build: the jobs of the other parts, whose modules its own jobs may import. */
  elsewhere?: readonly Job[];
  /** The entries in archive order: bytewise by path. */
  entries: PlannedEntry[];
  /** The flags that most units have. */
  flags: readonly string[];
  /** The flags for linking. */
  linkFlags: string[];
  /** The project and every directory that a flag makes visible. */
  mounts: Mount[];
  /** The paths in flags as the user wrote them. */
  places?: readonly ShownPlace[];
}

const LAYOUT: Readonly<Record<EmitKind, { folder: string; ending: string; type: (a: Architecture) => string }>> = {
  bitcode: { folder: 'bitcode', ending: '.bc', type: () => 'bitcode' },
  object: { folder: 'objects', ending: '.o', type: (a) => `object/${a}` },
  asm: { folder: 'asm', ending: '.s', type: (a) => `asm/${a}` },
  ir: { folder: 'ir', ending: '.ll', type: () => 'ir' },
};

/**
 * Plans a build: the units, the project, the targets and the entries.
 * @throws ArtError of parseFlags, findUnits, findProject and checkBuildLink; INVALID_OPTION, DUPLICATE_PAYLOAD_PATH
 */
export async function planBuild(settings: BuildSettings, files: HostFiles): Promise<BuildPlan> {
  for (const { flags } of settings.flags) parseFlags(flags); // errors in flags are reported before those in files
  const sysroot = settings.sysroot === undefined ? undefined : files.resolve(settings.cwd, settings.sysroot);
  if (sysroot !== undefined && (await files.kind(sysroot)) !== 'directory')
    throw new ArtError('INPUT_NOT_FOUND', `no directory '${settings.sysroot}' for the sysroot`);
  const found = await findUnits(settings, files);
  const project = await findProject(found.directories, files, settings.package);
  const placer = flagPlacer(project.root, settings.cwd, files);
  const units = planUnits(found.units, project.root, placer);
  // Flags for some units only do not apply to the program that all units are linked into.
  const forAll = settings.flags.filter((group) => group.files === undefined);
  const linkFlags = splitLinking(forAll.flatMap((group) => placer.place(parseFlags(group.flags), group.from))).linking;
  if (settings.link !== undefined)
    checkBuildLink(
      linkFlags,
      units.flatMap((unit) => unit.flags),
    );
  return {
    package: project.package,
    root: project.root,
    units,
    ...planWork(units, settings),
    flags: usualFlags(units),
    linkFlags,
    places: placer.places,
    mounts: [
      { at: PROJECT, host: project.root },
      ...placer.mounts,
      ...(sysroot === undefined ? [] : [{ at: USER_SYSROOT, host: sysroot }]),
    ],
  };
}

/**
 * The jobs and the entries of some units.
 * @throws ArtError INVALID_OPTION, DUPLICATE_PAYLOAD_PATH
 */
export function planWork(units: readonly Unit[], settings: BuildSettings): Pick<BuildPlan, 'jobs' | 'entries'> {
  const jobs = units.flatMap((unit) => settings.targets.map((target) => ({ unit, target })));
  return {
    // The largest units first, so that no processor waits for one at the end.
    jobs: jobs.sort((a, b) => b.unit.size - a.unit.size || compareBytes(jobName(a), jobName(b))),
    entries: planEntries(jobs, settings),
  };
}

/**
 * Maps the flags of every unit to the compiler's paths. A source that occurs again with the same flags counts once;
 * with other flags it is a variant.
 */
function planUnits(sources: readonly SourceUnit[], root: string, placer: FlagPlacer): Unit[] {
  const units = new Map<string, Unit>();
  const variants = new Map<string, number>();
  for (const source of sources) {
    const path = checkUnit(relative(root, source.path));
    const placed = source.flags.flatMap((group) => placer.place(parseFlags(group.flags), group.from));
    const flags = splitLinking(placed).compiling;
    const key = JSON.stringify([path, flags]);
    if (units.has(key)) continue;
    const variant = (variants.get(path) ?? 0) + 1;
    variants.set(path, variant);
    units.set(key, { path, variant, host: source.path, shown: source.shown, size: source.size, flags });
  }
  return [...units.values()];
}

/** The flags that most units have; if there are several such sets, that of the first unit. */
function usualFlags(units: readonly Unit[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { flags } of units) counts.set(JSON.stringify(flags), (counts.get(JSON.stringify(flags)) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  return units.find(({ flags }) => counts.get(JSON.stringify(flags)) === most)?.flags ?? [];
}

/**
 * The name of a unit's entries. The number of a variant comes after the ending, so that no source can have that name.
 */
export const unitName = (unit: Unit) => (unit.variant === 1 ? unit.path : `${unit.path}.${unit.variant}`);

export const jobName = (job: Job) => `${job.target.triple}/${unitName(job.unit)}`;

/** Refuses names that cc1 would treat as flags or response files; there is no way to quote them. */
function checkUnit(path: string): string {
  if (/^[-@]/.test(path))
    throw new ArtError(
      'INVALID_OPTION',
      `the name ${shownName(path)} begins with '${path[0]}', which clang takes for ${path[0] === '-' ? 'a flag' : 'a file with flags'}: rename it, or move it into a folder`,
    );
  return checkName(path);
}

function checkName(path: string): string {
  const problem = path.includes('\ufffd') ? 'holds bytes that are not UTF-8' : pathProblem(path);
  if (problem) throw new ArtError('INVALID_OPTION', `the name ${shownName(path)} ${problem}: rename the file`);
  return path;
}

const shownName = (path: string) => printable(JSON.stringify(path.length > 200 ? `${path.slice(0, 199)}…` : path));

function planEntries(jobs: readonly Job[], settings: BuildSettings): PlannedEntry[] {
  const entries: PlannedEntry[] = jobs.flatMap((job) =>
    emitsOf(job.unit.path, settings.emit).map((emit) => {
      const { folder, ending, type } = LAYOUT[emit];
      const path = `${folder}/${job.target.triple}/${unitName(job.unit)}${ending}`;
      return { path, type: type(job.target.architecture), target: job.target, from: { job, emit } };
    }),
  );
  if (settings.link !== undefined)
    for (const target of settings.targets)
      entries.push({
        path: `executables/${target.triple}/${linkedName(settings.link, 'executable', target)}`,
        type: `executable/${target.architecture}`,
        target,
        from: undefined,
      });
  if (entries.length > MAX_ENTRIES)
    throw new ArtError(
      'INVALID_OPTION',
      `an artifact has at most ${MAX_ENTRIES} entries, and this one would have ${entries.length}: build it in parts, or with fewer targets or kinds of output (--target, --emit)`,
    );
  const byName = new Map<string, PlannedEntry>();
  for (const entry of entries) {
    // Archives are also unpacked on file systems that ignore case and normalise accents.
    const folded = foldPath(checkName(entry.path));
    const other = byName.get(folded);
    if (other)
      throw new ArtError(
        'DUPLICATE_PAYLOAD_PATH',
        `'${shownOf(other)}' and '${shownOf(entry)}' would both become '${entry.path}' in the archive ` +
          '(some file systems ignore case): rename one of them, or build them separately',
      );
    byName.set(folded, entry);
  }
  return entries.sort((a, b) => compareBytes(a.path, b.path));
}

/** The outputs of a source: assembly has no bitcode. */
export const emitsOf = (path: string, emit: readonly EmitKind[]): EmitKind[] =>
  emit.filter((kind) => kind === 'object' || !isAssembly(path));

const shownOf = ({ from, path }: PlannedEntry) => from?.job.unit.shown ?? path;
