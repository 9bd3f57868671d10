// What an entry is, by its first bytes, held against what the manifest says.
import { bitcodeTriple } from './bitcode.js';
import type { ReadManifest } from './manifest.js';

/** How much of an entry is looked at; a module's triple comes after its types. */
export const PREFIX_BYTES = 1 << 20;

type Format = 'ELF' | 'COFF' | 'Mach-O' | 'WebAssembly';

interface FileKind {
  format: Format;
  architecture: string | undefined;
}

const ELF_MACHINES: Readonly<Record<number, string>> = { 62: 'x86_64', 183: 'aarch64' };
/** IMAGE_FILE_MACHINE_AMD64 and _ARM64 (PE format). */
const COFF_MACHINES: Readonly<Record<number, string>> = { 34404: 'x86_64', 43620: 'aarch64' };
/** CPU_TYPE_X86_64 and _ARM64 (mach/machine.h). */
const MACHO_CPUS: Readonly<Record<number, string>> = { 16777223: 'x86_64', 16777228: 'aarch64' };

/** The object format of some bytes, and the architecture that they name. */
export function objectKind(bytes: Uint8Array): FileKind | undefined {
  if (bytes.length < 20) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) === 0x7f454c46) return { format: 'ELF', architecture: ELF_MACHINES[view.getUint16(18, true)] };
  if (view.getUint32(0) === 0x0061736d) return { format: 'WebAssembly', architecture: 'wasm32' };
  if (view.getUint32(0, true) === 0xfeedfacf)
    return { format: 'Mach-O', architecture: MACHO_CPUS[view.getUint32(4, true)] };
  const machine = COFF_MACHINES[view.getUint16(0, true)];
  // COFF with more sections than fit begins with 0, 0xffff, version 2, machine.
  const big = view.getUint32(0, true) === 0xffff0000 ? COFF_MACHINES[view.getUint16(6, true)] : undefined;
  return machine || big ? { format: 'COFF', architecture: machine ?? big } : undefined;
}

/** The object format that LLVM makes for a triple. */
function formatOf(triple: string): Format {
  if (/^wasm/.test(triple)) return 'WebAssembly';
  if (/-(?:apple|darwin|macos)/.test(triple)) return 'Mach-O';
  return /-windows/.test(triple) ? 'COFF' : 'ELF';
}

/**
 * Why some bytes are not what an entry says it is; undefined where they are.
 * @param prefix its first bytes: all of them, or PREFIX_BYTES
 */
export function kindProblem(entry: ReadManifest['entries'][number], prefix: Uint8Array): string | undefined {
  const [kind, architecture] = entry.type.split('/') as [string, string | undefined];
  if (kind === 'bitcode') return bitcodeProblem(entry, prefix);
  if (kind !== 'object' && kind !== 'executable') return undefined;
  const found = objectKind(prefix);
  if (!found) return `is no ${kind}`;
  const shown = `${found.format === 'ELF' ? 'an' : 'a'} ${found.format} ${kind}`;
  if (found.architecture !== architecture) return `is ${shown} for ${found.architecture ?? 'another machine'}`;
  if (entry.target && formatOf(entry.target) !== found.format)
    return `is ${shown}, and those for ${entry.target} are ${formatOf(entry.target)}`;
  return found.format === 'ELF' ? elfProblem(kind, prefix) : undefined;
}

/** Bytes of an ELF header with 64-bit addresses; its types of file (System V ABI, "ELF Header"). */
const ELF_HEADER = 64;
const ELF_TYPES = { object: [1], executable: [2, 3] } as const;

/** Both machines have ELF for 64 bits, little endian. */
function elfProblem(kind: keyof typeof ELF_TYPES, prefix: Uint8Array): string | undefined {
  if (prefix.length < ELF_HEADER) return 'is cut off inside its ELF header';
  if (prefix[4] !== 2 || prefix[5] !== 1) return 'is ELF, and not of 64 bits in little endian';
  const type = new DataView(prefix.buffer, prefix.byteOffset).getUint16(16, true);
  return (ELF_TYPES[kind] as readonly number[]).includes(type)
    ? undefined
    : `is an ELF file of type ${type}, and no ${kind}`;
}

function bitcodeProblem({ target, size }: ReadManifest['entries'][number], prefix: Uint8Array): string | undefined {
  const triple = bitcodeTriple(prefix, size ?? prefix.length);
  if (triple === undefined) return 'is no bitcode';
  // It lies further in than was looked, so that there is nothing to hold against.
  if (triple === null) return undefined;
  if (triple === '') return 'is no bitcode that names its target';
  return target && !sameTarget(triple, target) ? `is bitcode for ${triple}, not ${target}` : undefined;
}

/** clang completes a triple: vendor 'unknown', versions of systems, 'arm64' for Apple's aarch64. */
function sameTarget(found: string, stated: string): boolean {
  const parts = (triple: string) => {
    const [architecture = '', ...rest] = triple
      .replace('amd64', 'x86_64')
      .replace(/^arm64/, 'aarch64')
      .split('-');
    return [
      architecture,
      ...rest.filter((part) => part !== 'unknown' && part !== 'none').map((part) => part.replace(/[\d.]+$/, '')),
    ];
  };
  return (
    parts(found)[0] === parts(stated)[0] &&
    parts(stated).every((part) => parts(found).includes(part) || part === 'macos' || part === 'darwin')
  );
}
