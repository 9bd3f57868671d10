// What the program's `inspect` says of an object or a module (wasm/llvm/README.md).

export interface Section {
  /** The number that symbols and relocations name it by. */
  index: number;
  name: string;
  /** ELF's section type without `SHT_`; for other formats PROGBITS or NOBITS. */
  kind: string;
  /** readelf's letters, such as `AX` for code. */
  flags: string;
  address: number;
  /** In bytes. */
  size: number;
  align: number;
  /** Where its bytes lie in the file; null where it has none. */
  offset: number | null;
}

export interface CodeSymbol {
  name: string;
  binding: 'local' | 'global' | 'weak' | 'unique';
  type: 'function' | 'object' | 'tls' | 'section' | 'file' | 'common' | 'ifunc' | 'none' | 'other';
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
  /** The section that it changes, and where in it. */
  section: number;
  offset: number;
  type: string;
  /** CodeSymbol and addend. */
  value: string;
}

/** An instruction, or what stands between instructions. */
export interface CodeLine {
  address: number;
  /** In hex, as they lie in the file. */
  bytes?: string;
  /** As the assembler takes it; left out for data that has a symbol of its own. */
  text?: string;
  comment?: string;
  /** `text` is a directive for data. */
  data?: true;
  /** That many zero bytes, and nothing else. */
  zeros?: number;
  relocations?: { address: number; type: string; value: string }[];
}

/** Code from one symbol to the next. */
export interface CodeBlock {
  section: number;
  address: number;
  /** The symbol; '' where there is none. */
  name: string;
  code: CodeLine[];
}

/** What is in an object, an executable or a module. */
export interface Contents {
  /** LLVM's name of an object's format, such as `elf64-x86-64`; `bitcode`; or `ir`. */
  format: string;
  triple: string;
  /** Of a module: the name of its source. */
  source?: string;
  /** Of an object. */
  sections?: Section[];
  symbols: CodeSymbol[];
  relocations?: Relocation[];
  disassembly?: CodeBlock[];
  /** A module's text, which is its disassembly. */
  ir?: string;
}

/** For modules, which have no sections. */
export const isModule = ({ format }: Contents) => format === 'bitcode' || format === 'ir';
