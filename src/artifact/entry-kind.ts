// What an entry is, by its first bytes, held against what the manifest says.
import { bitcodeTriple } from '../formats/bitcode.js';
import { objectKind } from '../formats/object.js';
import { moduleHead } from '../formats/webassembly.js';
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
  if (found.format === 'WebAssembly') return moduleProblem(kind, entry, prefix);
  return found.format === 'ELF' ? elfProblem(kind, prefix) : undefined;
}

const PREVIEW_1 = 'wasi_snapshot_preview1';

/**
 * A program of WASI is a command or a reactor of preview 1 (WASI, "Application ABI"). It may also import what its host has
 * of its own, which whoever linked it asked for.
 */
function moduleProblem(
  kind: 'object' | 'executable',
  { target, size }: ReadManifest['entries'][number],
  prefix: Uint8Array,
): string | undefined {
  const head = moduleHead(prefix);
  // What comes after all that was looked at is not known; an object keeps that it is one to its end.
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
