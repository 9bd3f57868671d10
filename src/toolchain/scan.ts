// Command lines of clang-scan-deps. The compilers that they name are art's, as a build system calls them, and clang is to
// see the headers that `art cc` would give it.
import { basename } from 'pathe';
import { OWN } from './paths.js';
import { responseWords } from './response-files.js';

/** A compiler command, and what clang-scan-deps is given in its place. */
type Translate = (compiler: 'clang' | 'clang++', args: readonly string[]) => string[];

/** What clang-scan-deps is started with. */
export interface Scan {
  args: string[];
  /** The compile database that it reads. */
  database?: string;
  /** Files that it writes rules of make(1) to, as the command names them. */
  dependencyFiles: string[];
  /** It prints such rules. */
  printsDependencies: boolean;
}

const DATABASE = /^--?compilation-database=(.*)$/s;

/**
 * @param args those of the command; a --target among its own options is meant for compilers that name none
 * @param translate a compiler command
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

/** clang++ where the compiler's name says so, as clang's driver takes it. */
function translateCommand(command: readonly string[], translate: Translate): string[] {
  const [compiler = '', ...args] = command;
  const isCxx = /(\+\+|cxx)(-\d+)?(\.exe)?$/i.test(basename(compiler));
  return translate(isCxx ? 'clang++' : 'clang', withoutOwnResources(args));
}

/** Build systems ask the compiler for its folder of resources, and name it here. */
function withoutOwnResources(args: readonly string[]): string[] {
  const isOwn = (path: string | undefined) => path === '' || path?.startsWith(`${OWN}/`) === true;
  return args.filter(
    (arg, i) => !(arg === '-resource-dir' && isOwn(args[i + 1])) && !(args[i - 1] === '-resource-dir' && isOwn(arg)),
  );
}

const dependencyFilesOf = (args: readonly string[]) =>
  args.flatMap((arg, i) => (args[i - 1] === '-MF' ? arg : /^-MF./.test(arg) ? arg.slice('-MF'.length) : []));

/**
 * A compile database whose compilers are translated, and the files that its commands write rules of make(1) to. What is no
 * database stays as it is, and clang-scan-deps says so.
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
