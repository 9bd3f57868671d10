// What is wrong with a unit of LLVM IR for a target, which LLVM itself would pass over or say oddly.
import { bitcodeTriple } from '../formats/bitcode.js';
import { architectureOf } from '../targets/targets.js';

/** A bitcode file, or one in the wrapper that Darwin's tools know. */
const MAGICS = [
  [0x42, 0x43, 0xc0, 0xde],
  [0xde, 0xc0, 0x17, 0x0b],
] as const;
const TRIPLE = /^[ \t]*target[ \t]+triple[ \t]*=[ \t]*"([^"\n]*)"/m;

/** True for LLVM IR, as bitcode or text. */
export const isModule = (path: string) => /\.(bc|ll)$/.test(path);

/**
 * @param bytes of the file
 * @returns why the module cannot be compiled for the triple; undefined where nothing speaks against it
 */
export function moduleProblem(path: string, bytes: Uint8Array, triple: string): string | undefined {
  if (path.endsWith('.bc') && !MAGICS.some((magic) => magic.every((byte, i) => bytes[i] === byte)))
    return "this is not LLVM bitcode, which begins with 'BC' 0xC0 0xDE: name a file of text .ll, or make it anew";
  const own = (path.endsWith('.bc') ? bitcodeTriple(bytes) : TRIPLE.exec(new TextDecoder().decode(bytes))?.[1]) ?? '';
  const [name = ''] = own.split('-', 1);
  const wanted = architectureOf(triple);
  // What is for no machine in particular serves every one.
  if (name === '' || name === 'unknown' || architectureOf(own) === wanted) return undefined;
  const what = `this module is for '${own}', and its layout and attributes are not those of ${wanted}`;
  const instead = architectureOf(own);
  return `${what}: ${instead ? `build it with --target ${instead}` : 'make it anew for this target'}`;
}
