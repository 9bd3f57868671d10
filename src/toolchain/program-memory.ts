// Changes a program so that the host creates its memory, which gives each run a limit of its own. Without the change,
// the program creates its memory itself, with a limit that is fixed in its bytes.

const MAGIC_AND_VERSION = 8;
const IMPORT = 2;
const MEMORY = 5;
/** An import entry: two empty names, and the kind 'memory'. */
const MEMORY_IMPORT = [0, 0, 2];

/**
 * Turns the memory of a module into an import with two empty names, in place (WebAssembly core specification, "Binary
 * format"). One section grows by as many bytes as the other shrinks.
 * @param bytes of a module; only those before its code are read and changed
 * @returns number of pages of 64 KiB that the memory must have
 * @throws Error if it does not have these sections in this order
 */
export function importMemory(bytes: Uint8Array): number {
  const imports = sectionOf(bytes, IMPORT);
  const memories = sectionOf(bytes, MEMORY);
  const count = readNumber(bytes, imports.body);
  const declared = readNumber(bytes, memories.body);
  if (declared.value !== 1) throw new Error('the program has not one memory');
  // Not slice(), which makes no copy for a Buffer.
  const type = new Uint8Array(bytes.subarray(declared.end, memories.end));
  const entry = [...MEMORY_IMPORT, ...type];
  if (entry.length !== memories.end - memories.start) throw new Error('the program declares its memory in another way');
  bytes.copyWithin(imports.end + entry.length, imports.end, memories.start);
  bytes.set(entry, imports.end);
  writeNumber(bytes, imports.start + 1, imports.body, imports.end - imports.body + entry.length);
  writeNumber(bytes, imports.body, count.end, count.value + 1);
  return readNumber(type, 1).value;
}

interface Section {
  /** Offsets of its id, of its content, and of the next section. */
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

/** Reads an unsigned LEB128. @returns also the offset of its end */
function readNumber(bytes: Uint8Array, start: number): { value: number; end: number } {
  let value = 0;
  for (let at = start, scale = 1; at < start + 5; at++, scale *= 128) {
    const byte = bytes[at] ?? 0;
    value += (byte & 127) * scale;
    if (byte < 128) return { value, end: at + 1 };
  }
  throw new Error('a number in the program is too long');
}

/** Writes an unsigned LEB128 with a given length. */
function writeNumber(bytes: Uint8Array, start: number, end: number, value: number): void {
  let left = value;
  for (let at = start; at < end; at++) {
    bytes[at] = (left & 127) | (at + 1 < end ? 128 : 0);
    left >>>= 7;
  }
  if (left !== 0) throw new Error('a number in the program has no room');
}
