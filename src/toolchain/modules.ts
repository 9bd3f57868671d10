// Checks LLVM IR for a target: finds problems that LLVM itself ignores or reports unclearly.
import { bitcodeTriple } from '../formats/bitcode.js';
import { architectureOf } from '../targets/targets.js';

/** The first bytes of a bitcode file, and of the wrapper that Darwin's tools use. */
const MAGICS = [
  [0x42, 0x43, 0xc0, 0xde],
  [0xde, 0xc0, 0x17, 0x0b],
] as const;
const TRIPLE = /^[ \t]*target[ \t]+triple[ \t]*=[ \t]*"([^"\n]*)"/m;

/** True for LLVM IR, as bitcode or text. */
export const isModule = (path: string) => /\.(bc|ll)$/.test(path);

/**
 * @param bytes content of the file
 * @returns why the module cannot be compiled for the triple; undefined if no problem was found
 */
export function moduleProblem(path: string, bytes: Uint8Array, triple: string): string | undefined {
  if (path.endsWith('.bc') && !MAGICS.some((magic) => magic.every((byte, i) => bytes[i] === byte)))
    return "this is not LLVM bitcode, which begins with 'BC' 0xC0 0xDE: give LLVM IR as text the ending .ll, or compile it again";
  const own = (path.endsWith('.bc') ? bitcodeTriple(bytes) : TRIPLE.exec(new TextDecoder().decode(bytes))?.[1]) ?? '';
  const [name = ''] = own.split('-', 1);
  const wanted = architectureOf(triple);
  // A module for no particular machine can be compiled for every one.
  if (name === '' || name === 'unknown' || architectureOf(own) === wanted) return undefined;
  const what = `this module is for '${own}', whose data layout and attributes differ from those of ${wanted}`;
  const instead = architectureOf(own);
  return `${what}: ${instead ? `build it with --target ${instead}` : 'compile it again for this target'}`;
}
