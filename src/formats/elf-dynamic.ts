// Reads what an ELF shared library or program imports and exports (System V ABI, "Dynamic Linking"; 64-bit little
// endian).
import { type Elf, readElf, SHT, section, sectionOf } from './elf.js';

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

const SYMBOL_BYTES = 24;
const DYNAMIC_BYTES = 16;
const DT_NEEDED = 1n;
const STB_LOCAL = 0;
const STB_WEAK = 2;
/** The first version index of a library; 0 means local, 1 the file itself. */
const FIRST_VERSION = 2;
const VERSION_MASK = 0x7fff;

/** Reads the dynamic symbols; undefined if the file has none, is no such file, or is cut off. */
export function dynamicSymbols(bytes: Uint8Array): DynamicSymbols | undefined {
  return readElf(bytes, readSymbols);
}

function readSymbols(elf: Elf): DynamicSymbols | undefined {
  const { bytes, view } = elf;
  const table = sectionOf(elf, SHT.dynsym);
  if (!table) return undefined;
  const names = section(elf, table.link).offset;
  const decoder = new TextDecoder();
  const name = (at: number) => decoder.decode(bytes.subarray(names + at, bytes.indexOf(0, names + at)));
  const versions = sectionOf(elf, SHT.gnuVersym);
  const result: DynamicSymbols = { needed: [], undefined: [], defined: [] };
  for (let i = 1; i < table.length / SYMBOL_BYTES; i++) {
    const symbol = table.offset + i * SYMBOL_BYTES;
    const binding = view.getUint8(symbol + 4) >> 4;
    if (binding === STB_LOCAL) continue;
    const version = versions ? view.getUint16(versions.offset + 2 * i, true) & VERSION_MASK : 0;
    const isDefined = view.getUint16(symbol + 6, true) !== 0;
    result[isDefined ? 'defined' : 'undefined'].push({
      name: name(view.getUint32(symbol, true)),
      weak: binding === STB_WEAK,
      versioned: version >= FIRST_VERSION,
    });
  }
  const dynamic = sectionOf(elf, SHT.dynamic);
  for (let i = 0; dynamic && i < dynamic.length / DYNAMIC_BYTES; i++) {
    const entry = dynamic.offset + i * DYNAMIC_BYTES;
    if (view.getBigUint64(entry, true) === DT_NEEDED)
      result.needed.push(name(Number(view.getBigUint64(entry + 8, true))));
  }
  return result;
}
