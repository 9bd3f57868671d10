// Finds where two versions of a file differ: the section, and in it the symbol.
import { type CodeLine, type CodeSymbol, type Contents, isModule, type Relocation, type Section } from './contents.js';

/** A file's bytes and its parsed contents. */
export interface Side {
  bytes: Uint8Array;
  contents: Contents;
}

/** Where two versions of a file differ. */
export interface ContentDifference {
  /** Names of the sections that differ, in the order of the first file. */
  sections: string[];
  /** Functions and variables that differ or that only one file has, ordered by section and address. */
  symbols: string[];
  /** The first difference. */
  first: {
    section?: string;
    symbol?: string;
    /** Offset in bytes: in the symbol if there is one, else in the section, else in the file. */
    offset?: number;
    /** What each file has there: an instruction, a relocation, bytes in hex, or a description. */
    a: string;
    b: string;
  };
}

type First = ContentDifference['first'];

/** Sections that only describe others, which are compared themselves: symbol tables, string tables, relocations. */
const DERIVED = /^(SYMTAB|STRTAB|RELA?|CREL|NULL|SYMTAB_SHNDX|LLVM_ADDRSIG)$/;
const SHOWN_BYTES = 8;

const toHex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');

/** The first index at which two byte arrays differ; undefined if they are equal. */
export function firstByte(a: Uint8Array, b: Uint8Array): number | undefined {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return i;
  return a.length === b.length ? undefined : length;
}

const shown = (bytes: Uint8Array, at: number) => toHex(bytes.subarray(at, at + SHOWN_BYTES)) || 'the end';

/** Some bytes, and the relocations in them, by offset. */
interface Piece {
  bytes: Uint8Array;
  relocations: { offset: number; text: string }[];
}

/** The first difference of two pieces. */
function diffPieces(a: Piece, b: Piece): First | undefined {
  const byte = firstByte(a.bytes, b.bytes);
  const index = a.relocations.findIndex((relocation, i) => {
    const other = b.relocations[i];
    return other?.offset !== relocation.offset || other.text !== relocation.text;
  });
  const at = index < 0 && b.relocations.length > a.relocations.length ? a.relocations.length : index;
  const offsets = [a.relocations[at]?.offset, b.relocations[at]?.offset].filter((offset) => offset !== undefined);
  const relocation = at < 0 ? undefined : Math.min(...offsets);
  if (byte === undefined && relocation === undefined) return undefined;
  if (relocation === undefined || (byte !== undefined && byte < relocation)) {
    const offset = byte as number;
    return { offset, a: shown(a.bytes, offset), b: shown(b.bytes, offset) };
  }
  const text = ({ relocations }: Piece) =>
    relocations.find(({ offset }, i) => i >= at && offset === relocation)?.text ?? 'no relocation';
  return { offset: relocation, a: text(a), b: text(b) };
}

class Reader {
  readonly #relocations = new Map<number, Relocation[]>();

  constructor(readonly side: Side) {
    for (const relocation of side.contents.relocations ?? []) {
      const list = this.#relocations.get(relocation.section) ?? [];
      list.push(relocation);
      this.#relocations.set(relocation.section, list);
    }
  }

  /** The sections that are compared. The key is the name and the number of earlier sections of that name. */
  sections(): Map<string, Section> {
    const seen = new Map<string, number>();
    const sections = (this.side.contents.sections ?? []).filter(({ kind }) => !DERIVED.test(kind));
    return new Map(
      sections.map((section) => {
        const count = seen.get(section.name) ?? 0;
        seen.set(section.name, count + 1);
        return [`${section.name}\0${count}`, section] as const;
      }),
    );
  }

  /** A part of a section. In a linked file, relocations have addresses instead of offsets in the section. */
  piece(section: Section, start = 0, size = section.size): Piece {
    const from = section.offset === null ? 0 : section.offset + start;
    const relocations = (this.#relocations.get(section.index) ?? [])
      .map(({ offset, type, value }) => ({
        offset: offset - (offset >= section.address ? section.address : 0) - start,
        text: `${type} ${value}`,
      }))
      .filter(({ offset }) => offset >= 0 && offset < size);
    const bytes = section.offset === null ? new Uint8Array(0) : this.side.bytes.subarray(from, from + size);
    return { bytes, relocations };
  }

  /** The symbols that a section defines, by address. Labels inside functions have no size and are left out. */
  symbolsIn(section: Section): Map<string, CodeSymbol> {
    const here = this.side.contents.symbols.filter(
      (symbol) =>
        symbol.section === section.index && symbol.size && /^(function|object|tls|ifunc|none)$/.test(symbol.type),
    );
    const sorted = here.sort((a, b) => (a.value ?? 0) - (b.value ?? 0));
    return new Map(sorted.map((symbol) => [symbol.name, symbol]));
  }

  symbol(section: Section, symbol: CodeSymbol): Piece {
    return this.piece(section, (symbol.value ?? 0) - section.address, symbol.size);
  }
}

/** The differences of a section that both files have. */
function diffSection(a: Reader, b: Reader, x: Section, y: Section): { symbols: string[]; first: First } | undefined {
  const properties = (['kind', 'flags', 'align'] as const).filter((key) => x[key] !== y[key]);
  const whole = diffPieces(a.piece(x), b.piece(y));
  if (!whole && properties.length === 0 && x.size === y.size) return undefined;
  const section = x.name;
  const mine = a.symbolsIn(x);
  const theirs = b.symbolsIn(y);
  const symbols: string[] = [];
  let first: First | undefined;
  for (const [name, symbol] of mine) {
    const other = theirs.get(name);
    const difference = other
      ? diffPieces(a.symbol(x, symbol), b.symbol(y, other))
      : { offset: 0, a: `${symbol.size} bytes`, b: 'not there' };
    if (!difference) continue;
    symbols.push(name);
    first ??= { section, symbol: name, ...difference };
  }
  for (const [name, symbol] of theirs) {
    if (mine.has(name)) continue;
    symbols.push(name);
    first ??= { section, symbol: name, offset: 0, a: 'not there', b: `${symbol.size} bytes` };
  }
  const words = (side: Section) => properties.map((key) => `${key} ${side[key]}`).join(', ') || `${side.size} bytes`;
  return { symbols, first: first ?? { section, ...(whole ?? { a: words(x), b: words(y) }) } };
}

/** Compares objects or programs. */
function diffObjects(a: Side, b: Side): ContentDifference {
  const [one, two] = [new Reader(a), new Reader(b)];
  const [mine, theirs] = [one.sections(), two.sections()];
  const difference = { sections: [] as string[], symbols: [] as string[] };
  let first: First | undefined;
  for (const [key, section] of mine) {
    const other = theirs.get(key);
    const found = other
      ? diffSection(one, two, section, other)
      : { symbols: [], first: { section: section.name, a: `${section.size} bytes`, b: 'not there' } };
    if (!found) continue;
    difference.sections.push(section.name);
    difference.symbols.push(...found.symbols);
    first ??= found.first;
  }
  for (const [key, section] of theirs) {
    if (mine.has(key)) continue;
    difference.sections.push(section.name);
    first ??= { section: section.name, a: 'not there', b: `${section.size} bytes` };
  }
  return { ...difference, first: first ?? diffSymbolTables(a, b) };
}

/** Compares what is not in sections: symbols, and the headers of the format. */
function diffSymbolTables(a: Side, b: Side): First {
  const words = (symbol: CodeSymbol | undefined) =>
    symbol ? `${symbol.binding} ${symbol.type}${symbol.defined ? '' : ', undefined'}` : 'not there';
  const [mine, theirs] = [a, b].map(({ contents }) => contents.symbols) as [CodeSymbol[], CodeSymbol[]];
  const at = mine.findIndex((symbol, i) => JSON.stringify(symbol) !== JSON.stringify(theirs[i]));
  const index = at < 0 && theirs.length > mine.length ? mine.length : at;
  const [x, y] = [mine[index], theirs[index]];
  if (index >= 0 && x?.name === y?.name && words(x) !== words(y))
    return { symbol: x?.name ?? '', a: words(x), b: words(y) };
  if (index >= 0) return { section: 'the symbol table', a: x?.name ?? 'the end', b: y?.name ?? 'the end' };
  return diffBytes(a.bytes, b.bytes);
}

/** Compares files of unknown content. */
export function diffBytes(a: Uint8Array, b: Uint8Array): First {
  const offset = firstByte(a, b) ?? 0;
  return { offset, a: shown(a, offset), b: shown(b, offset) };
}

/** Compares two texts line by line. @returns the first line that differs */
export function diffLines(a: string, b: string): { line: number; a: string; b: string } {
  const [mine, theirs] = [a.split('\n'), b.split('\n')];
  const at = mine.findIndex((line, i) => line !== theirs[i]);
  const line = at < 0 ? mine.length : at;
  const words = (lines: string[]) => lines[line]?.trim() ?? 'the end';
  return { line: line + 1, a: words(mine), b: words(theirs) };
}

/** Compares modules by the text of their definitions. */
function diffModules(a: Side, b: Side): ContentDifference {
  const [mine, theirs] = [a, b].map(({ contents }) => new Map(contents.symbols.map((s) => [s.name, s]))) as [
    Map<string, CodeSymbol>,
    Map<string, CodeSymbol>,
  ];
  const words = (symbol: CodeSymbol | undefined) =>
    symbol ? `${symbol.binding} ${symbol.type}, ${symbol.defined ? 'defined' : 'declared'}` : 'not there';
  const isSame = (x: CodeSymbol | undefined, y: CodeSymbol | undefined) => words(x) === words(y) && x?.text === y?.text;
  const symbols = [...new Set([...mine.keys(), ...theirs.keys()])].filter(
    (name) => !isSame(mine.get(name), theirs.get(name)),
  );
  const [name] = symbols;
  if (name === undefined) {
    const section = 'metadata, attributes or layout of the module';
    return { sections: [], symbols, first: { section, ...diffBytes(a.bytes, b.bytes) } };
  }
  const [x, y] = [mine.get(name), theirs.get(name)];
  if (words(x) !== words(y)) return { sections: [], symbols, first: { symbol: name, a: words(x), b: words(y) } };
  const { line: _, ...lines } = diffLines(x?.text ?? '', y?.text ?? '');
  return { sections: [], symbols, first: { symbol: name, ...lines } };
}

/** Finds where two versions of a file differ. The files must not be equal. */
export function diffContents(a: Side, b: Side): ContentDifference {
  for (const key of ['format', 'triple'] as const)
    if (a.contents[key] !== b.contents[key])
      return { sections: [], symbols: [], first: { section: `the ${key}`, a: a.contents[key], b: b.contents[key] } };
  return isModule(a.contents) ? diffModules(a, b) : diffObjects(a, b);
}

/** The instruction that contains a byte of a symbol, with its relocations. */
function instructionAt(contents: Contents, { section, symbol }: First, offset: number): string | undefined {
  const index = contents.sections?.find(({ name }) => name === section)?.index;
  const place = contents.symbols.find((s) => s.name === symbol && s.defined);
  const address = (place?.value ?? 0) + offset;
  const holds = ({ address: at, bytes = '' }: CodeLine) => at <= address && address < at + bytes.length / 2;
  const blocks = (contents.disassembly ?? []).filter((block) => block.section === (place?.section ?? index));
  const line = blocks.flatMap(({ code }) => code).find(holds);
  if (line?.text === undefined) return undefined;
  const relocations = (line.relocations ?? []).map(({ type, value }) => ` (${type} ${value})`);
  return line.text.replaceAll('\t', ' ') + relocations.join('');
}

/** Replaces bytes in a difference by instructions, if both files were disassembled. */
export function withInstructions(difference: ContentDifference, a: Contents, b: Contents): ContentDifference {
  const { first } = difference;
  if (first.symbol === undefined || first.offset === undefined) return difference;
  const one = instructionAt(a, first, first.offset);
  const two = instructionAt(b, first, first.offset);
  if (one === undefined || two === undefined || one === two) return difference;
  return { ...difference, first: { ...first, a: one, b: two } };
}
