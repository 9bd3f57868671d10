// Reads the table of glibc's symbols, and selects those of one version. wasm/sysroot/glibc/README.md says how it is
// made.
import { atLeast } from '../../targets/glibc-versions.js';

/** A symbol of a shared library, in one version. */
export interface GlibcSymbol {
  name: string;
  /** The version without 'GLIBC_', such as '2.2.5'. */
  version: string;
  /** Whether new programs are linked against this version; the others are only for programs that name one. */
  isDefault: boolean;
  /** For an object: its size and place; undefined for a function. Several names of one object have the same place. */
  data: SymbolData | undefined;
}

interface SymbolData {
  /** In bytes. */
  size: number;
  place: string;
  readOnly: boolean;
}

/** Symbols with the same history. */
interface Group {
  version: string;
  /** The first version of glibc that has them in this library. */
  from: string;
  /** The first version of glibc that no longer has them. */
  to: string | undefined;
  /** The first version of glibc in which new programs cannot use them. */
  old: string | undefined;
  /** Lines of the table: a name, and for an object its size and place. */
  lines: string[];
}

/** All libraries of one architecture, by the name that programs need. */
export type SymbolTable = ReadonlyMap<string, readonly Group[]>;

/** @param text the table of one architecture */
export function readSymbolTable(text: string): SymbolTable {
  const table = new Map<string, Group[]>();
  let groups: Group[] = [];
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    const first = line.charCodeAt(0);
    if (first >= 0x30 && first <= 0x39) {
      const [version = '', ...rest] = line.split(' ');
      const { from = version, to, old } = Object.fromEntries(rest.map((word) => word.split('=')));
      lines = [];
      groups.push({ version, from, to, old, lines });
    } else if (line.startsWith('[')) {
      groups = [];
      table.set(line.slice(1, -1), groups);
    } else if (line !== '' && !line.startsWith('#')) lines.push(line);
  }
  return table;
}

/** The symbols of a library in a version of glibc; empty if that version has no such library. */
export function symbolsOf(table: SymbolTable, library: string, glibc: string): GlibcSymbol[] {
  const groups = (table.get(library) ?? []).filter(
    ({ from, to }) => atLeast(glibc, from) && (to === undefined || !atLeast(glibc, to)),
  );
  const symbols: GlibcSymbol[] = [];
  const latest = new Map<string, GlibcSymbol>();
  // The table is ordered by version, so later entries are newer.
  for (const { version, old, lines } of groups) {
    const isDefault = old === undefined || !atLeast(glibc, old);
    for (const line of lines) {
      const symbol = readSymbol(line, version, isDefault);
      const earlier = latest.get(symbol.name);
      if (earlier) earlier.isDefault = false;
      latest.set(symbol.name, symbol);
      symbols.push(symbol);
    }
  }
  return symbols;
}

function readSymbol(line: string, version: string, isDefault: boolean): GlibcSymbol {
  if (!line.includes(' ')) return { name: line, version, isDefault, data: undefined };
  const [name = '', size = '', place = ''] = line.split(' ');
  return { name, version, isDefault, data: { size: Number(size), place, readOnly: place.startsWith('r') } };
}
