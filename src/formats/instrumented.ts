// Whether objects were made to count: the System V ABI's ELF-64, the PE format's COFF, and ar(5).

import { objectKind } from './object.js';

/** The section of the counters (LLVM's InstrProfData.inc). */
const COUNTERS = '__llvm_prf_cnts';
const COFF_COUNTERS = '.lprfc$M';
const ARCHIVE = '!<arch>\n';
const MEMBER_HEADER = 60;
const ELF_MAGIC = 0x7f454c46;
const ELFCLASS64 = 2;
/** Section indices from here on stand in the first section header instead. */
const SHN_LORESERVE = 0xff00;

const text = (bytes: Uint8Array) => new TextDecoder('latin1').decode(bytes);

/** True for an object of ELF or COFF, or an archive with one, that has LLVM's counters: it links with the profile runtime. */
export function isInstrumented(bytes: Uint8Array): boolean {
  if (text(bytes.subarray(0, ARCHIVE.length)) !== ARCHIVE) return hasCounters(bytes);
  for (let at = ARCHIVE.length; at + MEMBER_HEADER <= bytes.length; ) {
    const size = Number(text(bytes.subarray(at + 48, at + 58)).trim());
    if (!Number.isSafeInteger(size) || size < 0) return false; // which the linker explains
    const start = at + MEMBER_HEADER;
    if (hasCounters(bytes.subarray(start, start + size))) return true;
    at = start + size + (size % 2);
  }
  return false;
}

function hasCounters(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (objectKind(bytes)?.format === 'COFF') return coffSections(bytes, view).includes(COFF_COUNTERS);
    if (view.getUint32(0) !== ELF_MAGIC || view.getUint8(4) !== ELFCLASS64) return false;
    const headers = Number(view.getBigUint64(0x28, true));
    const size = view.getUint16(0x3a, true);
    const index = view.getUint16(0x3e, true);
    const names = headers + size * (index < SHN_LORESERVE ? index : view.getUint32(headers + 40, true));
    const [offset, length] = [24, 32].map((field) => Number(view.getBigUint64(names + field, true))) as [
      number,
      number,
    ];
    return text(bytes.subarray(offset, offset + length)).includes(COUNTERS);
  } catch (error) {
    if (error instanceof RangeError) return false; // cut short, which the linker explains
    throw error;
  }
}

const COFF_HEADER = 20;
const BIG_COFF_HEADER = 56;
const COFF_SECTION = 40;

/** Names of sections, of eight bytes each; COFF with more sections than fit has another header. */
function coffSections(bytes: Uint8Array, view: DataView): string[] {
  const isBig = view.getUint32(0, true) === 0xffff0000;
  const start = isBig ? BIG_COFF_HEADER : COFF_HEADER + view.getUint16(16, true);
  const count = isBig ? view.getUint32(44, true) : view.getUint16(2, true);
  const end = Math.min(bytes.length, start + count * COFF_SECTION);
  const names: string[] = [];
  for (let at = start; at + COFF_SECTION <= end; at += COFF_SECTION) names.push(text(bytes.subarray(at, at + 8)));
  return names;
}
