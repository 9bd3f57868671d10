// Reads the sections of 64-bit little-endian ELF files (System V ABI, "Object Files"; gABI, "Symbol Versioning").

const ELF_MAGIC = 0x7f454c46;
const ELFCLASS64 = 2;
/** Section indices from this value on are stored in the first section header instead. */
const SHN_LORESERVE = 0xff00;

/** Section types (sh_type). */
export const SHT = { symtab: 2, strtab: 3, dynamic: 6, dynsym: 11, gnuVersym: 0x6fffffff } as const;

/** An ELF file, and the place of its section headers. */
export interface Elf {
  bytes: Uint8Array;
  view: DataView;
  headers: number;
  size: number;
}

/** A section header: sh_type, offset and size, and sh_link. */
export interface Section {
  type: number;
  offset: number;
  length: number;
  link: number;
}

/** Reads something from an ELF file; undefined if it is not one, or is cut off, which the linker then reports. */
export function readElf<T>(bytes: Uint8Array, read: (elf: Elf) => T): T | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (view.getUint32(0) !== ELF_MAGIC || view.getUint8(4) !== ELFCLASS64) return undefined;
    return read({ bytes, view, headers: Number(view.getBigUint64(0x28, true)), size: view.getUint16(0x3a, true) });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

export function section({ view, headers, size }: Elf, index: number): Section {
  const at = headers + size * index;
  const [offset, length] = [24, 32].map((field) => Number(view.getBigUint64(at + field, true))) as [number, number];
  return { type: view.getUint32(at + 4, true), offset, length, link: view.getUint32(at + 40, true) };
}

/** The first section of a type. */
export function sectionOf(elf: Elf, type: number): Section | undefined {
  const count = elf.view.getUint16(0x3c, true) || (elf.headers === 0 ? 0 : section(elf, 0).length);
  for (let index = 0; index < count; index++) {
    const found = section(elf, index);
    if (found.type === type) return found;
  }
  return undefined;
}

/** The section name string table, in which each name ends with a zero byte. */
export function sectionNames(elf: Elf): string {
  const index = elf.view.getUint16(0x3e, true);
  return textOf(elf, section(elf, index < SHN_LORESERVE ? index : section(elf, 0).link));
}

/** A section as text, one character for each byte. */
export function textOf({ bytes }: Elf, { offset, length }: Section): string {
  return new TextDecoder('latin1').decode(bytes.subarray(offset, offset + length));
}
