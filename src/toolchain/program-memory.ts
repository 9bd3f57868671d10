// The program makes its memory itself, and says in its own bytes how large that may become. Here these are changed so that
// the host makes it: then each run has a limit of its own.

const MAGIC_AND_VERSION = 8;
const IMPORT = 2;
const MEMORY = 5;
/** An import: two empty names, and what it is. */
const MEMORY_IMPORT = [0, 0, 2];

/** The program as it was changed. */
export interface ImportedMemory {
  /** Pages of 64 KiB that the memory must have. */
  pages: number;
  /** Changes it back. */
  restore(): void;
}

/**
 * Makes the one memory of a module an import with two empty names, in place (WebAssembly core specification, "Binary
 * format"): the declaration becomes as many bytes longer in the one section as it becomes shorter in the other.
 * @param bytes a module, of which no more is read or changed than what stands before its code
 * @throws Error where it has no such sections, or not in their order
 */
export function importMemory(bytes: Uint8Array): ImportedMemory {
  const imports = sectionOf(bytes, IMPORT);
  const memories = sectionOf(bytes, MEMORY);
  // Not slice(), which copies nothing of a Buffer.
  const before = new Uint8Array(bytes.subarray(imports.start, memories.end));
  const count = readNumber(bytes, imports.body);
  const declared = readNumber(bytes, memories.body);
  if (declared.value !== 1) throw new Error('the program has not one memory');
  const type = new Uint8Array(bytes.subarray(declared.end, memories.end));
  const entry = [...MEMORY_IMPORT, ...type];
  if (entry.length !== memories.end - memories.start) throw new Error('the program declares its memory in another way');
  bytes.copyWithin(imports.end + entry.length, imports.end, memories.start);
  bytes.set(entry, imports.end);
  writeNumber(bytes, imports.start + 1, imports.body, imports.end - imports.body + entry.length);
  writeNumber(bytes, imports.body, count.end, count.value + 1);
  return { pages: readNumber(type, 1).value, restore: () => bytes.set(before, imports.start) };
}

interface Section {
  /** Where its id stands, what it holds, and the next one. */
  start: number;
  body: number;
  end: number;
}

function sectionOf(bytes: Uint8Array, id: number): Section {
  for (let start = MAGIC_AND_VERSION; start < bytes.length; ) {
    const size = readNumber(bytes, start + 1);
    const section = { start, body: size.end, end: size.end + size.value };
    if (bytes[start] === id) return section;
    start = section.end;
  }
  throw new Error(`the program has no section ${id}`);
}

/** An unsigned LEB128, and where it ends. */
function readNumber(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  for (let at = start, scale = 1; at < start + 5; at++, scale *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte & 127) * scale;
    if (byte < 128) return { value, end: at + 1 };
  }
  throw new Error('a number in the program is too long');
}

/** Writes one in a given room. */
function writeNumber(bytes: Uint8Array, start: number, end: number, value: number): void {
  let left = value;
  for (let at = start; at < end; at++) {
    bytes[at] = (left & 127) | (at + 1 < end ? 128 : 0);
    left >>>= 7;
  }
  if (left !== 0) throw new Error('a number in the program has no room');
}
