// Compares two objects that should be the same.
import { type Elf, type ElfRelocation, type ElfSection, readElf, STT_FUNC, targetOf } from './elf.js';

const SHT_RELA = 4;
/** Debug information names its compiler; art's and the native one are two builds of clang 22. */
const PRODUCER = /(?:Debian )?clang version 22[^\0]*/;

/** The producers differ in length, so offsets into the string table differ: a reference is compared by its string. */
function relocationText(elf: Elf, relocation: ElfRelocation): string {
  const { offset, type, symbol, addend } = relocation;
  const strings = elf.sections[symbol.section];
  if (strings?.name !== '.debug_str') return `${offset} ${type} ${targetOf(elf, relocation)}`;
  const end = strings.bytes.indexOf(0, Number(addend));
  return `${offset} ${type} ${strings.bytes.toString('utf8', Number(addend), end).replace(PRODUCER, 'clang')}`;
}

function contents({ name, bytes }: ElfSection): string {
  return name === '.debug_str' ? bytes.toString('latin1').replace(PRODUCER, 'clang') : bytes.toString('latin1');
}

function sectionDifference(a: Elf, b: Elf, x: ElfSection, y: ElfSection): string | undefined {
  if (x.name !== y.name) return `section ${x.index} is ${x.name}, expected ${y.name}`;
  if (x.type !== y.type || x.flags !== y.flags || x.alignment !== y.alignment) return `${x.name}: header`;
  // Relocations are compared as text, with the section they apply to.
  if (x.type !== SHT_RELA && contents(x) !== contents(y)) return `${x.name}: ${x.size} bytes, expected ${y.size}`;
  const relocations = (elf: Elf, s: ElfSection) => s.relocations.map((r) => relocationText(elf, r)).join('\n');
  return relocations(a, x) === relocations(b, y) ? undefined : `${x.name}: relocations`;
}

/** The differences between two objects, section by section, including symbols, except `.comment`. */
export function differences(ours: Uint8Array, theirs: Uint8Array): string[] {
  const a = readElf(ours);
  const b = readElf(theirs);
  if (a.sections.length !== b.sections.length) {
    const names = (elf: Elf) => elf.sections.map((s) => s.name);
    return [`sections ${names(a).join(' ')}, expected ${names(b).join(' ')}`];
  }
  return a.sections.flatMap((x, i) =>
    x.name === '.comment' ? [] : (sectionDifference(a, b, x, b.sections[i] as ElfSection) ?? []),
  );
}

/** Functions by name: their code and relocations as text. */
export function functions(object: Uint8Array): Map<string, string> {
  const elf = readElf(object);
  const found = new Map<string, string>();
  for (const symbol of elf.symbols) {
    const section = elf.sections[symbol.section];
    if ((symbol.info & 15) !== STT_FUNC || !section) continue;
    const end = symbol.value + symbol.size;
    const relocations = section.relocations
      .filter((r) => r.offset >= symbol.value && r.offset < end)
      .map((r) => `${r.offset - symbol.value} ${r.type} ${targetOf(elf, r)}`);
    found.set(symbol.name, `${section.bytes.toString('latin1', symbol.value, end)}\n${relocations.join('\n')}`);
  }
  return found;
}
