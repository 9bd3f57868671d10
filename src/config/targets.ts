import { ArtError } from '../errors.js';

/** Architectures with a code generator in the back end. */
export type Architecture = 'x86_64' | 'aarch64';

/** A target triple as the artifact records it. */
export interface Target {
  triple: string;
  architecture: Architecture;
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x86_64: 'x86_64',
  amd64: 'x86_64',
  aarch64: 'aarch64',
  arm64: 'aarch64',
};

export const DEFAULT_TARGETS = ['x86_64', 'aarch64'] as const;

/** Systems whose objects this version makes; COFF and Mach-O are not among them yet. */
const TRIPLE = /^([a-z0-9_]+)-(?:[a-z0-9_]+-)?(linux-(?:musl|gnu)|none-elf|unknown-elf|elf|linux)$/;

function parseTarget(name: string): Target {
  const short = ARCHITECTURES[name];
  if (short) return { triple: `${short}-unknown-linux-musl`, architecture: short };
  const architecture = ARCHITECTURES[TRIPLE.exec(name)?.[1] ?? ''];
  if (architecture) return { triple: name, architecture };
  throw new ArtError(
    'UNKNOWN_TARGET',
    `unknown target '${name}': expected x86_64, aarch64, or an ELF triple of one of them such as ` +
      'x86_64-unknown-linux-musl, aarch64-unknown-linux-gnu or aarch64-none-elf',
  );
}

/**
 * Target names to triples, without repeats, sorted by triple.
 * @throws ArtError UNKNOWN_TARGET
 */
export function parseTargets(names: readonly string[]): Target[] {
  const targets = new Map(names.map(parseTarget).map((t) => [t.triple, t]));
  if (targets.size === 0) throw new ArtError('INVALID_OPTION', "'targets' is empty: name x86_64, aarch64, or both");
  return [...targets.values()].sort((a, b) => (a.triple < b.triple ? -1 : 1));
}
