// Maps the code of an object to source lines. It uses the assembly that was written in the same run, which tells more
// than the object: both have the same instructions of each function in the same order.
import type { CodeBlock, CodeLine, Contents } from '../inspect/contents.js';
import { disassemblyLines } from '../inspect/disassembly.js';
import { isCode } from './assembly.js';
import { type Listing, ListingWriter, type SourceLine } from './listing.js';

/** Whether an instruction is padding between blocks, which only the object contains. */
const isPadding = (text: string) => /^(data16\s+)*(cs\s+)?(nop\w*|xchgw\s+%ax, %ax|int3|udf)\b/.test(text.trim());

/** @param assembly the listing with all labels */
export function disassemblyListing(contents: Contents, assembly: Listing | undefined): Listing {
  const sources = assembly ? sourcesByFunction(assembly) : new Map<string, Instruction[]>();
  const from = new Map<CodeLine, SourceLine | undefined>();
  for (const block of contents.disassembly ?? []) matchBlock(block, sources.get(block.name) ?? [], from);
  const listing = new ListingWriter();
  const isDebug = debugSections(contents);
  for (const { text, block, code } of disassemblyLines(contents))
    if (!block || !isDebug(block.section)) listing.add(text, code && from.get(code));
  return listing.end();
}

/** Whether a section is only for debuggers. */
export function debugSections({ sections = [] }: Contents): (index: number | null | undefined) => boolean {
  const found = new Set(sections.filter(({ name }) => isDebugSection(name)).map(({ index }) => index));
  return (index) => index !== null && index !== undefined && found.has(index);
}

export const isDebugSection = (name: string): boolean => /^(\.rela?)?\.?z?_*debug_|^__DWARF/.test(name);

interface Instruction {
  isPadding: boolean;
  from: SourceLine | undefined;
}

function sourcesByFunction({ text, lines }: Listing): Map<string, Instruction[]> {
  const found = new Map<string, Instruction[]>();
  let into: Instruction[] = [];
  text.split('\n').forEach((line, at) => {
    const [, label] = /^("[^"]+"|[\w.$@?]+):/.exec(line) ?? [];
    if (label !== undefined && !/^\.?L(BB|tmp|func_|JTI|CPI|_)/.test(label)) {
      into = [];
      found.set(label.replace(/^"|"$/g, ''), into);
    } else if (isCode(line)) into.push({ isPadding: isPadding(line), from: lines[at] });
  });
  return found;
}

function matchBlock(block: CodeBlock, all: readonly Instruction[], from: Map<CodeLine, SourceLine | undefined>): void {
  const wanted = block.code.filter(({ text, data }) => text !== undefined && !data && !isPadding(text));
  const written = all.filter((instruction) => !instruction.isPadding);
  if (wanted.length !== written.length) return; // inline assembly, for example
  wanted.forEach((line, at) => {
    from.set(line, written[at]?.from);
  });
}
