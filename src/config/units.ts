import { dirname } from 'pathe';
import type { HostFiles } from '../platform/types.js';
import { readCompileCommands } from './compile-commands.js';
import { pathMatcher } from './globs.js';
import { findInputs, type InputFile } from './inputs.js';
import type { BuildSettings, FlagGroup } from './settings.js';

/** A file to compile, and all of its flags in the order of the command line. */
export interface SourceUnit extends InputFile {
  flags: FlagGroup[];
}

/** What is to be compiled. A file can occur several times, with other flags each time. */
export interface FoundUnits {
  /** Sorted by path; units with the same path are in the order of the compile database. */
  units: SourceUnit[];
  /** The directories that the project must contain. */
  directories: string[];
}

/**
 * Finds the units of a build: those of its compile database, or of its inputs.
 * @throws ArtError of findInputs and readCompileCommands
 */
export async function findUnits(settings: BuildSettings, files: HostFiles): Promise<FoundUnits> {
  const found = await find(settings, files);
  const flags = settings.flags.map((group) => {
    const matches = group.files && pathMatcher(group.files.pattern, group.from, files);
    if (group.files?.expected && !found.units.some((unit) => matches?.(unit.path)))
      settings.onEvent({ type: 'warning', message: `${group.files.shown} names no source of this build` });
    return { group, isFor: (unit: InputFile) => matches?.(unit.path) ?? true };
  });
  const units = found.units.map(({ own, ...unit }) => {
    const common = flags.filter(({ isFor }) => isFor(unit)).map(({ group }) => group);
    return { ...unit, flags: own ? [own, ...common] : common };
  });
  return { units, directories: found.directories };
}

async function find(settings: BuildSettings, files: HostFiles) {
  const { inputs, exclude, cwd, compileCommands } = settings;
  const named = inputs && (await findInputs(inputs, exclude, cwd, files));
  if (compileCommands === undefined)
    return {
      units: (named?.files ?? []).map((file): InputFile & { own?: FlagGroup } => file),
      directories: named?.directories ?? [],
    };
  const units = await readCompileCommands(
    {
      shown: compileCommands,
      cwd,
      exclude,
      only: named && new Set(named.files.map((file) => file.path)),
      warn: (message) => settings.onEvent({ type: 'warning', message }),
    },
    files,
  );
  return {
    units: units.sort((a, b) => (a.path === b.path ? 0 : a.path < b.path ? -1 : 1)),
    directories: units.map((unit) => dirname(unit.path)),
  };
}
