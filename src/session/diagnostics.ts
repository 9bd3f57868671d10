// What clang prints, as data: the text that people read, and in it the places, notes and fix-its.

export type Severity = 'fatal' | 'error' | 'warning' | 'remark' | 'note';

/** A part of a file, from the first letter to before the last. Lines and columns count from 1. */
export interface TextRange {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** Text to put in place of a part of a file; the part may be empty. */
export interface FixIt extends TextRange {
  file: string;
  text: string;
}

/** A message of the compiler. */
export interface Diagnostic {
  severity: Severity;
  message: string;
  /** The flag that controls it, such as `-Wformat`. */
  flag?: string;
  /** As the project names it; undefined for messages about no file. */
  file?: string;
  /** From 1; undefined for a message about a whole file. */
  line?: number;
  /**
   * From 1, in UTF-16 code units, as editors and SARIF count; in a file that is not one of the project's, in bytes, as
   * clang prints it.
   */
  column?: number;
  /** What clang underlines. */
  ranges: TextRange[];
  /** What belongs to it, in clang's order; these have no notes of their own. */
  notes: Diagnostic[];
  fixits: FixIt[];
}

/** Flags that have clang print what is read here. */
export const DIAGNOSTIC_FLAGS = ['-fdiagnostics-parseable-fixits', '-fdiagnostics-print-source-range-info'] as const;

const SEVERITIES: Readonly<Record<string, Severity>> = {
  'fatal error': 'fatal',
  error: 'error',
  warning: 'warning',
  remark: 'remark',
  note: 'note',
};
/** Colours (ECMA-48, SGR). */
const COLOUR = new RegExp(`${'\u001b'}\\[[0-9;]*m`, 'g');
const HEAD = /^(?:(.+?):(?:(\d+):(\d+):)?((?:\{\d+:\d+-\d+:\d+\})*):? )?(fatal error|error|warning|remark|note): (.*)$/;
const RANGE = /\{(\d+):(\d+)-(\d+):(\d+)\}/g;
const FIXIT = /^fix-it:"((?:[^"\\]|\\.)*)":\{(\d+):(\d+)-(\d+):(\d+)\}:"((?:[^"\\]|\\.)*)"$/;
const FLAG = / \[((?:-W|-R|-f)[^\]\s]*)\]$/;
/** The ranges in a line that people read. */
const SHOWN_RANGES = /((?::\d+:\d+):)(?:\{\d+:\d+-\d+:\d+\})+:/;

/** The lines of a file of the project; undefined for other files. */
export type LinesOf = (file: string) => readonly string[] | undefined;

/** A file as diagnostics name it, without './' before it. */
const shown = (file: string) => file.replace(/^(\.\/)+/, '');

/** @param text all that clang printed with DIAGNOSTIC_FLAGS, in colour or not */
export function parseDiagnostics(text: string, linesOf: LinesOf): Diagnostic[] {
  const found: Diagnostic[] = [];
  let last: Diagnostic | undefined;
  for (const line of text.replace(COLOUR, '').split('\n')) {
    const fixit = FIXIT.exec(line);
    if (fixit) {
      const [, file = '', l1, c1, l2, c2, replacement = ''] = fixit;
      const at = shown(unescaped(file));
      last?.fixits.push({ file: at, ...range([l1, c1, l2, c2], linesOf(at)), text: unescaped(replacement) });
      continue;
    }
    const head = HEAD.exec(line);
    if (!head) continue;
    const [, name, at, column, ranges = '', severity = '', rest = ''] = head;
    const file = name === undefined ? undefined : shown(name);
    const lines = file === undefined ? undefined : linesOf(file);
    const flag = FLAG.exec(rest);
    last = {
      severity: SEVERITIES[severity] as Severity,
      message: flag ? rest.slice(0, flag.index) : rest,
      ...(flag && { flag: (flag[1] as string).replace(/^.*,(?=-W)/, '') }),
      ...(file !== undefined && { file }),
      ...(at !== undefined && { line: Number(at), column: columnIn(lines, Number(at), Number(column)) }),
      ranges: [...ranges.matchAll(RANGE)].map(([, ...numbers]) => range(numbers, lines)),
      notes: [],
      fixits: [],
    };
    const before = found.at(-1);
    if (last.severity === 'note' && before) before.notes.push(last);
    else found.push(last);
  }
  return found;
}

/** A line of a source. Its colours are left out: with ranges clang sets them a column too far, and after a preamble none. */
const SOURCE_LINE = new RegExp(`^((?:${COLOUR.source})* *\\d+ \\| )(.*)$`);

/** The same text without what is there for programs only. */
export function readable(text: string): string {
  return text
    .split('\n')
    .filter((line) => !FIXIT.test(line.replace(COLOUR, '')))
    .map((line) =>
      line
        .replace(SHOWN_RANGES, '$1')
        .replace(SOURCE_LINE, (_, number: string, source: string) => number + source.replace(COLOUR, '')),
    )
    .join('\n');
}

function range(numbers: readonly (string | undefined)[], lines: readonly string[] | undefined): TextRange {
  const [line = 0, column = 0, endLine = 0, endColumn = 0] = numbers.map(Number);
  return {
    line,
    column: columnIn(lines, line, column),
    endLine,
    endColumn: columnIn(lines, endLine, endColumn),
  };
}

/** clang counts bytes of UTF-8. */
function columnIn(lines: readonly string[] | undefined, line: number, column: number): number {
  const text = lines?.[line - 1];
  if (text === undefined) return column;
  const bytes = new TextEncoder().encode(text);
  if (bytes.length === text.length) return column;
  return new TextDecoder().decode(bytes.subarray(0, column - 1)).length + 1;
}

/** Undoes what LLVM's write_escaped does: '\\', '\"', '\t', '\n', and other bytes as three octal digits. */
function unescaped(text: string): string {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [, plain, escaped] of text.matchAll(/([^\\]+)|\\([0-7]{3}|.)/gs)) {
    if (plain !== undefined) bytes.push(...encoder.encode(plain));
    else if (/^[0-7]{3}$/.test(escaped ?? '')) bytes.push(Number.parseInt(escaped as string, 8));
    else bytes.push(...encoder.encode(ESCAPED[escaped as string] ?? (escaped as string)));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

const ESCAPED: Readonly<Record<string, string>> = { t: '\t', n: '\n' };
