// Reads assembly that LLVM printed with line tables (-g1), and removes what is only for debuggers.
import { type Listing, ListingWriter, projectFile, type SourceLine } from './listing.js';

const FILE = /^\s*\.file\s+(\d+)\s+"((?:[^"\\]|\\.)*)"(?:\s+"((?:[^"\\]|\\.)*)")?/;
const LOC = /^\s*\.loc\s+(\d+)\s+(\d+)/;
const SECTION = /^\s*\.section\s+([^\s,]+)/;
/** Directives that say which section the next lines go to. */
const ANY_SECTION = /^\s*\.(section|text|data|bss|pushsection|popsection|previous)\b/;
const DEBUG_SECTION = /^\.?(debug_|zdebug_)|^__DWARF/;
const FUNCTION_END = /^\s*(\.cfi_endproc|\.seh_endproc|end_function|\.size)\b/;
/**
 * Labels that only line tables and ranges use. LLVM gives numbered labels of the same names other uses too; those are
 * kept.
 */
const DEBUG_LABEL = /^(\.?L(?:func_begin|func_end|tmp|debug_\w+|cfi_sections)\d*):/;
const LABEL_NAME = /\.?L(?:func_begin|func_end|tmp)\d+/g;

/** @param keepsDebug keeps what is for debuggers, if the user asked for it with -g */
export function assemblyListing(text: string, keepsDebug = false): Listing {
  const all = text.replace(/\n$/, '').split('\n');
  const kept = keepsDebug ? all : withoutDebugSections(all);
  const used = new Set<string>();
  for (const line of kept)
    if (!DEBUG_LABEL.test(line))
      for (const [name] of line.replace(/#.*|\/\/.*/, '').matchAll(LABEL_NAME)) used.add(name);
  const files = new Map<string, string>();
  const listing = new ListingWriter();
  let from: SourceLine | undefined;
  for (const line of kept) {
    const file = FILE.exec(line);
    if (file)
      files.set(file[1] as string, projectFile(file[3] === undefined ? '' : (file[2] ?? ''), file[3] ?? file[2] ?? ''));
    const loc = LOC.exec(line);
    if (loc) {
      const name = files.get(loc[1] as string);
      // Line 0 means code that belongs to no source line.
      from = name === undefined || loc[2] === '0' ? undefined : { file: name, line: Number(loc[2]) };
    }
    const label = DEBUG_LABEL.exec(line);
    const isForDebuggers = file || loc || (label && !used.has(label[1] as string));
    if (isForDebuggers && !keepsDebug) continue;
    if (FUNCTION_END.test(line) || ANY_SECTION.test(line)) from = undefined;
    listing.add(line, isCode(line) ? from : undefined);
  }
  return listing.end();
}

/** Whether a line is an instruction, and not a label, a directive, a comment or empty. */
export const isCode = (line: string): boolean => /^\s+[^\s.#/;@]/.test(line);

function withoutDebugSections(lines: readonly string[]): string[] {
  let isDebug = false;
  return lines.filter((line) => {
    if (ANY_SECTION.test(line)) isDebug = DEBUG_SECTION.test(SECTION.exec(line)?.[1] ?? '');
    // These directives come after the debug sections of WebAssembly and ELF and do not belong to them.
    else if (isDebug && /^\s*\.(ident|addrsig|addrsig_sym|no_dead_strip|subsections_via_symbols)\b/.test(line))
      isDebug = false;
    return !isDebug;
  });
}

const DIRECTIVE = /^\s*\.[a-zA-Z_]/;
/** Directives that define data. */
const DATA =
  /^\s*\.(byte|short|hword|word|long|int|int8|int16|int32|int64|xword|quad|octa|2byte|4byte|8byte|single|float|double|ascii|asciz|string|zero|skip|space|fill|value|comm|lcomm|uleb128|sleb128)\b/;
const LABEL = /^("[^"]+"|[\w.$@?]+):/;
const COMMENT = /^\s*(#|\/\/|;|@)/;
const NAME = /"[^"]+"|[\w.$@?]+/g;

/**
 * Removes from a listing of assembly the directives, the comment lines, and the labels that nothing in it uses. Data is
 * kept only if code uses it.
 */
export function codeOnly({ text, lines, mangled }: Listing): Listing {
  // Demangled labels look like anything else, so the mangled ones say what is used.
  const all = rowsOf(mangled ?? text);
  const blocks = blocksOf(all);
  const globals = new Set(
    all.flatMap((line) => /^\s*\.(?:globl|global|weak|functype|type|def)\s+("[^"]+"|[\w.$@?]+)/.exec(line)?.[1] ?? []),
  );
  // Keeps the data that code uses, and the data which that data uses in turn.
  const named = new Set<string>();
  const visit = (line: string) => {
    for (const [name] of line.replace(/\s(#|\/\/).*/, '').matchAll(NAME)) named.add(name);
  };
  // What only directives name, such as the end of a function in its .size, is not used.
  const isUse = (line: string) => !DIRECTIVE.test(line) || DATA.test(line);
  for (const { rows, hasCode } of blocks)
    if (hasCode) for (const at of rows) if (isUse(all[at] as string)) visit(all[at] as string);
  for (let known = -1; known !== named.size; ) {
    known = named.size;
    for (const block of blocks)
      if (!block.hasCode && block.labels.some((label) => named.has(label)))
        for (const at of block.rows) if (DATA.test(all[at] as string)) visit(all[at] as string);
  }
  const kept: number[] = [];
  const keep = (at: number) => kept.push(at);
  for (const { rows, labels, hasCode } of blocks) {
    const isNamed = labels.some((label) => named.has(label));
    for (const at of rows) {
      const line = all[at] as string;
      const [, label] = LABEL.exec(line) ?? [];
      if (label !== undefined) {
        if (hasCode ? named.has(label) || globals.has(label) : isNamed) keep(at);
      } else if (COMMENT.test(line) || line.trim() === '') continue;
      else if (!DIRECTIVE.test(line)) keep(at);
      else if (!hasCode && isNamed && DATA.test(line)) keep(at);
    }
  }
  const only = (rows: readonly string[]) => kept.map((at) => `${(rows[at] as string).trimEnd()}\n`).join('');
  return {
    text: only(mangled === undefined ? all : rowsOf(text)),
    lines: kept.map((at) => lines[at]),
    ...(mangled !== undefined && { mangled: only(all) }),
  };
}

const rowsOf = (text: string) => text.replace(/\n$/, '').split('\n');

interface Block {
  labels: string[];
  rows: number[];
  hasCode: boolean;
}

/** Splits lines into blocks: labels, and the lines that follow them. */
function blocksOf(all: readonly string[]): Block[] {
  const blocks: Block[] = [{ labels: [], rows: [], hasCode: false }];
  all.forEach((line, at) => {
    const [, label] = LABEL.exec(line) ?? [];
    let block = blocks.at(-1) as Block;
    const hasContent = block.rows.some((row) => isCode(all[row] as string) || DATA.test(all[row] as string));
    if (ANY_SECTION.test(line) || (label !== undefined && (hasContent || block.labels.length === 0))) {
      block = { labels: [], rows: [], hasCode: false };
      blocks.push(block);
    }
    if (label !== undefined) block.labels.push(label);
    if (isCode(line)) block.hasCode = true;
    block.rows.push(at);
  });
  return blocks;
}
