// What a vendor builds into clang's driver: where headers and libraries lie and
// which of them are used.
import { type Target, targetOf } from '../targets/targets.js';
import { RESOURCES, TEMPORARY, USER_SYSROOT } from './paths.js';
import { sysrootPath } from './sysroot.js';
import type { Volume } from './volume.js';

/** A configuration file (clang's manual, "Configuration files"): an option in it that a run has no use for is passed over. */
const CONFIG = `${TEMPORARY}/clang.cfg`;

/** How a run of the driver links: as art chooses, or `named` by the command itself; undefined where it only compiles. */
export type Linking = 'static' | 'static-pie' | 'named' | undefined;

function sysrootOptions(target: Target | undefined, linking: Linking): string[] {
  if (!target?.sysroot) return [];
  const { architecture, libraries, sysroot } = target;
  const kind = linking && linking !== 'named' ? [`-${linking}`] : [];
  return [
    `--sysroot=${sysrootPath(sysroot)}`,
    ...(libraries ? libraries.cxx : []),
    ...(libraries && linking ? [...libraries.linking(architecture), ...kind] : []),
  ];
}

/** clang looks for a GCC and for headers around its own place: there is nothing, whatever the host has. */
const INSTALLED = '/.art/bin';

/**
 * The options that every run of clang's driver starts with, for one target.
 * Writes its configuration file to the volume.
 * @param ownSysroot the user's sysroot is mounted and takes the place of ours
 */
export function driverOptions(triple: string, volume: Volume, ownSysroot = false, linking?: Linking): string[] {
  // In a sysroot of the user's, GCC's files are what programs link with.
  const target = targetOf(triple);
  const options = ownSysroot
    ? [`--sysroot=${USER_SYSROOT}`]
    : [`--gcc-toolchain=${INSTALLED}`, ...sysrootOptions(target, linking)];
  if (options.includes('-fuse-ld=lld')) volume.put(`${INSTALLED}/ld.lld`, new Uint8Array(0));
  volume.fs.writeFileSync(CONFIG, `${options.join('\n')}\n`);
  return [
    `--config=${CONFIG}`,
    '-ccc-install-dir',
    INSTALLED,
    `-resource-dir=${RESOURCES}`,
    `--target=${target?.llvmTriple ?? triple}`,
  ];
}
