import { dirname, relative } from 'pathe';
import { ArtError } from '../errors.js';
import { readNamedFile } from '../platform/named-file.js';
import type { HostFiles } from '../platform/types.js';
import { parseJson } from '../text/json.js';
import { DATABASE_LIMITS, RESPONSE_LIMITS, readBounded, shownBytes } from '../text/limits.js';
import { explainIssues } from '../text/schema-issues.js';
import { responseWords } from '../toolchain/response-files.js';
import { type CompileCommand, type FlagNote, interpretCommand, otherProgram } from './compile-command.js';
import { HeadersAsText } from './forced-headers.js';
import { excluder, type InputFile, isSource, type PathGroup, readable, SOURCE_ENDINGS } from './inputs.js';
import type { FlagGroup } from './settings.js';
import { splitShellWords } from './shell-words.js';

/** A unit, with the flags of its own command. */
export interface CommandUnit extends InputFile {
  own: FlagGroup;
}

/** Which units of a compile database are wanted, and how messages name it. */
export interface DatabaseRequest {
  /** Path of the database, as the user wrote it. */
  shown: string;
  cwd: string;
  exclude: PathGroup;
  /** Absolute paths of the wanted units; undefined for all. */
  only: ReadonlySet<string> | undefined;
  warn: (message: string) => void;
}

const NAMED_UNITS = 3;

function someOf(units: readonly string[]): string {
  const distinct = [...new Set(units)];
  const more = distinct.length - NAMED_UNITS;
  return distinct.slice(0, NAMED_UNITS).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** Collects notes about flags, each with the units that it applies to. */
class Notes {
  readonly #units = new Map<string, { note: FlagNote; units: string[] }>();

  add(notes: readonly FlagNote[], unit: string): void {
    for (const note of notes) {
      const key = JSON.stringify(note);
      const entry = this.#units.get(key) ?? { note, units: [] };
      entry.units.push(unit);
      this.#units.set(key, entry);
    }
  }

  lines(): string[] {
    return [...this.#units.values()].map(({ note, units }) => `'${note.flag}' of ${someOf(units)}: ${note.why}`);
  }
}

/**
 * Reads the units of a compile_commands.json, in its order. Commands for files that art does not compile are skipped
 * with a warning, as are flags that have no effect here.
 * @throws ArtError COMPILE_COMMANDS_INVALID; UNSUPPORTED_FLAG, naming every flag and its units; NO_SOURCES;
 *   INPUT_NOT_FOUND, INPUT_UNREADABLE
 */
export async function readCompileCommands(request: DatabaseRequest, files: HostFiles): Promise<CommandUnit[]> {
  const { shown, cwd, warn } = request;
  const path = files.resolve(cwd, shown);
  const isExcluded = excluder(request.exclude, files);
  const commands = await readDatabase(path, shown, files);
  const headers = new HeadersAsText(commands, files);
  const wanted = commands.filter(
    (command) => !isExcluded(command.file) && (request.only?.has(command.file) ?? true) && !headers.isMaker(command),
  );
  const show = (file: string) => relative(cwd, file);
  const foreign = wanted.filter(({ file }) => !isSource(file)).map(({ file }) => show(file));
  if (foreign.length > 0)
    warn(`'${shown}': skipped ${someOf(foreign)}: expected one of the endings ${SOURCE_ENDINGS.join(' ')}`);
  const made = wanted.filter((command) => isSource(command.file) && otherProgram(command) !== undefined);
  if (made.length > 0)
    warn(
      `'${shown}': skipped commands of ${someOf(made.map(({ file }) => show(file)))}: no compiler is run (${someOf(made.map((command) => `'${otherProgram(command)}'`))})`,
    );
  const units: CompileCommand[] = [];
  for (const command of wanted.filter((candidate) => isSource(candidate.file) && !made.includes(candidate)))
    units.push({ ...command, words: await withResponseFiles(command, request, files) });
  if (units.length === 0) throw nothingLeft(shown, commands.length, request);

  const dropped = new Notes();
  const refused = new Notes();
  const gccOnly = new Set<string>();
  const gccUnits: string[] = [];
  const interpreted: Omit<CommandUnit, 'size'>[] = [];
  for (const command of units) {
    const headerOf = await headers.madeOf(command);
    const { flags, ...notes } = interpretCommand(command, (from, to) => files.resolve(from, to), headerOf);
    dropped.add(notes.dropped, show(command.file));
    refused.add(notes.refused, show(command.file));
    for (const flag of notes.gccOnly) gccOnly.add(flag);
    if (notes.gccOnly.length > 0) gccUnits.push(show(command.file));
    const own = { flags: await headers.asText(flags, command.directory), from: command.directory };
    interpreted.push({ path: command.file, shown: show(command.file), own });
  }
  for (const line of dropped.lines()) warn(`'${shown}': left out ${line}`);
  if (gccOnly.size > 0)
    warn(
      `'${shown}': left out what only gcc knows, of ${someOf(gccUnits)}; programs mean the same without: ${[...gccOnly].join(' ')}`,
    );
  if (refused.lines().length > 0)
    throw new ArtError(
      'UNSUPPORTED_FLAG',
      [`'${shown}' has flags that cannot be used here:`, ...refused.lines()].join('\n  '),
    );
  return withSizes(interpreted, shown, files);
}

/** How deep response files may be nested; one may even name itself. */
const MAX_DEPTH = 16;

/** Replaces every '@file' of a command by the words in the file, as the compiler does. */
async function withResponseFiles(
  { words, directory, file }: CompileCommand,
  request: DatabaseRequest,
  files: HostFiles,
  depth = 0,
): Promise<string[]> {
  const result: string[] = [];
  for (const word of words) {
    // CMake's build writes these files, with the paths of C++20 modules; most units import none.
    if (/^@.*\.modmap$/.test(word)) continue;
    if (!word.startsWith('@')) {
      result.push(word);
      continue;
    }
    const path = files.resolve(directory, word.slice(1));
    const named = `the response file '${word}' of ${relative(request.cwd, file)}`;
    if (depth === MAX_DEPTH)
      throw new ArtError('COMPILE_COMMANDS_INVALID', `'${request.shown}': ${named} comes to name itself`);
    if ((await readable(path, files.kind(path))) !== 'file')
      throw new ArtError(
        'INPUT_NOT_FOUND',
        `'${request.shown}': ${named} does not exist (looked for '${path}'): run the build that makes it, or generate the database again`,
      );
    const bytes = await readable(path, readBounded(files.stream(path), RESPONSE_LIMITS));
    if (!bytes)
      throw new ArtError(
        'COMPILE_COMMANDS_INVALID',
        `'${request.shown}': ${named} is larger than ${shownBytes(RESPONSE_LIMITS.bytes)}`,
      );
    const text = new TextDecoder().decode(bytes);
    const inside = { words: responseWords(text), directory, file };
    for (const inner of await withResponseFiles(inside, request, files, depth + 1)) result.push(inner);
    if (result.length > RESPONSE_LIMITS.words)
      throw new ArtError(
        'COMPILE_COMMANDS_INVALID',
        `'${request.shown}': ${named} comes to more than ${RESPONSE_LIMITS.words} words`,
      );
  }
  return result;
}

function nothingLeft(shown: string, commands: number, { only, exclude }: DatabaseRequest): ArtError {
  const why =
    commands === 0
      ? 'it is empty; let the build system generate it again'
      : only
        ? 'none of its sources is among the inputs'
        : `none of its sources ${exclude.paths.length > 0 ? "is left by 'exclude' and " : ''}has one of the endings ${SOURCE_ENDINGS.join(' ')}`;
  return new ArtError('NO_SOURCES', `no sources in '${shown}': ${why}`);
}

async function withSizes<U extends Omit<InputFile, 'size'>>(units: readonly U[], shown: string, files: HostFiles) {
  const missing: string[] = [];
  const sized: (U & { size: number })[] = [];
  for (const unit of units) {
    if ((await readable(unit.shown, files.kind(unit.path))) !== 'file') missing.push(unit.shown);
    else sized.push({ ...unit, size: await readable(unit.shown, files.size(unit.path)) });
  }
  if (missing.length === 0) return sized;
  throw new ArtError(
    'INPUT_NOT_FOUND',
    `sources that '${shown}' names do not exist: ${someOf(missing)}: run the build that makes them, or generate the database again`,
  );
}

async function readDatabase(path: string, shown: string, files: HostFiles): Promise<CompileCommand[]> {
  const bytes = await readNamedFile(path, shown, files, DATABASE_LIMITS);
  const json = parseJson(bytes, shown, 'COMPILE_COMMANDS_INVALID', DATABASE_LIMITS);
  const { compileCommandsSchema } = await import('./compile-commands-schema.js');
  const parsed = compileCommandsSchema.safeParse(json);
  if (!parsed.success)
    throw new ArtError(
      'COMPILE_COMMANDS_INVALID',
      `'${shown}' is no compile database:\n${explainIssues(parsed.error, json, [])}`,
    );
  // ninja's phony targets, which only name other outputs, have no command.
  const isNothing = (entry: { command?: string | undefined; arguments?: string[] | undefined }) =>
    entry.arguments === undefined && entry.command?.trim() === '';
  return parsed.data.flatMap((entry, i) => {
    if (isNothing(entry)) return [];
    const directory = files.resolve(dirname(path), entry.directory);
    const words = entry.arguments ?? splitShellWords(entry.command as string);
    if (words && words.length > 0) return [{ directory, file: files.resolve(directory, entry.file), words }];
    if (!words && !isSource(entry.file)) return [];
    throw new ArtError(
      'COMPILE_COMMANDS_INVALID',
      `'${shown}' is no compile database: [${i}].${entry.arguments ? 'arguments' : 'command'} (of '${entry.file}') ` +
        (words ? 'is empty' : 'does not end like a command: a quote is not closed, or a backslash is last'),
    );
  });
}
