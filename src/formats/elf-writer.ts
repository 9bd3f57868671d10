// Writes 64-bit little-endian ELF files (System V ABI, "Object Files").
import { joined } from '../text/bytes.js';
import { SHT } from './elf.js';

const [ET_REL, EM_X86_64, STB_GLOBAL] = [1, 62, 1];
/**
 * Sizes in bytes of the ELF header, and of one program header, section header, symbol, version definition, and dynamic
 * entry.
 */
export const SIZES = { header: 64, program: 56, section: 64, symbol: 24, version: 28, dynamic: 16 } as const;

/** Writes little-endian numbers one after another. */
export class Writer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.#view = new DataView(this.bytes.buffer);
  }

  u8(...values: number[]): this {
    for (const value of values) this.#view.setUint8(this.#at++, value);
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) {
      this.#view.setUint16(this.#at, value, true);
      this.#at += 2;
    }
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) {
      this.#view.setUint32(this.#at, value, true);
      this.#at += 4;
    }
    return this;
  }

  /** None of the values here needs more than 32 bits. */
  u64(...values: number[]): this {
    for (const value of values) this.u32(value, 0);
    return this;
  }
}

/** A string table; each string is in it once. */
export class Strings {
  readonly #chunks = [new Uint8Array(1)];
  #length = 1;
  readonly #at = new Map<string, number>([['', 0]]);

  /** Adds a string without a zero byte. @returns where it is in the table */
  add(text: string): number {
    const known = this.#at.get(text);
    if (known !== undefined) return known;
    const at = this.#length;
    const chunk = new TextEncoder().encode(`${text}\0`);
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    this.#at.set(text, at);
    return at;
  }

  bytes(): Uint8Array {
    return joined(this.#chunks);
  }
}

/**
 * Writes a relocatable object with undefined symbols and nothing else, so that LLVM's tools can be asked about names.
 * @param names in the order of the symbol table; none contains a zero byte
 */
export function undefinedSymbols(names: readonly string[]): Uint8Array {
  const strings = new Strings();
  const symbols = new Writer((names.length + 1) * SIZES.symbol).u64(0, 0, 0);
  for (const name of names) symbols.u32(strings.add(name), STB_GLOBAL << 4).u64(0, 0);
  const texts = strings.bytes();
  const sectionsAt = SIZES.header + symbols.bytes.length;
  const textsAt = sectionsAt + 3 * SIZES.section;

  const header = new Writer(SIZES.header).u8(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0).u64(0);
  // No entry point and no program headers.
  header.u16(ET_REL, EM_X86_64).u32(1).u64(0, 0, sectionsAt);
  // The names of sections are in the string table, too: all are empty.
  header.u32(0).u16(SIZES.header, 0, 0, SIZES.section, 3, 2);

  const sections = new Writer(3 * SIZES.section).u64(0, 0, 0, 0, 0, 0, 0, 0);
  // The first global symbol is 1.
  sections.u32(0, SHT.symtab).u64(0, 0, SIZES.header, symbols.bytes.length).u32(2, 1).u64(8, SIZES.symbol);
  sections.u32(0, SHT.strtab).u64(0, 0, textsAt, texts.length).u32(0, 0).u64(8, 0);
  return joined([header.bytes, symbols.bytes, sections.bytes, texts]);
}
