// `art inspect`.
import { Command } from 'commander';
import {
  type CodeSymbol,
  type Contents,
  disassemblyText,
  type InspectedFile,
  type Inspection,
  inspect,
} from '../index.js';
import { printable, printableText } from '../text/printable.js';
import { addCommonOptions, type CommonFlags, say } from './common-options.js';
import { addOpenOptions, type OpenFlags, openOptions } from './open-options.js';
import { humanSize } from './result.js';

interface Options extends OpenFlags, CommonFlags {
  entry?: string;
  target?: string;
  symbols?: boolean;
  sections?: boolean;
  disassemble?: boolean;
}

/** `art inspect`: exit status 1 if something could not be read. */
export function inspectCommand(setStatus: (status: number) => void): Command {
  const command = new Command('inspect')
    .description('show what is in an artifact, an object or bitcode')
    .usage('[options] <artifact|file>')
    .argument(
      '<source>',
      'the artifact in any layout: a folder, its artifact.json, one JSON file, or a URL of these; or a file such as main.o',
    )
    .option('--symbols', 'the symbols of every object, program and module')
    .option('--sections', 'the sections of every object and program')
    .option('--disassemble', 'the code: instructions with relocations, or the text of bitcode')
    .option('--entry <path>', 'only this entry')
    .option('--target <target>', 'only entries for this target or architecture')
    .allowExcessArguments(false);
  return addCommonOptions(addOpenOptions(command), { quiet: 'print errors only' }).action(
    async (source: string, options: Options) => {
      const { json: _, quiet: __, key: ___, trusted: ____, ...rest } = options;
      const inspection = await inspect(source, { ...rest, ...openOptions(options) });
      say(options, inspection, shown(inspection, options));
      const problems = inspection.files.flatMap(({ problem }) => problem ?? []);
      for (const problem of problems) process.stderr.write(`art: error: ${printable(problem)}\n`);
      setStatus(problems.length === 0 ? 0 : 1);
    },
  );
}

/** Formats a table: each column is as wide as its longest cell; the columns in `right` are aligned to the right. */
function table(cells: readonly (readonly string[])[], right: readonly number[] = []): string {
  const rows = cells.map((row) => row.map(printable));
  const width = (column: number) => rows.reduce((most, row) => Math.max(most, row[column]?.length ?? 0), 0);
  const widths = (rows[0] ?? []).map((_, column) => width(column));
  const cell = (text: string, i: number) =>
    right.includes(i) ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0);
  return rows.map((row) => `  ${row.map(cell).join('  ').trimEnd()}\n`).join('');
}

const sizeOf = ({ size }: InspectedFile) => (size === null ? '-' : humanSize(size));

function shown(inspection: Inspection, options: Options): string {
  const { artifact, files } = inspection;
  const asked = options.symbols || options.sections || options.disassemble;
  if (artifact && asked) return files.map((file) => fileText(file, options)).join('\n');
  if (!artifact)
    return files.map((file) => fileText(file, asked ? options : { symbols: true, sections: true })).join('');
  const { archive } = artifact;
  const head: string[][] = [
    ['package', artifact.package],
    ['targets', artifact.targets.join(', ')],
    ...(artifact.profile_hash ? [['profile', artifact.profile_hash]] : []),
    ['signed', artifact.signed ? 'yes; art verify says by whom' : 'no'],
    ['manifest', `sha256 ${artifact.manifest_sha256}`],
    ...(archive
      ? [
          ['archive', `sha256 ${archive.sha256}  ${humanSize(archive.size)}`],
          ['its tar', `sha256 ${archive.tar_sha256}`],
        ]
      : [['archive', 'none was made']]),
  ];
  const names = Math.max(...head.map(([name = '']) => name.length));
  const lines = head.map(([name = '', text = '']) => `${name.padEnd(names)}  ${printable(text)}\n`).join('');
  const rows = files.map((file) => [file.path, file.type ?? '', sizeOf(file), file.sha256 ?? '']);
  return `${lines}\n${table(rows, [2])}${files.length} ${files.length === 1 ? 'entry' : 'entries'}\n`;
}

function fileText(file: InspectedFile, { symbols, sections, disassemble }: Options): string {
  const { contents } = file;
  const kind = contents ? `${contents.format}  ${contents.triple}` : (file.type ?? '');
  const head = `${printable(`${file.path}  ${kind}`)}  ${sizeOf(file)}\n`;
  if (!contents) return head;
  const parts = [head];
  if (sections && contents.sections) parts.push(sectionTable(contents));
  if (symbols) parts.push(symbolTable(contents));
  if (disassemble) parts.push(printableText(disassemblyText(contents)));
  return parts.join('');
}

function sectionTable({ sections = [] }: Contents): string {
  const rows = sections.map(({ index, name, kind, flags, size, align }) => [
    String(index),
    name,
    kind,
    flags || '-',
    String(size),
    String(align),
  ]);
  return `\n${table([['nr', 'section', 'kind', 'flags', 'size', 'align'], ...rows], [0, 4, 5])}`;
}

function symbolTable(contents: Contents): string {
  const names = new Map(contents.sections?.map(({ index, name }) => [index, name]));
  const place = (symbol: CodeSymbol) => {
    if (!symbol.defined) return 'undefined';
    return symbol.section === undefined ? 'defined' : (names.get(symbol.section ?? -1) ?? 'absolute');
  };
  const rows = contents.symbols.map((symbol) => [
    symbol.value === undefined ? '' : symbol.value.toString(16).padStart(8, '0'),
    symbol.size === undefined ? '' : String(symbol.size),
    symbol.binding,
    symbol.type,
    place(symbol),
    symbol.name,
  ]);
  return `\n${table([['value', 'size', 'binding', 'type', 'section', 'symbol'], ...rows], [1])}`;
}
