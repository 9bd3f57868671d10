// What an entry is, by its first bytes, held against what the manifest says.
import { bitcodeTriple } from '../formats/bitcode.js';
import { objectKind } from '../formats/object.js';
import { targetOf } from '../targets/targets.js';
import type { ReadManifest } from './manifest.js';

/** How much of an entry is looked at; a module's triple comes after its types. */
export const PREFIX_BYTES = 1 << 20;

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
  const format = entry.target ? targetOf(entry.target)?.format : undefined;
  if (format && format !== found.format) return `is ${shown}, and those for ${entry.target} are ${format}`;
  if (found.format === 'COFF' && (kind === 'executable') !== (found.image ?? false))
    return found.image
      ? `is a program of Windows, and no ${kind}`
      : `is ${shown.replace(kind, 'object')}, and no ${kind}`;
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
      .replace(/-mingw32$/, '-windows-gnu')
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
