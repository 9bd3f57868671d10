// Finds out which C library a Linux shared library is for.
import { type Elf, readElf, type Section, SHT, section, sectionOf, textOf } from './elf.js';

const DT_NEEDED = 1;
/** Size of an entry of the dynamic section: tag and value. */
const ENTRY = 16;

/** Names of glibc's libraries and its loader. */
const GLIBC = /^(lib(c|m|pthread|dl|rt|util|resolv)\.so\.\d+|ld-linux-.*|ld64\.so\.\d+)$/;
const MUSL = /^(libc\.so|(libc\.musl|ld-musl)-.*)$/;
/** Symbols of glibc have versions with this prefix. */
const GLIBC_VERSION = /\0GLIBC_\d/;

/** The C library of a shared library. @returns undefined if it is not a shared library, or if that is unknown */
export function libcOf(bytes: Uint8Array): 'musl' | 'glibc' | undefined {
  return readElf(bytes, (elf) => {
    const dynamic = sectionOf(elf, SHT.dynamic);
    if (!dynamic) return undefined;
    const names = textOf(elf, section(elf, dynamic.link));
    const needed = neededBy(elf, dynamic, names);
    if (GLIBC_VERSION.test(names) || needed.some((name) => GLIBC.test(name))) return 'glibc';
    return needed.some((name) => MUSL.test(name)) ? 'musl' : undefined;
  });
}

/** The libraries that it needs (DT_NEEDED). */
function neededBy({ view }: Elf, { offset, length }: Section, names: string): string[] {
  const needed: string[] = [];
  for (let at = offset; at + ENTRY <= offset + length; at += ENTRY) {
    if (view.getBigUint64(at, true) !== BigInt(DT_NEEDED)) continue;
    const start = Number(view.getBigUint64(at + 8, true));
    needed.push(names.slice(start, names.indexOf('\0', start)));
  }
  return needed;
}
