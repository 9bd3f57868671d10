import { Command } from 'commander';
import type { LinkKind, LinkOptions } from '../config/link-options.js';
import { LinkFailedError, link } from '../index.js';
import { humanSize } from './result.js';
import { terminal } from './terminal.js';

interface Options {
  out?: string;
  target?: string;
  sysroot?: string;
  staticPie?: boolean;
  shared?: boolean;
  relocatable?: boolean;
  archive?: boolean;
  json?: boolean;
  quiet?: boolean;
}

const LINKER_FLAGS = `
the linker's flags, as clang takes them, here or after a '--':
  -l<library> -L<dir> -Wl,<flags for ld.lld> -nostdlib -pthread -g -s -T <script> -u <symbol>
`;
/** Flags of the linker that take the next argument. */
const SEPARATE: ReadonlySet<string> = new Set(['-l', '-L', '-T', '-u', '-e', '-z', '-Xlinker']);

/** Parts a command line of `art link` into art's own words and the linker's flags. */
export function splitLinkerFlags(argv: readonly string[]): { own: string[]; flags: string[] } {
  const own: string[] = [];
  const flags: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const argument = argv[i] as string;
    if (argument === '--') {
      flags.push(...argv.slice(i + 1));
      break;
    }
    if (argument === '-o') own.push('--out', argv[++i] ?? '');
    else if (argument === '-r') own.push('--relocatable');
    else if (/^-(shared|static-pie)$/.test(argument)) own.push(`-${argument}`);
    else if (/^-[^-]/.test(argument)) {
      flags.push(argument);
      if (SEPARATE.has(argument) && i + 1 < argv.length) flags.push(argv[++i] as string);
    } else own.push(argument);
  }
  return { own, flags };
}

/** `art link`. `flags` are the linker's, already parted from the command line. */
export function linkCommand(flags: string[], setStatus: (status: number) => void): Command {
  return new Command('link')
    .description('link objects, archives or an artifact')
    .usage('[options] <inputs>... -o <file> [-- <linker flags>]')
    .argument('[inputs...]', 'objects (.o), archives (.a), shared libraries, artifacts (folder or artifact.json)')
    .option('--out <file>', 'the file to write; also -o <file>')
    .option('--target <target>', 'x86_64, aarch64, or a full triple (default: that of the inputs)')
    .option('--sysroot <dir>', "a sysroot in place of art's own")
    .option('--static-pie', 'a static program that runs at any address')
    .option('--shared', 'a shared library')
    .option('--relocatable', 'one object; also -r')
    .option('--archive', 'an archive, as ar makes it')
    .option('--json', 'print one JSON object, for machines')
    .option('--quiet', 'print errors and warnings only')
    .addHelpText('after', LINKER_FLAGS)
    .action(async (inputs: string[], options: Options) => setStatus(await run(inputs, flags, options)));
}

function kindOf(options: Options): { kind?: LinkKind } {
  if (options.archive) return { kind: 'archive' };
  if (options.relocatable) return { kind: 'relocatable' };
  if (options.shared) return { kind: 'shared' };
  return options.staticPie ? { kind: 'static-pie' } : {};
}

async function run(inputs: string[], flags: string[], options: Options): Promise<number> {
  try {
    const request: Partial<LinkOptions> = {
      inputs,
      flags,
      ...(options.out !== undefined && { output: options.out }),
      ...kindOf(options),
      ...(options.target && { target: options.target }),
      ...(options.sysroot && { sysroot: options.sysroot }),
      color: terminal(process.stderr).color,
    };
    const result = await link(request as LinkOptions); // which says what is missing
    process.stderr.write(result.diagnostics);
    if (options.json) process.stdout.write(`${JSON.stringify({ ok: true, ...result }, null, 2)}\n`);
    else if (!options.quiet)
      process.stdout.write(
        `${result.output}  ${humanSize(result.size)}  ${result.target}\n  sha256 ${result.sha256}\n`,
      );
    return 0;
  } catch (error) {
    if (error instanceof LinkFailedError) process.stderr.write(error.diagnostics);
    throw error;
  }
}
