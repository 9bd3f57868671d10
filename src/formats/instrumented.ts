// Finds what objects need at run time besides the C library. They are 64-bit ELF (System V ABI), COFF (PE format), or
// archives (ar(5)).
import { type Elf, readElf, type Section, SHT, section, sectionNames, sectionOf, textOf } from './elf.js';
import { objectKind } from './object.js';

/** The section of the counters (LLVM's InstrProfData.inc). */
const COUNTERS = '__llvm_prf_cnts';
const COFF_COUNTERS = '.lprfc$M';
/**
 * The prefix of the functions that code compiled with -fsanitize=undefined calls when a check fails, and the suffix of
 * those of the minimal library.
 */
const UBSAN_CALLS = '__ubsan_handle_';
const MINIMAL = /_minimal(_abort)?$/;
const ARCHIVE = '!<arch>\n';
const MEMBER_HEADER = 60;
const SHN_UNDEF = 0;

const text = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);

/** Whether an ELF or COFF object, or an archive with one, has LLVM's counters and so needs the profile runtime. */
export function isInstrumented(bytes: Uint8Array): boolean {
  return membersOf(bytes).some((member) => hasCoffCounters(member) || (readElf(member, hasCounters) ?? false));
}

/** How objects use UBSan's library. */
export interface UbsanUse {
  /** Which of the two libraries they call. */
  calls: 'full' | 'minimal' | undefined;
  /** Whether they define functions of it themselves, as kernels do. */
  brings: boolean;
}

/** How an ELF object, or an archive with one, uses UBSan's library. */
export function ubsanUse(bytes: Uint8Array): UbsanUse {
  const uses = membersOf(bytes).flatMap((member) => readElf(member, ubsanNames) ?? []);
  const called = uses.filter(({ isDefined }) => !isDefined);
  const isMinimal = called.length > 0 && called.every(({ name }) => MINIMAL.test(name));
  return {
    calls: called.length === 0 ? undefined : isMinimal ? 'minimal' : 'full',
    brings: uses.some(({ isDefined }) => isDefined),
  };
}

/** The members of an archive, up to the first error; a file that is not an archive is its only member. */
function membersOf(bytes: Uint8Array): Uint8Array[] {
  if (text(bytes.subarray(0, ARCHIVE.length)) !== ARCHIVE) return [bytes];
  const members: Uint8Array[] = [];
  for (let at = ARCHIVE.length; at + MEMBER_HEADER <= bytes.length; ) {
    const size = Number(text(bytes.subarray(at + 48, at + 58)).trim());
    if (!Number.isSafeInteger(size) || size < 0) break; // the linker reports the error
    const start = at + MEMBER_HEADER;
    members.push(bytes.subarray(start, start + size));
    at = start + size + (size % 2);
  }
  return members;
}

const hasCounters = (elf: Elf) => sectionNames(elf).includes(COUNTERS);

/** The names of UBSan's functions in the symbol table; a shared library may have only a dynamic one. */
function ubsanNames(elf: Elf): { name: string; isDefined: boolean }[] {
  const symbols = sectionOf(elf, SHT.symtab) ?? sectionOf(elf, SHT.dynsym);
  const names = symbols ? textOf(elf, section(elf, symbols.link)) : '';
  return symbols && names.includes(UBSAN_CALLS) ? namedSo(elf, symbols, names) : [];
}

function namedSo({ view }: Elf, symbols: Section, names: string) {
  const found: { name: string; isDefined: boolean }[] = [];
  for (let at = symbols.offset; at + 24 <= symbols.offset + symbols.length; at += 24) {
    const start = view.getUint32(at, true);
    if (!names.startsWith(UBSAN_CALLS, start)) continue;
    const name = names.slice(start, names.indexOf('\0', start));
    found.push({ name, isDefined: view.getUint16(at + 6, true) !== SHN_UNDEF });
  }
  return found;
}

/** Whether a COFF object has LLVM's counters. */
function hasCoffCounters(bytes: Uint8Array): boolean {
  if (objectKind(bytes)?.format !== 'COFF' || bytes.length < BIG_COFF_HEADER) return false;
  return coffSections(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)).includes(COFF_COUNTERS);
}

const COFF_HEADER = 20;
const BIG_COFF_HEADER = 56;
const COFF_SECTION = 40;

/**
 * The section names of a COFF object, of eight bytes each. An object with very many sections (/bigobj) has another
 * header.
 */
function coffSections(bytes: Uint8Array, view: DataView): string[] {
  const isBig = view.getUint32(0, true) === 0xffff0000;
  const start = isBig ? BIG_COFF_HEADER : COFF_HEADER + view.getUint16(16, true);
  const count = isBig ? view.getUint32(44, true) : view.getUint16(2, true);
  const end = Math.min(bytes.length, start + count * COFF_SECTION);
  const names: string[] = [];
  for (let at = start; at + COFF_SECTION <= end; at += COFF_SECTION) names.push(text(bytes.subarray(at, at + 8)));
  return names;
}
