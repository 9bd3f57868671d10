// The data that the tool `inspect` of llvm.wasm prints about an object or a module (wasm/llvm/README.md).

/** A section of an object or an executable. */
export interface Section {
  /** Its number, which symbols and relocations refer to. */
  index: number;
  /** Its name, such as `.text`. */
  name: string;
  /** ELF's section type without `SHT_`; for other formats PROGBITS or NOBITS. */
  kind: string;
  /** readelf's letters, such as `AX` for code. */
  flags: string;
  /** Address at which it is loaded; 0 in an object. */
  address: number;
  /** Its size in bytes. */
  size: number;
  /** Its alignment in bytes. */
  align: number;
  /** Offset of its bytes in the file; null if the file has none for it (.bss). */
  offset: number | null;
}

/** A symbol of an object, an executable or a module. */
export interface CodeSymbol {
  /** Its name; that of C++ is mangled. */
  name: string;
  /** Its binding; `unique` is GNU's STB_GNU_UNIQUE, one definition in a process. */
  binding: 'local' | 'global' | 'weak' | 'unique';
  /** What it names. */
  type: 'function' | 'object' | 'tls' | 'section' | 'file' | 'common' | 'ifunc' | 'none' | 'other';
  /** Whether this file defines it; if not, the linker looks for it in other files. */
  defined: boolean;
  /** Index of its section; null if it is in none. Modules have no section, value and size. */
  section?: number | null;
  /** Its address; in an object, its offset in the section. */
  value?: number;
  /** Its size in bytes. In formats that do not record it: the distance to the next symbol. */
  size?: number;
  /**
   * For a module: the definition as LLVM IR, without the numbers of metadata and attributes, so that it can be
   * compared.
   */
  text?: string;
}

/** A relocation, in the notation of `llvm-objdump -r`. */
export interface Relocation {
  /** Index of the section that it changes. */
  section: number;
  /** Offset in that section, in bytes. */
  offset: number;
  /** Its type, as the object format calls it, such as `R_X86_64_PLT32`. */
  type: string;
  /** Symbol and addend. */
  value: string;
}

/** An instruction, or data between instructions. */
export interface CodeLine {
  /** Address; in an object, the offset in the section. */
  address: number;
  /** The bytes in hex, in the order of the file. */
  bytes?: string;
  /** The instruction as assembly; left out for data that has a symbol of its own. */
  text?: string;
  /** The disassembler's comment, such as what an address refers to. */
  comment?: string;
  /** true if `text` is a data directive and not an instruction. */
  data?: true;
  /** Number of bytes, if the line stands for a run of zero bytes. */
  zeros?: number;
  /** The relocations that change these bytes. */
  relocations?: { address: number; type: string; value: string }[];
}

/** Code from one symbol to the next. */
export interface CodeBlock {
  /** Index of its section. */
  section: number;
  /** Address of its first instruction. */
  address: number;
  /** Name of the symbol; empty if there is none. */
  name: string;
  /** Its lines, by address. */
  code: CodeLine[];
}

/** What is in an object, an executable or a module. */
export interface Contents {
  /** The format: LLVM's name for an object's format, such as `elf64-x86-64`; `bitcode`; or `ir`. */
  format: string;
  /** The triple, as far as the file says: an object does not record all of it. */
  triple: string;
  /** For a module: the name of its source file. */
  source?: string;
  /** The sections; left out for a module. */
  sections?: Section[];
  /** The symbols, in the order of the file. */
  symbols: CodeSymbol[];
  /** The relocations of an object. */
  relocations?: Relocation[];
  /** The disassembled code, if it was asked for; left out for a module. */
  disassembly?: CodeBlock[];
  /** For a module: its LLVM IR as text, instead of a disassembly, if it was asked for. */
  ir?: string;
}

/** Whether it is a module, which has no sections. */
export const isModule = ({ format }: Contents) => format === 'bitcode' || format === 'ir';
