import { isAbsolute, relative } from 'pathe';
import type { ShownPaths } from '../toolchain/diagnostics.js';
import { PROJECT } from '../toolchain/paths.js';
import type { BuildPlan, Unit } from './plan.js';

/** How the paths of a unit's diagnostics read: as the user wrote the unit, absolute or from the working directory. */
export function shownPaths(unit: Unit, plan: BuildPlan, cwd: string): ShownPaths {
  const absolute = isAbsolute(unit.shown);
  const show = (directory: string) => (absolute ? directory : relative(cwd, directory));
  const root = show(plan.root);
  return {
    unit: { path: unit.path, shown: unit.shown },
    project: root === '' ? '' : `${root}/`,
    mounts: plan.mounts
      .filter((mount) => mount.at !== PROJECT)
      .map((mount) => ({ at: mount.at, shown: show(mount.host) || '.' })),
  };
}
