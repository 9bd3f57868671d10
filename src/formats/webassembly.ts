// What a WebAssembly file begins with: its version, what it imports and exports (WebAssembly Core Specification, "Binary
// Format"). Function bodies come later and are not looked at.

/** Kinds of what is imported and exported, by their numbers. */
const KINDS = ['function', 'table', 'memory', 'global', 'tag'] as const;
type Kind = (typeof KINDS)[number];

const SECTION = { custom: 0, import: 2, export: 7, code: 10 } as const;
/** The section of relocatable objects (WebAssembly tool conventions, "Linking"). */
const LINKING = 'linking';
const HEADER = 8;
/** Reference types that are followed by the type that they refer to. */
const REFERENCES: ReadonlySet<number> = new Set([0x63, 0x64]);

export interface ModuleHead {
  /** 1 is what there is; components have another. */
  version: number;
  imports: { module: string; name: string; kind: Kind }[];
  exports: ReadonlyMap<string, Kind>;
  /** It is yet to be linked. */
  isObject: boolean;
}

/**
 * Reads a module as far as its code.
 * @param bytes all of it, or its beginning
 * @returns 'cut off' if the bytes end before the code, or 'damaged'
 */
export function moduleHead(bytes: Uint8Array): ModuleHead | 'cut off' | 'damaged' {
  const reader = new Reader(bytes);
  const exports = new Map<string, Kind>();
  const head: ModuleHead = { version: 0, imports: [], exports, isObject: false };
  try {
    if (bytes.length < HEADER) return 'cut off';
    head.version = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
    if (head.version !== 1) return head;
    for (reader.at = HEADER; reader.at < bytes.length; ) {
      const id = reader.byte();
      if (id === SECTION.code) break;
      const size = reader.number();
      const end = reader.at + size;
      if (id === SECTION.custom) head.isObject ||= reader.name() === LINKING;
      if (id === SECTION.import) head.imports = reader.list(() => importOf(reader));
      if (id === SECTION.export)
        for (const [name, kind] of reader.list(() => exportOf(reader))) exports.set(name, kind);
      if (end > bytes.length) return 'cut off';
      if (reader.at > end) return 'damaged';
      reader.at = end;
    }
  } catch (error) {
    if (error instanceof CutOff) return 'cut off';
    if (error instanceof Damaged) return 'damaged';
    throw error;
  }
  // An object takes its memory from what it is linked to.
  head.isObject ||= head.imports.some(({ module, name }) => module === 'env' && name === '__linear_memory');
  return head;
}

class CutOff extends Error {}
class Damaged extends Error {}

/** Numbers, names and lists, from front to back. */
class Reader {
  at = 0;
  constructor(readonly bytes: Uint8Array) {}

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new CutOff();
    return byte;
  }

  /** An unsigned LEB128 of at most 64 bits. */
  number(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new Damaged();
  }

  name(): string {
    const length = this.number();
    if (this.at + length > this.bytes.length) throw new CutOff();
    const text = new TextDecoder().decode(this.bytes.subarray(this.at, this.at + length));
    this.at += length;
    return text;
  }

  kind(): Kind {
    const kind = KINDS[this.byte()];
    if (!kind) throw new Damaged();
    return kind;
  }

  /** Each item is a byte at least, so that a count without items ends. */
  list<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let count = this.number(); count > 0; count--) items.push(read());
    return items;
  }
}

function importOf(reader: Reader): ModuleHead['imports'][number] {
  const item = { module: reader.name(), name: reader.name(), kind: reader.kind() };
  if (item.kind === 'table' || item.kind === 'global') typeOf(reader);
  if (item.kind === 'table' || item.kind === 'memory') limitsOf(reader);
  if (item.kind === 'global' || item.kind === 'tag') reader.byte();
  if (item.kind === 'function' || item.kind === 'tag') reader.number();
  return item;
}

function exportOf(reader: Reader): [string, Kind] {
  const item: [string, Kind] = [reader.name(), reader.kind()];
  reader.number();
  return item;
}

function typeOf(reader: Reader): void {
  if (REFERENCES.has(reader.byte())) reader.number();
}

/** Flags: 1 has a maximum, 8 has another size of pages. */
function limitsOf(reader: Reader): void {
  const flags = reader.byte();
  reader.number();
  if (flags & 1) reader.number();
  if (flags & 8) reader.number();
}
