import { relative, resolve } from 'pathe';
import { parseFlags, placeFlags, splitLinking } from '../config/flags.js';
import { findInputs } from '../config/inputs.js';
import type { BuildSettings, EmitKind } from '../config/options.js';
import { findProject } from '../config/project.js';
import type { Architecture, Target } from '../config/targets.js';
import { ArtError } from '../errors.js';
import type { HostFiles, Mount } from '../platform/types.js';
import { isAssembly } from '../toolchain/arguments.js';
import { PROJECT, USER_SYSROOT } from '../toolchain/paths.js';

/** A source of the project. */
export interface Unit {
  /** Relative to the project. */
  path: string;
  /** Absolute, on the host. */
  host: string;
  /** As the user wrote it. */
  shown: string;
  size: number;
}

/** One unit for one target. */
export interface Job {
  unit: Unit;
  target: Target;
}

/** An entry of the archive that a job will make. */
export interface PlannedEntry {
  path: string;
  type: string;
  target: Target;
  /** What makes it; undefined where it is linked. */
  from: { job: Job; emit: EmitKind } | undefined;
}

/** All that a build does, before it does any of it. */
export interface BuildPlan {
  package: string;
  root: string;
  units: Unit[];
  jobs: Job[];
  /** In archive order: bytewise by path. */
  entries: PlannedEntry[];
  /** clang's flags, paths as the compiler sees them. */
  flags: string[];
  /** Those for linking. */
  linkFlags: string[];
  /** The project and every directory that a flag opens. */
  mounts: Mount[];
}

const LAYOUT: Readonly<Record<EmitKind, { folder: string; ending: string; type: (a: Architecture) => string }>> = {
  bitcode: { folder: 'bitcode', ending: '.bc', type: () => 'bitcode' },
  object: { folder: 'objects', ending: '.o', type: (a) => `object/${a}` },
  asm: { folder: 'asm', ending: '.s', type: (a) => `asm/${a}` },
  ir: { folder: 'ir', ending: '.ll', type: () => 'ir' },
};

/**
 * Plans a build: which units, in which project, for which targets, to which entries.
 * @throws ArtError of parseFlags, findInputs and findProject; INVALID_OPTION, DUPLICATE_PAYLOAD_PATH
 */
export async function planBuild(settings: BuildSettings, files: HostFiles): Promise<BuildPlan> {
  const flags = parseFlags(settings.flags);
  if (settings.sysroot !== undefined && (await files.kind(resolve(settings.cwd, settings.sysroot))) !== 'directory')
    throw new ArtError('INPUT_NOT_FOUND', `no directory '${settings.sysroot}' for the sysroot`);
  const inputs = await findInputs(settings.inputs, settings.cwd, files);
  const project = await findProject(inputs.directories, files);
  const placed = placeFlags(flags, { root: project.root, cwd: settings.cwd });
  const { compiling, linking } = splitLinking(placed.flags);
  const units = inputs.files.map((file) => ({
    path: checkName(relative(project.root, file.path)),
    host: file.path,
    shown: file.shown,
    size: file.size,
  }));
  const jobs = units.flatMap((unit) => settings.targets.map((target) => ({ unit, target })));
  return {
    package: settings.package ?? project.package,
    root: project.root,
    units,
    // The longest work first, so that no processor waits for it at the end.
    jobs: jobs.sort((a, b) => b.unit.size - a.unit.size || compareBytes(jobName(a), jobName(b))),
    entries: planEntries(jobs, settings),
    flags: compiling,
    linkFlags: linking,
    mounts: [
      { at: PROJECT, host: project.root },
      ...placed.mounts,
      ...(settings.sysroot === undefined ? [] : [{ at: USER_SYSROOT, host: resolve(settings.cwd, settings.sysroot) }]),
    ],
  };
}

const jobName = (job: Job) => `${job.target.triple}/${job.unit.path}`;

function checkName(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  if (/[\x00-\x1f\x7f\\\ufffd]/.test(path))
    throw new ArtError(
      'INVALID_OPTION',
      `the name ${JSON.stringify(path)} holds a control character, a backslash or bytes that are not UTF-8: rename the file`,
    );
  return path;
}

function planEntries(jobs: readonly Job[], settings: BuildSettings): PlannedEntry[] {
  const entries: PlannedEntry[] = jobs.flatMap((job) =>
    emitsOf(job.unit.path, settings.emit).map((emit) => {
      const { folder, ending, type } = LAYOUT[emit];
      const path = `${folder}/${job.target.triple}/${job.unit.path}${ending}`;
      return { path, type: type(job.target.architecture), target: job.target, from: { job, emit } };
    }),
  );
  if (settings.link !== undefined)
    for (const target of settings.targets)
      entries.push({
        path: `executables/${target.triple}/${settings.link}`,
        type: `executable/${target.architecture}`,
        target,
        from: undefined,
      });
  const byName = new Map<string, PlannedEntry>();
  for (const entry of entries) {
    // Archives are also unpacked on file systems that fold case and compose accents.
    const folded = entry.path.normalize('NFC').toLowerCase();
    const other = byName.get(folded);
    if (other)
      throw new ArtError(
        'DUPLICATE_PAYLOAD_PATH',
        `'${shownOf(other)}' and '${shownOf(entry)}' would both become '${entry.path}' in the archive ` +
          '(some file systems ignore case): rename one of them, or build them apart',
      );
    byName.set(folded, entry);
  }
  return entries.sort((a, b) => compareBytes(a.path, b.path));
}

/** Assembly has no bitcode. */
export const emitsOf = (path: string, emit: readonly EmitKind[]): EmitKind[] =>
  emit.filter((kind) => kind === 'object' || !isAssembly(path));

const shownOf = ({ from, path }: PlannedEntry) => from?.job.unit.shown ?? path;

const encoder = new TextEncoder();

/** The order of the UTF-8 bytes, which JavaScript's own comparison of UTF-16 units is not. */
export function compareBytes(a: string, b: string): number {
  const x = encoder.encode(a);
  const y = encoder.encode(b);
  const length = Math.min(x.length, y.length);
  for (let i = 0; i < length; i++) if (x[i] !== y[i]) return (x[i] as number) - (y[i] as number);
  return x.length - y.length;
}
