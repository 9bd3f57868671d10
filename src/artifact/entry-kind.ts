// Finds out what an entry is, by its first bytes, and compares that with the manifest.
import { bitcodeTriple } from '../formats/bitcode.js';
import { objectKind } from '../formats/object.js';
import { moduleHead } from '../formats/webassembly.js';
import { targetOf } from '../targets/targets.js';
import type { ReadManifest } from './manifest.js';

/** How many bytes of an entry are examined; in a module the triple comes after the types. */
export const PREFIX_BYTES = 1 << 20;

/**
 * Why bytes are not what the manifest says about the entry; undefined if they are.
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
  if (found.format === 'WebAssembly') return moduleProblem(kind, entry, prefix);
  return found.format === 'ELF' ? elfProblem(kind, prefix) : undefined;
}

const PREVIEW_1 = 'wasi_snapshot_preview1';

/**
 * A WASI program is a command or a reactor of preview 1 (WASI, "Application ABI"). It may also import functions of its
 * own host, which its author has linked on purpose.
 */
function moduleProblem(
  kind: 'object' | 'executable',
  { target, size }: ReadManifest['entries'][number],
  prefix: Uint8Array,
): string | undefined {
  const head = moduleHead(prefix);
  // What follows the examined bytes is unknown; an object has its marks until the end.
  if (head === 'cut off' && (size ?? prefix.length) > prefix.length) return undefined;
  if (typeof head === 'string') return `is WebAssembly, and ${head}`;
  const { version, isObject, imports, exports } = head;
  if (version !== 1) return `is WebAssembly of version ${version}, and those for ${target} are of version 1`;
  if (kind === 'object') return exports.has('_start') ? 'is a WebAssembly program, and no object' : undefined;
  if (isObject) return 'is a WebAssembly object, and no executable';
  if (!target || targetOf(target)?.libc !== 'wasi-libc') return undefined;
  const other = imports.find(
    ({ module, kind }) => module.startsWith('wasi') && (module !== PREVIEW_1 || kind !== 'function'),
  );
  if (other) return `imports the ${other.kind} '${other.module}.${other.name}', which is not of WASI preview 1`;
  if (!['_start', '_initialize'].some((name) => exports.get(name) === 'function'))
    return 'is WebAssembly without a function _start or _initialize, and no program of WASI';
  return exports.get('memory') === 'memory'
    ? undefined
    : "is WebAssembly without a memory of the name 'memory', and no program of WASI";
}

/** Size of an ELF header with 64-bit addresses; and the types of files (System V ABI, "ELF Header"). */
const ELF_HEADER = 64;
const ELF_TYPES = { object: [1], executable: [2, 3] } as const;

/** All architectures of art use 64-bit little-endian ELF. */
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
  // The triple comes after the examined bytes, so it cannot be compared.
  if (triple === null) return undefined;
  if (triple === '') return 'is no bitcode that names its target';
  return target && !sameTarget(triple, target) ? `is bitcode for ${triple}, not ${target}` : undefined;
}

/**
 * Whether two triples mean the same: clang completes a triple with the vendor 'unknown' and versions of systems, and
 * writes 'arm64' for Apple's aarch64.
 */
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
