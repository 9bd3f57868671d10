import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { type LinkKind, type LinkOptions, takesNextWord } from '../config/link-options.js';
import { LinkFailedError, link } from '../index.js';
import { printable } from '../text/printable.js';
import { expandResponseFiles } from '../toolchain/response-files.js';
import { addCommonOptions, type CommonFlags, say } from './common-options.js';
import { bytes, number } from './numbers.js';
import { addOpenOptions, OPEN_OPTIONS, type OpenFlags, openOptions } from './open-options.js';
import { errorJson, humanSize } from './result.js';
import { endedBySignals } from './signals.js';
import { terminal } from './terminal.js';

interface Options extends OpenFlags, CommonFlags {
  out?: string;
  target?: string;
  sysroot?: string;
  timeout?: number;
  maxMemory?: number;
  staticPie?: boolean;
  shared?: boolean;
  relocatable?: boolean;
  archive?: boolean;
}

const LINKER_FLAGS = `
linking flags, in the form that clang takes, between the inputs (the order matters) or after a '--':
  -l<library> -L<dir> -Wl,<flags for ld.lld> -nostdlib -pthread -g -s -T <script> -u <symbol>
  -soname <name> -rpath <dir>; @<file> stands for the words in that file
`;
/** Options of art that take the next word as their value. */
const WITH_VALUE: ReadonlySet<string> = new Set([
  ...['--out', '--target', '--sysroot', '--timeout', '--max-memory'],
  ...OPEN_OPTIONS,
]);

/** Splits a command line of `art link` into art's own options, and the inputs and linker flags in their order. */
export function splitLinkerFlags(argv: readonly string[]): { own: string[]; flags: string[] } {
  const own: string[] = [];
  const words: string[] = [];
  const all = expandResponseFiles(argv, readText);
  const name = all.indexOf('link');
  for (let i = 0; i < all.length; i++) {
    const word = all[i] as string;
    if (word === '--') {
      words.push(...all.slice(i + 1));
      break;
    }
    if (word === '-o') own.push('--out', all[++i] ?? '');
    else if (/^-o./.test(word)) own.push('--out', word.slice('-o'.length));
    else if (word === '-r') own.push('--relocatable');
    else if (/^-(shared|static-pie)$/.test(word)) own.push(`-${word}`);
    else if (WITH_VALUE.has(word)) own.push(word, ...all.slice(++i, i + 1));
    else if (takesNextWord(word)) words.push(word, ...all.slice(++i, i + 1));
    else if (word.startsWith('--') || i === name) own.push(word);
    else words.push(word);
  }
  return { own, flags: words };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** `art link`. @param words the inputs and the linker's flags, which have been split from the command line already */
export function linkCommand(words: string[], setStatus: (status: number) => void): Command {
  const command = new Command('link')
    .description('link objects, archives or an artifact')
    .usage('[options] <inputs>... -o <file> [-- <linker flags>]')
    .argument('[inputs...]', 'objects (.o), archives (.a), shared libraries, artifacts in any layout')
    .option('--out <file>', 'the file to write; also -o <file>')
    .option('--target <target>', 'x86_64, aarch64, or a full triple (default: that of the inputs)')
    .option('--sysroot <dir>', "a sysroot to use instead of art's own")
    .option('--static-pie', 'make a static position-independent program')
    .option('--shared', 'make a shared library')
    .option('--relocatable', 'make one object; also -r')
    .option('--archive', 'make an archive, as ar does')
    .option('--timeout <s>', 'time limit in seconds (default: 600)', number)
    .option('--max-memory <bytes>', "limit on the linker's memory, such as 3G (default: 2G)", bytes)
    .addHelpText('after', LINKER_FLAGS);
  return addCommonOptions(addOpenOptions(command)).action(async (_: string[], options: Options) =>
    setStatus(await endedBySignals(() => run(words, options))),
  );
}

function kindOf(options: Options): { kind?: LinkKind } {
  if (options.archive) return { kind: 'archive' };
  if (options.relocatable) return { kind: 'relocatable' };
  if (options.shared) return { kind: 'shared' };
  return options.staticPie ? { kind: 'static-pie' } : {};
}

async function run(inputs: string[], options: Options): Promise<number> {
  try {
    const { keys, ...limits } = openOptions(options);
    const request: Partial<LinkOptions> = {
      ...limits,
      ...(keys.length > 0 && { keys }),
      inputs,
      ...(options.out !== undefined && { output: options.out }),
      ...kindOf(options),
      ...(options.target && { target: options.target }),
      ...(options.sysroot && { sysroot: options.sysroot }),
      ...(options.timeout !== undefined && { timeout: options.timeout }),
      ...(options.maxMemory !== undefined && { maxMemory: options.maxMemory }),
      // JSON has no colours in it.
      color: !options.json && terminal(process.stderr).color,
    };
    const result = await link(request as LinkOptions); // which says what is missing
    process.stderr.write(result.diagnostics);
    const { output, size, target, sha256 } = result;
    say(options, result, `${printable(output)}  ${humanSize(size)}  ${target}\n  sha256 ${sha256}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof LinkFailedError)) throw error;
    const { diagnostics: text, target } = error;
    process.stderr.write(text);
    process.stderr.write(`art: error: ${printable(error.message)}\n`);
    if (options.json) process.stdout.write(`${errorJson(error, [{ unit: options.out ?? '', target, text }])}\n`);
    return 1;
  }
}
