import { ArtError } from '../errors.js';

/** Architectures that code is generated for. */
export type Architecture = 'x86_64' | 'aarch64' | 'wasm32';

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
  wasm32: 'wasm32',
};

export const DEFAULT_TARGETS = ['x86_64', 'aarch64'] as const;

/** ELF, COFF and Mach-O systems of x86_64 and aarch64; only those of Linux have headers here. */
const TRIPLE =
  /^(x86_64|amd64|aarch64|arm64)-(?:[a-z0-9_]+-)?(?:linux-(?:musl|gnu)|none-elf|unknown-elf|elf|linux|windows-msvc|(?:macos|macosx|darwin)[0-9.]*)$/;
const WASM_TRIPLE = /^(wasm32)-(?:unknown-)?(?:unknown|wasi|wasip1)$/;

function parseTarget(name: string): Target {
  const short = ARCHITECTURES[name];
  if (short === 'wasm32') return { triple: 'wasm32-unknown-unknown', architecture: short };
  if (short) return { triple: `${short}-unknown-linux-musl`, architecture: short };
  const architecture = ARCHITECTURES[(TRIPLE.exec(name) ?? WASM_TRIPLE.exec(name))?.[1] ?? ''];
  if (architecture) return { triple: name, architecture };
  throw new ArtError(
    'UNKNOWN_TARGET',
    `unknown target '${name}': expected x86_64, aarch64, wasm32, or a triple such as ` +
      'aarch64-unknown-linux-gnu, aarch64-none-elf, x86_64-pc-windows-msvc or arm64-apple-macos',
  );
}

/** Whether art has the libraries that programs for a target link with. */
export const hasLibraries = (target: Target) => target.triple.endsWith('-linux-musl');

/**
 * Target names to triples, without repeats, sorted by triple.
 * @throws ArtError UNKNOWN_TARGET
 */
export function parseTargets(names: readonly string[]): Target[] {
  const targets = new Map(names.map(parseTarget).map((t) => [t.triple, t]));
  if (targets.size === 0) throw new ArtError('INVALID_OPTION', "'targets' is empty: name x86_64, aarch64, or both");
  return [...targets.values()].sort((a, b) => (a.triple < b.triple ? -1 : 1));
}
