// What the program's `inspect` says of an object or a module (wasm/llvm/README.md).

/** A section of an object or an executable. */
export interface Section {
  /** The number that symbols and relocations name it by. */
  index: number;
  /** As the file has it, such as `.text`. */
  name: string;
  /** ELF's section type without `SHT_`; for other formats PROGBITS or NOBITS. */
  kind: string;
  /** readelf's letters, such as `AX` for code. */
  flags: string;
  /** Where it is loaded; 0 in an object. */
  address: number;
  /** In bytes. */
  size: number;
  /** In bytes. */
  align: number;
  /** Where its bytes lie in the file; null where it has none. */
  offset: number | null;
}

/** A symbol of an object, an executable or a module. */
export interface CodeSymbol {
  /** As the file has it, mangled where it is of C++. */
  name: string;
  /** Who sees it; `unique` is GNU's, one in a process. */
  binding: 'local' | 'global' | 'weak' | 'unique';
  /** What it names. */
  type: 'function' | 'object' | 'tls' | 'section' | 'file' | 'common' | 'ifunc' | 'none' | 'other';
  /** false: the linker looks for it elsewhere. */
  defined: boolean;
  /** Index of its section; null where it is in none. Left out for modules, as are the next two. */
  section?: number | null;
  /** Its address: in an object, from the section's start. */
  value?: number;
  /** In bytes. Formats that do not say it: up to the next symbol. */
  size?: number;
  /** The definition in a module, for comparisons: without the numbers of metadata and attributes. */
  text?: string;
}

/** A relocation, as `llvm-objdump -r` words it. */
export interface Relocation {
  /** Index of the section that it changes. */
  section: number;
  /** Where in that section, in bytes. */
  offset: number;
  /** As the format calls it, such as `R_X86_64_PLT32`. */
  type: string;
  /** Symbol and addend. */
  value: string;
}

/** An instruction, or what stands between instructions. */
export interface CodeLine {
  /** In an object, from the start of its section. */
  address: number;
  /** In hex, as they lie in the file. */
  bytes?: string;
  /** As the assembler takes it; left out for data that has a symbol of its own. */
  text?: string;
  /** What the disassembler says of it, such as what an address means. */
  comment?: string;
  /** `text` is a directive for data. */
  data?: true;
  /** That many zero bytes, and nothing else. */
  zeros?: number;
  /** Those that change these bytes. */
  relocations?: { address: number; type: string; value: string }[];
}

/** Code from one symbol to the next. */
export interface CodeBlock {
  /** Index of its section. */
  section: number;
  /** Of its first instruction. */
  address: number;
  /** The symbol; '' where there is none. */
  name: string;
  /** In the order of addresses. */
  code: CodeLine[];
}

/** What is in an object, an executable or a module. */
export interface Contents {
  /** LLVM's name of an object's format, such as `elf64-x86-64`; `bitcode`; or `ir`. */
  format: string;
  /** As far as the file names it: objects do not name all of a triple. */
  triple: string;
  /** Of a module: the name of its source. */
  source?: string;
  /** Of an object. */
  sections?: Section[];
  /** In the order of the file. */
  symbols: CodeSymbol[];
  /** Of an object. */
  relocations?: Relocation[];
  /** Of an object or an executable, where it was asked for. */
  disassembly?: CodeBlock[];
  /** A module's text, which is its disassembly. */
  ir?: string;
}

/** For modules, which have no sections. */
export const isModule = ({ format }: Contents) => format === 'bitcode' || format === 'ir';
