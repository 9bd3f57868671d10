// What a vendor builds into clang's driver: where headers and libraries lie and
// which of them are used.
import { RESOURCES, SYSROOTS, TEMPORARY, USER_SYSROOT } from './paths.js';
import type { Volume } from './volume.js';

/** A configuration file (clang's manual, "Configuration files"): an option in it that a run has no use for is passed over. */
const CONFIG = `${TEMPORARY}/clang.cfg`;

/** The architecture of a triple, by the name it has in ours; undefined where it is none of them. */
export function architectureOf(triple: string): 'x86_64' | 'aarch64' | 'wasm32' | undefined {
  switch (triple.split('-', 1)[0]) {
    case 'x86_64':
    case 'amd64':
      return 'x86_64';
    case 'aarch64':
    case 'arm64':
      return 'aarch64';
    case 'wasm32':
      return 'wasm32';
  }
  return undefined;
}

/** How a run of the driver links; undefined where it only compiles. */
export type Linking = 'static' | 'otherwise' | undefined;

/** musl's headers also serve plain C for glibc; no other system has any here. */
function sysrootOptions(triple: string, linking: Linking): string[] {
  if (!triple.includes('linux')) return [];
  const sysroot = `--sysroot=${SYSROOTS}/${architectureOf(triple)}-unknown-linux-musl`;
  if (!triple.includes('musl')) return [sysroot];
  return [sysroot, '-stdlib=libc++', ...(linking ? linkOptions(triple, linking) : [])];
}

function linkOptions(triple: string, linking: Linking): string[] {
  // With compiler-rt the driver would call its atomics on aarch64, unlike a clang that is told nothing.
  const atomics = architectureOf(triple) === 'aarch64' ? ['-mno-outline-atomics'] : [];
  const kind = linking === 'static' ? ['-static'] : [];
  return ['--rtlib=compiler-rt', '--unwindlib=libunwind', ...atomics, ...kind];
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
  const options = ownSysroot
    ? [`--sysroot=${USER_SYSROOT}`]
    : [`--gcc-toolchain=${INSTALLED}`, ...sysrootOptions(triple, linking)];
  volume.fs.writeFileSync(CONFIG, `${options.join('\n')}\n`);
  return [`--config=${CONFIG}`, '-ccc-install-dir', INSTALLED, `-resource-dir=${RESOURCES}`, `--target=${triple}`];
}
