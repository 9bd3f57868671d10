import { isAbsolute, relative } from 'pathe';
import type { ShownPlace } from '../config/flags.js';
import type { BuildSettings } from '../config/settings.js';
import type { ShownPaths } from '../toolchain/diagnostics.js';
import { OWN, PROJECT } from '../toolchain/paths.js';
import type { BuildPlan, Unit } from './plan.js';

type Places = Pick<BuildSettings, 'cwd' | 'sysrootFiles'>;

/**
 * The paths to show in a unit's diagnostics: those that clang would print for somebody who wrote the unit and the flags
 * as the user did. Other paths are absolute if that of the unit is, else relative to the working directory.
 */
export function shownPaths(unit: Unit, plan: BuildPlan, { cwd, sysrootFiles }: Places): ShownPaths {
  const absolute = isAbsolute(unit.shown);
  const show = (directory: string) => (absolute ? directory : relative(cwd, directory)) || '.';
  const mounts = plan.mounts
    .filter((mount) => mount.at !== PROJECT)
    .map((mount) => ({ at: mount.at, shown: show(mount.host) }));
  const own = sysrootFiles === undefined ? [] : [{ at: OWN, shown: sysrootFiles }];
  const places = [...unitDirectory(unit), ...(plan.places ?? []), ...mounts, ...own];
  const root = show(plan.root);
  return {
    unit: { path: unit.path, shown: unit.shown },
    project: unit.shown.endsWith(unit.path) ? unit.shown.slice(0, -unit.path.length) : root === '.' ? '' : `${root}/`,
    // The deepest place applies; of two spellings of one place, the first.
    mounts: places.sort((a, b) => b.at.length - a.at.length),
  };
}

/** The folder of a unit, as the user wrote it. */
function unitDirectory({ path, shown }: Unit): ShownPlace[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (name === path || !shown.endsWith(`/${name}`)) return [];
  return [{ at: path.slice(0, -name.length - 1), shown: shown.slice(0, -name.length - 1) }];
}
