// The platforms that add-ons can be built for, in Node's terms, and art's target for each.
import { ArtError } from '../errors.js';
import type { RunningNode } from '../platform/addon-host.js';
import { parseTargets, type Target } from '../targets/targets.js';
import { printable } from '../text/printable.js';

/** A platform that add-ons can be built for. */
export interface NodePlatform {
  /** The name that options take, such as 'linux-x64-glibc'. */
  name: string;
  /** `process.platform` there. */
  platform: 'linux' | 'win32';
  /** `process.arch` there. */
  arch: 'x64' | 'arm64';
  /** The C library; undefined on Windows. */
  libc: 'glibc' | 'musl' | undefined;
  /** The value of GYP's variable `OS`. */
  gypOs: 'linux' | 'win';
  /** The target that art compiles for. */
  triple: string;
}

const linux = (arch: 'x64' | 'arm64', libc: 'glibc' | 'musl'): NodePlatform => ({
  name: `linux-${arch}-${libc}`,
  platform: 'linux',
  arch,
  libc,
  gypOs: 'linux',
  triple: `${arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-${libc === 'glibc' ? 'gnu' : 'musl'}`,
});

/** All platforms. Prebuilds are made for each of them unless options name some. */
export const PLATFORMS: readonly NodePlatform[] = [
  linux('x64', 'glibc'),
  linux('x64', 'musl'),
  linux('arm64', 'glibc'),
  linux('arm64', 'musl'),
  { name: 'win32-x64', platform: 'win32', arch: 'x64', libc: undefined, gypOs: 'win', triple: 'x86_64-windows-gnu' },
];

const NAMES = PLATFORMS.map(({ name }) => name).join(', ');

/** Art's target for a platform. */
export const targetFor = ({ triple }: NodePlatform): Target => parseTargets([triple])[0] as Target;

/**
 * Finds platforms by name: each name is that of a platform, or the beginning of several, such as 'linux-arm64'.
 * @throws ArtError UNKNOWN_TARGET
 */
export function parsePlatforms(names: readonly string[]): NodePlatform[] {
  const wanted = new Set<NodePlatform>();
  for (const name of names) {
    const found = PLATFORMS.filter((platform) => platform.name === name || platform.name.startsWith(`${name}-`));
    if (found.length === 0)
      throw new ArtError('UNKNOWN_TARGET', `unknown platform '${printable(name)}': expected ${NAMES}`);
    for (const platform of found) wanted.add(platform);
  }
  return PLATFORMS.filter((platform) => wanted.has(platform));
}

/**
 * The platform of the running Node.
 * @param arch another architecture of the same system, as npm's --arch names it
 * @throws ArtError UNKNOWN_TARGET if art cannot build add-ons for it
 */
export function platformOf(node: RunningNode, arch: string = node.arch): NodePlatform {
  const found = PLATFORMS.find((p) => p.platform === node.platform && p.arch === arch && p.libc === node.libc);
  if (found) return found;
  throw new ArtError(
    'UNKNOWN_TARGET',
    `art makes no add-ons for ${printable(`${node.platform}-${arch}`)}: 'art addon --prebuild' makes them on any machine for ${NAMES}`,
  );
}
