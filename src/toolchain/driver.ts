// Configures clang's driver as a distributor would: where headers and libraries are, and which are used.
import { type Target, targetOf } from '../targets/targets.js';
import { RESOURCES, TEMPORARY, USER_SYSROOT } from './paths.js';
import { sysrootPath } from './sysroot.js';
import type { Volume } from './volume.js';

/**
 * A configuration file (clang's manual, "Configuration files"). Options in it that a command does not need cause no
 * warning.
 */
const CONFIG = `${TEMPORARY}/clang.cfg`;

/** How a command links: as art chooses, or `named` by the command itself; undefined if it only compiles. */
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

/**
 * The folder that clang takes for its own. clang looks for a GCC and for headers near it; nothing is there, whatever
 * the host has.
 */
const INSTALLED = '/.art/bin';

/**
 * The options with which every run of clang's driver starts, for one target. Writes its configuration file to the
 * volume.
 * @param ownSysroot the user's sysroot is mounted and used instead of art's
 */
export function driverOptions(triple: string, volume: Volume, ownSysroot = false, linking?: Linking): string[] {
  // In a sysroot of the user, programs are linked with GCC's files.
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
