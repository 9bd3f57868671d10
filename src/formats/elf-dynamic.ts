// Reads what an ELF shared library or program imports and exports (System V ABI, "Dynamic Linking"; 64-bit little
// endian).

/** A symbol of the dynamic table. */
export interface DynamicSymbol {
  name: string;
  /** Whether it is weak: it may stay undefined. */
  weak: boolean;
  /** Whether it has the version of a library in which it was found. */
  versioned: boolean;
}

export interface DynamicSymbols {
  /** Names of the libraries that are loaded with it (DT_NEEDED). */
  needed: string[];
  undefined: DynamicSymbol[];
  defined: DynamicSymbol[];
}

const SECTION_BYTES = 64;
const SYMBOL_BYTES = 24;
const DYNAMIC_BYTES = 16;
const SHT_DYNAMIC = 6;
const SHT_DYNSYM = 11;
const SHT_GNU_VERSYM = 0x6fffffff;
const DT_NEEDED = 1n;
const STB_LOCAL = 0;
const STB_WEAK = 2;
/** The first version index of a library; 0 means local, 1 the file itself. */
const FIRST_VERSION = 2;
const VERSION_MASK = 0x7fff;

/** Reads the dynamic symbols; undefined if the file has none. @throws RangeError if the file is cut off */
export function dynamicSymbols(bytes: Uint8Array): DynamicSymbols | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isElf = bytes.length >= SECTION_BYTES && view.getUint32(0, false) === 0x7f454c46 && bytes[4] === 2;
  if (!isElf) return undefined;
  const at = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  const sections = Array.from({ length: count }, (_, i) => {
    const header = at + i * SECTION_BYTES;
    return {
      type: view.getUint32(header + 4, true),
      offset: Number(view.getBigUint64(header + 24, true)),
      size: Number(view.getBigUint64(header + 32, true)),
      link: view.getUint32(header + 40, true),
    };
  });
  const table = sections.find(({ type }) => type === SHT_DYNSYM);
  const strings = table && sections[table.link];
  if (!table || !strings) return undefined;
  const text = (offset: number) => {
    const start = strings.offset + offset;
    return new TextDecoder().decode(bytes.subarray(start, bytes.indexOf(0, start)));
  };
  const versions = sections.find(({ type }) => type === SHT_GNU_VERSYM);
  const result: DynamicSymbols = { needed: [], undefined: [], defined: [] };
  for (let i = 1; i < table.size / SYMBOL_BYTES; i++) {
    const symbol = table.offset + i * SYMBOL_BYTES;
    const binding = view.getUint8(symbol + 4) >> 4;
    if (binding === STB_LOCAL) continue;
    const version = versions ? view.getUint16(versions.offset + 2 * i, true) & VERSION_MASK : 0;
    const isDefined = view.getUint16(symbol + 6, true) !== 0;
    result[isDefined ? 'defined' : 'undefined'].push({
      name: text(view.getUint32(symbol, true)),
      weak: binding === STB_WEAK,
      versioned: version >= FIRST_VERSION,
    });
  }
  const dynamic = sections.find(({ type }) => type === SHT_DYNAMIC);
  for (let i = 0; dynamic && i < dynamic.size / DYNAMIC_BYTES; i++) {
    const entry = dynamic.offset + i * DYNAMIC_BYTES;
    if (view.getBigUint64(entry, true) === DT_NEEDED)
      result.needed.push(text(Number(view.getBigUint64(entry + 8, true))));
  }
  return result;
}
