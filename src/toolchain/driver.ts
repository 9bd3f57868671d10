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

/** musl's headers also serve plain C for glibc; no other system has any here. */
function sysrootOptions(triple: string, ownSysroot: boolean): string[] {
  if (ownSysroot) return [`--sysroot=${USER_SYSROOT}`];
  if (!triple.includes('linux')) return [];
  const sysroot = `--sysroot=${SYSROOTS}/${architectureOf(triple)}-unknown-linux-musl`;
  if (!triple.includes('musl')) return [sysroot];
  // With compiler-rt the driver would call its atomics on aarch64, unlike a clang that is told nothing.
  const atomics = architectureOf(triple) === 'aarch64' ? ['-mno-outline-atomics'] : [];
  return [sysroot, '-stdlib=libc++', '--rtlib=compiler-rt', '--unwindlib=libunwind', ...atomics];
}

/** clang looks for a GCC and for headers around its own place: there is nothing, whatever the host has. */
const INSTALLED = '/.art/bin';

/**
 * The options that every run of clang's driver starts with, for one target.
 * Writes its configuration file to the volume.
 * @param ownSysroot the user's sysroot is mounted and takes the place of ours
 * @param more options that a run may have no use for
 */
export function driverOptions(triple: string, volume: Volume, ownSysroot = false, more: readonly string[] = []) {
  // In a sysroot of the user's, GCC's files are what programs link with.
  const gcc = ownSysroot ? [] : [`--gcc-toolchain=${INSTALLED}`];
  const options = [...gcc, ...sysrootOptions(triple, ownSysroot), ...more];
  volume.fs.writeFileSync(CONFIG, `${options.join('\n')}\n`);
  return [`--config=${CONFIG}`, '-ccc-install-dir', INSTALLED, `-resource-dir=${RESOURCES}`, `--target=${triple}`];
}
