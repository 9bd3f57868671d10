// Converts diagnostics to SARIF (Static Analysis Results Interchange Format 2.1.0, OASIS), which code scanners and
// editors read.
import type { Diagnostic, FixIt, Severity, TextRange } from './diagnostics.js';

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  fatal: 'error',
  error: 'error',
  warning: 'warning',
  remark: 'note',
  note: 'note',
};

const uriOf = (file: string) => file.split('/').map(encodeURIComponent).join('/');

const regionOf = ({ line, column, endLine, endColumn }: TextRange) => ({
  startLine: line,
  startColumn: column,
  endLine,
  endColumn,
});

function locationOf({ file, line, column, ranges, message }: Diagnostic, withMessage: boolean) {
  if (file === undefined) return undefined;
  const around = ranges.find((range) => range.line === line);
  const region = around ? regionOf(around) : line === undefined ? undefined : { startLine: line, startColumn: column };
  return {
    ...(withMessage && { message: { text: message } }),
    physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...(region && { region }) },
  };
}

/** The changes of fix-its by file, each file once. */
function changesOf(fixits: readonly FixIt[]) {
  const files = [...new Set(fixits.map(({ file }) => file))];
  return files.map((file) => ({
    artifactLocation: { uri: uriOf(file) },
    replacements: fixits
      .filter((fixit) => fixit.file === file)
      .map((fixit) => ({ deletedRegion: regionOf(fixit), insertedContent: { text: fixit.text } })),
  }));
}

function resultOf(diagnostic: Diagnostic) {
  const location = locationOf(diagnostic, false);
  const related = diagnostic.notes.flatMap((note) => locationOf(note, true) ?? []);
  return {
    ...(diagnostic.flag && { ruleId: diagnostic.flag }),
    level: LEVELS[diagnostic.severity],
    message: { text: diagnostic.message },
    locations: location ? [location] : [],
    ...(related.length > 0 && { relatedLocations: related.map((at, id) => ({ id, ...at })) }),
    ...(diagnostic.fixits.length > 0 && { fixes: [{ artifactChanges: changesOf(diagnostic.fixits) }] }),
  };
}

/** Makes a SARIF log, as an object for JSON.stringify. @param version of LLVM */
export function sarifOf(diagnostics: readonly Diagnostic[], version: string): object {
  const rules = [...new Set(diagnostics.flatMap(({ flag }) => flag ?? []))].map((id) => ({ id }));
  return {
    version: '2.1.0',
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json',
    runs: [
      {
        tool: { driver: { name: 'clang', version, informationUri: 'https://clang.llvm.org/', rules } },
        columnKind: 'utf16CodeUnits',
        results: diagnostics.map(resultOf),
      },
    ],
  };
}
