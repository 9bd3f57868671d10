// Parses what clang prints into data: messages with their places, notes and fix-its.

/** The severity of a diagnostic, as clang prints it; `fatal` is its 'fatal error'. */
export type Severity = 'fatal' | 'error' | 'warning' | 'remark' | 'note';

/** A range of a file, from its first character up to, but not including, the character at its end. */
export interface TextRange {
  /** The line where it starts, from 1. */
  line: number;
  /** The column where it starts, from 1. */
  column: number;
  /** The line where it ends, from 1. */
  endLine: number;
  /** The column after its last character, from 1. */
  endColumn: number;
}

/** A change that clang suggests: `text` replaces a range of a file, which may be empty. */
export interface FixIt extends TextRange {
  /** Path of the file, as the project names it. */
  file: string;
  /** The text to insert instead of the range. */
  text: string;
}

/** A message of the compiler. */
export interface Diagnostic {
  /** How serious it is. */
  severity: Severity;
  /** The message, without its place and its flag. */
  message: string;
  /** The flag that turns it on or off, such as `-Wformat`, if clang names one. */
  flag?: string;
  /** Path of the file, as the project names it; undefined if it is about no file. */
  file?: string;
  /** The line, from 1; undefined if it is about a whole file. */
  line?: number;
  /**
   * The column, from 1. It counts UTF-16 code units, as editors and SARIF do; in files outside the project it counts
   * bytes, as clang prints it.
   */
  column?: number;
  /** The ranges that clang underlines. */
  ranges: TextRange[];
  /** The notes that belong to it, in clang's order. A note has no notes of its own. */
  notes: Diagnostic[];
  /** Changes that clang suggests. */
  fixits: FixIt[];
}

/** Flags that make clang print what this parser reads. */
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
/** The ranges in a line that is for people. */
const SHOWN_RANGES = /((?::\d+:\d+):)(?:\{\d+:\d+-\d+:\d+\})+:/;

/** The lines of a file of the project; undefined for other files. */
export type LinesOf = (file: string) => readonly string[] | undefined;

/** A file as diagnostics name it, without './' before it. */
const shown = (file: string) => file.replace(/^(\.\/)+/, '');

/** Parses the messages. @param text all that clang printed with DIAGNOSTIC_FLAGS, with colours or without */
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

/**
 * A line of source text. Its colours are removed: with ranges clang colours it one column too far to the right, and
 * after a preamble not at all.
 */
const SOURCE_LINE = new RegExp(`^((?:${COLOUR.source})* *\\d+ \\| )(.*)$`);

/** Removes from clang's output what only programs read. */
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

/** Converts a column of clang, which counts bytes of UTF-8, to UTF-16 code units. */
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
