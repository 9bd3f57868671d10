// Translates command lines of clang-scan-deps. They name art's compiler commands, as a build system calls them, and
// clang must see the headers that `art cc` would use.
import { basename } from 'pathe';
import { OWN } from './paths.js';
import { responseWords } from './response-files.js';

/** Translates a compiler command for clang-scan-deps. */
type Translate = (compiler: 'clang' | 'clang++', args: readonly string[]) => string[];

/** How clang-scan-deps is started. */
export interface Scan {
  args: string[];
  /** The compile database that it reads. */
  database?: string;
  /** The files that it writes rules of make(1) to, as the command names them. */
  dependencyFiles: string[];
  /** Whether it prints such rules. */
  printsDependencies: boolean;
}

const DATABASE = /^--?compilation-database=(.*)$/s;

/**
 * @param args of the command; a --target before the '--' is for compilers that name none
 * @param translate translates a compiler command
 */
export function scanArguments(args: readonly string[], translate: Translate): Scan {
  const at = args.indexOf('--');
  const own = at < 0 ? args : args.slice(0, at);
  const target = own.filter((arg) => arg.startsWith('--target='));
  const options = own.filter((arg) => !target.includes(arg));
  const [compiler, ...words] = at < 0 ? [] : args.slice(at + 1);
  const translated =
    compiler === undefined ? [] : ['--', ...translateCommand([compiler, ...target, ...words], translate)];
  const database = options.findLast((arg) => DATABASE.test(arg))?.replace(DATABASE, '$1');
  const format = options.findLast((arg) => /^--?format=/.test(arg));
  return {
    args: [...options, ...translated],
    ...(database !== undefined && { database }),
    dependencyFiles: dependencyFilesOf(words),
    printsDependencies: format === undefined || format.endsWith('=make'),
  };
}

/** Uses clang++ if the compiler's name says so, as clang's driver does. */
function translateCommand(command: readonly string[], translate: Translate): string[] {
  const [compiler = '', ...args] = command;
  const isCxx = /(\+\+|cxx)(-\d+)?(\.exe)?$/i.test(basename(compiler));
  return translate(isCxx ? 'clang++' : 'clang', withoutOwnResources(args));
}

/** Removes the resource directory, which build systems ask the compiler for and pass here. */
function withoutOwnResources(args: readonly string[]): string[] {
  const isOwn = (path: string | undefined) => path === '' || path?.startsWith(`${OWN}/`) === true;
  return args.filter(
    (arg, i) => !(arg === '-resource-dir' && isOwn(args[i + 1])) && !(args[i - 1] === '-resource-dir' && isOwn(arg)),
  );
}

const dependencyFilesOf = (args: readonly string[]) =>
  args.flatMap((arg, i) => (args[i - 1] === '-MF' ? arg : /^-MF./.test(arg) ? arg.slice('-MF'.length) : []));

/**
 * Translates the compilers in a compile database, and finds the files that its commands write rules of make(1) to. Text
 * that is not a database is left as it is, and clang-scan-deps reports the error.
 */
export function scanDatabase(text: string, translate: Translate): { text: string; dependencyFiles: string[] } {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    return { text, dependencyFiles: [] };
  }
  if (!Array.isArray(entries)) return { text, dependencyFiles: [] };
  const dependencyFiles: string[] = [];
  const translated = entries.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return entry;
    const {
      command,
      arguments: given,
      ...rest
    } = entry as { command?: unknown; arguments?: unknown; directory?: unknown };
    const words = Array.isArray(given) ? given.map(String) : typeof command === 'string' ? responseWords(command) : [];
    if (words.length === 0) return entry;
    const folder = typeof rest.directory === 'string' ? rest.directory : '.';
    for (const file of dependencyFilesOf(words))
      dependencyFiles.push(file.startsWith('/') ? file : `${folder}/${file}`);
    return { ...rest, arguments: translateCommand(words, translate) };
  });
  return { text: JSON.stringify(translated), dependencyFiles };
}
