// Makes stub libraries: shared libraries without code, for the linker. They have the names of glibc's symbols, their
// versions, and the sizes of objects.
import { SIZES, Strings, Writer } from '../../formats/elf-writer.js';
import type { GlibcSymbol } from './symbols.js';

// Numbers of the System V ABI ("Object Files") and of glibc's elf.h.
const MACHINES = { x86_64: 62, aarch64: 183 } as const;
const SHT = { STRTAB: 3, DYNAMIC: 6, NOBITS: 8, DYNSYM: 11, VERDEF: 0x6ffffffd, VERSYM: 0x6fffffff } as const;
const FLAGS = { NONE: 0, ALLOC: 2, WRITABLE: 3, EXECUTABLE: 6 } as const;
const DT = {
  NULL: 0,
  STRTAB: 5,
  SYMTAB: 6,
  STRSZ: 10,
  SYMENT: 11,
  SONAME: 14,
  VERSYM: 0x6ffffff0,
  VERDEF: 0x6ffffffc,
  VERDEFNUM: 0x6ffffffd,
} as const;
const GLOBAL_FUNCTION = 0x12;
const GLOBAL_OBJECT = 0x11;
const PT_LOAD = 1;
/** As in libc.so.6, which has indirect functions (IFUNC); programs linked with it then have the same value. */
const ELFOSABI_GNU = 3;
const VER_FLG_BASE = 1;
/** In .gnu.version: not the version for new programs. */
const HIDDEN = 0x8000;
/** Alignment of glibc's largest objects. */
const MOST_ALIGNED = 32;
/** The address of functions and objects: beyond the content of the file, which is never loaded. */
const TEXT = 0x1000000;
const READ_ONLY = 0x2000000;
const WRITABLE = 0x3000000;

/** The hash of ELF's symbol tables. */
function elfHash(name: string): number {
  let hash = 0;
  for (let i = 0; i < name.length; i++) {
    hash = (hash * 16 + name.charCodeAt(i)) >>> 0;
    const high = hash & 0xf0000000;
    hash = (hash ^ (high >>> 24)) & 0x0fffffff;
  }
  return hash;
}

/**
 * Assigns an address to each object, and returns where the objects of both kinds end. Several names of one object get
 * the same address.
 */
function placeObjects(symbols: readonly GlibcSymbol[]) {
  const at = new Map<string, number>();
  const end = { readOnly: READ_ONLY, writable: WRITABLE };
  for (const { data } of symbols) {
    if (data === undefined || at.has(data.place)) continue;
    const kind = data.readOnly ? 'readOnly' : 'writable';
    let alignment = 1;
    while (alignment * 2 <= Math.min(data.size, MOST_ALIGNED)) alignment *= 2;
    const address = Math.ceil(end[kind] / alignment) * alignment;
    at.set(data.place, address);
    end[kind] = address + data.size;
  }
  return { at, end };
}

/** The section table, in order; the first section is the empty one. */
const SECTIONS = [
  '',
  '.dynsym',
  '.dynstr',
  '.gnu.version',
  '.gnu.version_d',
  '.dynamic',
  '.shstrtab',
  '.text',
  '.rodata',
  '.bss',
];
const section = (name: string) => SECTIONS.indexOf(name);

/**
 * Makes a stub library: programs can be linked against it, but it cannot be loaded.
 * @param soname the name under which programs then need the library
 * @param symbols its symbols; for each name at most one is the default
 */
export function stubLibrary(
  architecture: keyof typeof MACHINES,
  soname: string,
  symbols: readonly GlibcSymbol[],
): Uint8Array {
  const strings = new Strings();
  const { at, end } = placeObjects(symbols);
  // Index 0 is for local symbols, 1 for the library itself.
  const versions = [soname, ...new Set(symbols.map(({ version }) => `GLIBC_${version}`))];
  const indexOf = new Map(versions.map((version, i) => [version.slice('GLIBC_'.length), i + 1]));

  const dynsym = new Writer((symbols.length + 1) * SIZES.symbol).u64(0, 0, 0);
  const versym = new Writer((symbols.length + 1) * 2).u16(0);
  for (const { name, version, isDefault, data } of symbols) {
    dynsym.u32(strings.add(name)).u8(data ? GLOBAL_OBJECT : GLOBAL_FUNCTION, 0);
    dynsym.u16(section(data === undefined ? '.text' : data.readOnly ? '.rodata' : '.bss'));
    dynsym.u64(data ? (at.get(data.place) as number) : TEXT, data?.size ?? 0);
    versym.u16((indexOf.get(version) as number) | (isDefault ? 0 : HIDDEN));
  }
  const verdef = new Writer(versions.length * SIZES.version);
  for (const [i, name] of versions.entries()) {
    const next = i === versions.length - 1 ? 0 : SIZES.version;
    // One definition with one name.
    verdef.u16(1, i === 0 ? VER_FLG_BASE : 0, i + 1, 1).u32(elfHash(name), 20, next, strings.add(name), 0);
  }
  const nameOfLibrary = strings.add(soname);
  const dynstr = strings.bytes();

  const sectionNames = new Strings();
  for (const name of SECTIONS) sectionNames.add(name);
  const dynamic = new Writer(9 * SIZES.dynamic);
  const contents = [dynsym.bytes, dynstr, versym.bytes, verdef.bytes, dynamic.bytes, sectionNames.bytes()];
  const places: number[] = [];
  let length: number = SIZES.header + 3 * SIZES.program;
  for (const bytes of contents) {
    places.push(length);
    length = Math.ceil((length + bytes.length) / 8) * 8;
  }
  const [symbolsAt, stringsAt, versionsAt, definitionsAt] = places as [number, number, number, number];
  dynamic.u64(DT.SONAME, nameOfLibrary, DT.STRTAB, stringsAt, DT.STRSZ, dynstr.length, DT.SYMTAB, symbolsAt);
  dynamic.u64(DT.SYMENT, SIZES.symbol, DT.VERSYM, versionsAt, DT.VERDEF, definitionsAt);
  dynamic.u64(DT.VERDEFNUM, versions.length, DT.NULL, 0);

  const header = new Writer(SIZES.header + 3 * SIZES.program);
  header.u8(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, ELFOSABI_GNU).u64(0);
  // ET_DYN; no entry point; program headers and section headers.
  header.u16(3, MACHINES[architecture]).u32(1).u64(0, SIZES.header, length);
  header.u32(0).u16(SIZES.header, SIZES.program, 3, SIZES.section, SECTIONS.length, section('.shstrtab'));
  // From the permissions of these segments the linker knows which objects are constants.
  header.u32(PT_LOAD, 5).u64(0, 0, 0, length, TEXT + 16, 0x1000);
  header.u32(PT_LOAD, 4).u64(0, READ_ONLY, READ_ONLY, 0, end.readOnly - READ_ONLY, 0x1000);
  header.u32(PT_LOAD, 6).u64(0, WRITABLE, WRITABLE, 0, end.writable - WRITABLE, 0x1000);

  const table = new Writer(SECTIONS.length * SIZES.section).u64(0, 0, 0, 0, 0, 0, 0, 0);
  const inFile = (
    name: string,
    type: number,
    flags: number,
    link: string,
    info: number,
    alignment: number,
    entry: number,
  ) => {
    const [i, place, size] = [
      section(name),
      places[section(name) - 1] as number,
      contents[section(name) - 1]?.length ?? 0,
    ];
    table.u32(sectionNames.add(SECTIONS[i] as string), type).u64(flags, flags === FLAGS.NONE ? 0 : place, place, size);
    table.u32(section(link), info).u64(alignment, entry);
  };
  const inMemory = (name: string, flags: number, address: number, size: number) =>
    table.u32(sectionNames.add(name), SHT.NOBITS).u64(flags, address, length, size).u32(0, 0).u64(MOST_ALIGNED, 0);
  inFile('.dynsym', SHT.DYNSYM, FLAGS.ALLOC, '.dynstr', 1, 8, SIZES.symbol);
  inFile('.dynstr', SHT.STRTAB, FLAGS.ALLOC, '', 0, 1, 0);
  inFile('.gnu.version', SHT.VERSYM, FLAGS.ALLOC, '.dynsym', 0, 2, 2);
  inFile('.gnu.version_d', SHT.VERDEF, FLAGS.ALLOC, '.dynstr', versions.length, 8, 0);
  inFile('.dynamic', SHT.DYNAMIC, FLAGS.WRITABLE, '.dynstr', 0, 8, SIZES.dynamic);
  inFile('.shstrtab', SHT.STRTAB, FLAGS.NONE, '', 0, 1, 0);
  inMemory('.text', FLAGS.EXECUTABLE, TEXT, 16);
  inMemory('.rodata', FLAGS.ALLOC, READ_ONLY, end.readOnly - READ_ONLY);
  inMemory('.bss', FLAGS.WRITABLE, WRITABLE, end.writable - WRITABLE);

  const file = new Uint8Array(length + table.bytes.length);
  file.set(header.bytes);
  for (const [i, bytes] of contents.entries()) file.set(bytes, places[i] as number);
  file.set(table.bytes, length);
  return file;
}
