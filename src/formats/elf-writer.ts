// Writes 64-bit little-endian ELF files (System V ABI, "Object Files").
import { SHT } from './elf.js';

const HEADER = 64;
const SECTION = 64;
const SYMBOL = 24;
const [ET_REL, EM_X86_64, STB_GLOBAL] = [1, 62, 1];
const STRTAB = 3;

/**
 * Writes a relocatable object with undefined symbols and nothing else, so that LLVM's tools can be asked about names.
 * @param names in the order of the symbol table; none contains a zero byte
 */
export function undefinedSymbols(names: readonly string[]): Uint8Array {
  const strings = new TextEncoder().encode(`\0${names.map((name) => `${name}\0`).join('')}`);
  const symbols = { offset: HEADER, length: SYMBOL * (names.length + 1) };
  const sections = symbols.offset + symbols.length;
  const texts = { offset: sections + 3 * SECTION, length: strings.length };
  const bytes = new Uint8Array(texts.offset + texts.length);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // magic, 64-bit, little-endian, version 1
  bytes.set(strings, texts.offset);
  const view = new DataView(bytes.buffer);
  const u16 = (at: number, value: number) => view.setUint16(at, value, true);
  const u32 = (at: number, value: number) => view.setUint32(at, value, true);
  u16(16, ET_REL);
  u16(18, EM_X86_64);
  u32(20, 1);
  u32(40, sections);
  u16(52, HEADER);
  u16(58, SECTION);
  u16(60, 3);
  u16(62, 2); // the names of sections are in .strtab, too: all are empty
  for (let index = 1, name = 1; index <= names.length; index++) {
    const at = symbols.offset + SYMBOL * index;
    u32(at, name);
    view.setUint8(at + 4, STB_GLOBAL << 4);
    name = strings.indexOf(0, name) + 1;
  }
  // Section 0 is empty. The first global symbol is 1.
  for (const [index, type, { offset, length }, link, info, entry] of [
    [1, SHT.symtab, symbols, 2, 1, SYMBOL],
    [2, STRTAB, texts, 0, 0, 0],
  ] as const) {
    const at = sections + SECTION * index;
    u32(at + 4, type);
    u32(at + 24, offset);
    u32(at + 32, length);
    u32(at + 40, link);
    u32(at + 44, info);
    u32(at + 48, 8);
    u32(at + 56, entry);
  }
  return bytes;
}
