// A small reader for 64-bit little-endian relocatable ELF objects.

export interface ElfSymbol {
  name: string;
  /** STB_* in the high half, STT_* in the low. */
  info: number;
  other: number;
  /** Section index, or SHN_ABS and the like. */
  section: number;
  value: number;
  size: number;
}

export interface ElfRelocation {
  offset: number;
  type: number;
  symbol: ElfSymbol;
  addend: bigint;
}

export interface ElfSection {
  index: number;
  name: string;
  type: number;
  flags: number;
  alignment: number;
  /** Empty for SHT_NOBITS. */
  bytes: Buffer;
  size: number;
  relocations: ElfRelocation[];
}

export interface Elf {
  machine: number;
  sections: ElfSection[];
  symbols: ElfSymbol[];
}

const SHT_SYMTAB = 2;
const SHT_RELA = 4;
const SHT_NOBITS = 8;
export const STT_FUNC = 2;
export const STT_SECTION = 3;
const SHN_XINDEX = 0xffff;

function textAt(table: Buffer, offset: number): string {
  return table.toString('utf8', offset, table.indexOf(0, offset));
}

export function readElf(file: Uint8Array): Elf {
  const data = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (data.readUInt32BE(0) !== 0x7f454c46 || data[4] !== 2 || data[5] !== 1) throw new Error('not a 64-bit ELF file');
  const u64 = (at: number) => Number(data.readBigUInt64LE(at));
  const start = u64(40);
  const count = data.readUInt16LE(60) || u64(start + 32);
  const headers = Array.from({ length: count }, (_, index) => {
    const at = start + 64 * index;
    const type = data.readUInt32LE(at + 4);
    const size = u64(at + 32);
    return {
      index,
      nameOffset: data.readUInt32LE(at),
      type,
      flags: u64(at + 8),
      size,
      link: data.readUInt32LE(at + 40),
      info: data.readUInt32LE(at + 44),
      alignment: u64(at + 48),
      bytes: type === SHT_NOBITS ? Buffer.alloc(0) : data.subarray(u64(at + 24), u64(at + 24) + size),
    };
  });
  const nameIndex = data.readUInt16LE(62);
  const names = headers[nameIndex === SHN_XINDEX ? (headers[0]?.link ?? 0) : nameIndex]?.bytes ?? Buffer.alloc(0);
  const sections: ElfSection[] = headers.map(({ index, nameOffset, type, flags, alignment, bytes, size }) => ({
    index,
    name: textAt(names, nameOffset),
    type,
    flags,
    alignment,
    bytes,
    size,
    relocations: [],
  }));

  const table = headers.find((h) => h.type === SHT_SYMTAB);
  const symbols: ElfSymbol[] = [];
  const symbolNames = headers[table?.link ?? 0]?.bytes ?? Buffer.alloc(0);
  for (let at = 0; table && at < table.size; at += 24)
    symbols.push({
      name: textAt(symbolNames, table.bytes.readUInt32LE(at)),
      info: table.bytes.readUInt8(at + 4),
      other: table.bytes.readUInt8(at + 5),
      section: table.bytes.readUInt16LE(at + 6),
      value: Number(table.bytes.readBigUInt64LE(at + 8)),
      size: Number(table.bytes.readBigUInt64LE(at + 16)),
    });
  for (const header of headers) {
    if (header.type !== SHT_RELA) continue;
    for (let at = 0; at < header.size; at += 24)
      sections[header.info]?.relocations.push({
        offset: Number(header.bytes.readBigUInt64LE(at)),
        type: header.bytes.readUInt32LE(at + 8),
        symbol: symbols[header.bytes.readUInt32LE(at + 12)] as ElfSymbol,
        addend: header.bytes.readBigInt64LE(at + 16),
      });
  }
  return { machine: data.readUInt16LE(18), sections, symbols };
}

/** A relocation's target as text; a section symbol is named by its section. */
export function targetOf(elf: Elf, { symbol, addend }: ElfRelocation): string {
  const name =
    (symbol.info & 15) === STT_SECTION ? `[${elf.sections[symbol.section]?.name}]` : symbol.name || `#${symbol.value}`;
  return `${name}+${addend}`;
}
