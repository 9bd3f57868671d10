// Formats a disassembly as llvm-objdump -d -r does.
import { type CodeBlock, type CodeLine, type Contents, isModule } from './contents.js';

const TAB = 8;
/** Data with a symbol of its own is shown in rows of this many bytes. */
const ROW = 8;
/** The column of comments, counted from the column where instructions start in assembly. */
const COMMENT_COLUMN = 32;

const hex = (value: number, width: number, fill = '0') => value.toString(16).padStart(width, fill);
const bytesOf = (text: string) => text.match(/../g) ?? [];

interface Style {
  /** The column where instructions start. */
  start: number;
  comment: string;
  /** Instructions are shown as numbers of this many bytes. */
  word: 1 | 4;
  /** Number of digits of an address. */
  digits: number;
}

function styleOf({ triple, format }: Contents): Style {
  const digits = /32/.test(format) && !/64/.test(format) ? 8 : 16;
  const isApple = format.startsWith('Mach-O');
  return triple.startsWith('x86_64')
    ? { start: 40, comment: isApple ? '##' : '#', word: 1, digits }
    : { start: 24, comment: isApple ? ';' : '//', word: 4, digits };
}

function columnOf(text: string): number {
  let column = 0;
  for (const character of text) column = character === '\t' ? column + TAB - (column % TAB) : column + 1;
  return column;
}

function shownBytes({ bytes = '', data }: CodeLine, { word }: Style): string {
  const all = bytesOf(bytes);
  if (word === 1 || data) return all.join(' ');
  const words: string[] = [];
  let at = 0;
  for (; at + word <= all.length; at += word)
    words.push(
      all
        .slice(at, at + word)
        .reverse()
        .join(''),
    );
  return [...words, ...all.slice(at)].join(' ');
}

function instruction(line: CodeLine, style: Style): string[] {
  const lead = `${hex(line.address, 8, ' ')}: ${shownBytes(line, style)}`;
  const stop = style.start - 1;
  const gap = lead.length < stop ? stop - lead.length : 7 - (lead.length % TAB);
  const text = `${lead}${' '.repeat(gap)}\t${line.text}`;
  if (line.comment === undefined) return [text];
  const column = COMMENT_COLUMN + style.start;
  return line.comment.split('\n').map((comment, i) => {
    const before = i === 0 ? text : '';
    return `${before}${' '.repeat(Math.max(1, column - columnOf(before)))}${style.comment} ${comment}`;
  });
}

/** Bytes in hex, and as ASCII where possible. */
function rows({ address, bytes = '' }: CodeLine): string[] {
  const all = bytesOf(bytes);
  return Array.from({ length: Math.ceil(all.length / ROW) }, (_, i) => {
    const row = all.slice(i * ROW, (i + 1) * ROW);
    const letters = row.map((byte) => {
      const code = Number.parseInt(byte, 16);
      return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '.';
    });
    return `${hex(address + i * ROW, 8, ' ')}: ${row.join(' ')}${'   '.repeat(ROW - row.length)}         ${letters.join('')}`;
  });
}

function linesOf(line: CodeLine, style: Style): string[] {
  if (line.zeros !== undefined) return ['\t\t...'];
  const relocations = (line.relocations ?? []).map(
    ({ address, type, value }) => `\t\t${hex(address, style.digits)}:  ${type}\t${value}`,
  );
  return [...(line.text === undefined ? rows(line) : instruction(line, style)), ...relocations];
}

/** A line of a disassembly; `block` and `code` are set if it shows code of a block. */
export interface DisassemblyLine {
  text: string;
  block?: CodeBlock;
  code?: CodeLine;
}

/** The output of `llvm-objdump -d -r` for an object, without the line that names the file. */
export function disassemblyLines(contents: Contents): DisassemblyLine[] {
  const style = styleOf(contents);
  const lines: DisassemblyLine[] = [];
  let section: number | undefined;
  for (const block of contents.disassembly ?? []) {
    if (block.section !== section) {
      const name = contents.sections?.find(({ index }) => index === block.section)?.name;
      lines.push({ text: '' }, { text: `Disassembly of section ${name}:` });
      section = block.section;
    }
    if (block.name !== '')
      lines.push({ text: '' }, { text: `${hex(block.address, style.digits)} <${block.name}>:`, block });
    for (const code of block.code) for (const text of linesOf(code, style)) lines.push({ text, block, code });
  }
  return lines;
}

/** Formats a disassembly as text, as `llvm-objdump -d -r` does; for a module, returns its LLVM IR. */
export function disassemblyText(contents: Contents): string {
  if (isModule(contents)) return contents.ir ?? '';
  return disassemblyLines(contents)
    .map(({ text }) => `${text}\n`)
    .join('');
}
