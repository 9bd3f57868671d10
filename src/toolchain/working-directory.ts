// A working directory for programs of WASI, which has none: wasi-libc keeps one
// itself, and every program starts at '/'.

/**
 * Where the wasi-libc in the pinned clang keeps the address of its working directory's
 * name (`__wasilibc_cwd`, what chdir(3) changes). The tests find it again.
 */
export const CLANG_DIRECTORY = 17_855_816;
const ROOT = [0x2f, 0];

type Imports = Readonly<Record<string, (...args: never[]) => number>>;
type OfTwo = (first: number, second: number) => number;

/**
 * The imports that give clang a working directory: its name lies behind the arguments, in memory
 * that the program sets aside for them and never frees.
 * @param directory absolute
 * @param memory the instance's, which there is when the program asks for its arguments
 */
export function startIn(directory: string, imports: Imports, memory: () => WebAssembly.Memory) {
  const given = imports as Readonly<Record<'args_sizes_get' | 'args_get', OfTwo>>;
  const name = new TextEncoder().encode(`${directory}\0`);
  let behind = 0;
  return {
    args_sizes_get(count: number, size: number): number {
      const status = given.args_sizes_get(count, size);
      const view = new DataView(memory().buffer);
      behind = view.getUint32(size, true);
      view.setUint32(size, behind + name.length, true);
      return status;
    },
    args_get(list: number, text: number): number {
      const status = given.args_get(list, text);
      const { buffer } = memory();
      const view = new DataView(buffer);
      const before = new Uint8Array(buffer, view.getUint32(CLANG_DIRECTORY, true), ROOT.length);
      if (!ROOT.every((byte, i) => before[i] === byte)) throw new Error('it does not start at /');
      new Uint8Array(buffer).set(name, text + behind);
      view.setUint32(CLANG_DIRECTORY, text + behind, true);
      return status;
    },
  };
}
