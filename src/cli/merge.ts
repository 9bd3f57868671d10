// `art merge`: puts the parts that art build --shard made together to one artifact.
import { Command } from 'commander';
import { merge } from '../index.js';
import { addCommonOptions, type CommonFlags } from './common-options.js';
import { sayMade, sayNotMade, signerOf } from './made.js';
import { bytes, number } from './numbers.js';
import { Reporter } from './reporter.js';
import { cancelledBySignals } from './signals.js';
import { terminal } from './terminal.js';

interface Options extends CommonFlags {
  out?: string;
  sign?: string;
  sources?: string;
  include: string[];
  sysroot?: string;
  maxSize?: number;
  timeout?: number;
  maxMemory?: number;
}

const collect = (value: string, all: string[]) => [...all, value];

const EXAMPLE = `
example, with each of the first two on a machine of its own:
  art build src -O2 --link tool --shard 1/2
  art build src -O2 --link tool --shard 2/2
  art merge artifact-parts --out artifact
`;

/** `art merge`. */
export function mergeCommand(setStatus: (status: number) => void): Command {
  const command = new Command('merge')
    .description('put the parts that art build --shard made together to one artifact')
    .usage('[options] <part>...')
    .argument('<parts...>', 'folders that art build --shard wrote, or a folder of such folders')
    .option('--out <dir>', 'where to write (default: ./artifact)')
    .option('--sign <key>', "sign the artifact with a private key, as 'art sign' does")
    .option('--sources <dir>', 'the directory of the project, in which --link finds libraries (default: .)')
    .option(
      '--include <dir>',
      'a directory outside the project, with libraries for --link; repeat it in the order of the build',
      collect,
      [],
    )
    .option('--sysroot <dir>', "the sysroot, if the parts were built with one other than art's own")
    .option('--max-size <bytes>', 'largest total size of the entries of one part, such as 2G (default: 16G)', bytes)
    .option('--timeout <s>', 'time limit of the link in seconds (default: 600)', number)
    .option('--max-memory <bytes>', "limit on the linker's memory, such as 3G (default: 2G)", bytes)
    .addHelpText('after', EXAMPLE);
  return addCommonOptions(command, { quiet: 'print diagnostics, warnings and errors only' }).action(
    async (parts: string[], options: Options) =>
      setStatus(await cancelledBySignals((signal) => run(parts, options, signal))),
  );
}

async function run(parts: string[], options: Options, signal: AbortSignal): Promise<number> {
  const { json, quiet, sign: keyFile, ...same } = options;
  const reporter = new Reporter(terminal(process.stderr), json || quiet ? 'quiet' : 'progress');
  try {
    const key = await signerOf(keyFile, reporter);
    const started = performance.now();
    const result = await merge(parts, {
      ...same,
      ...(key && { sign: key }),
      color: !json && reporter.color,
      onEvent: (event) => reporter.report(event),
      signal,
    });
    const seconds = (performance.now() - started) / 1000;
    sayMade(result, options, reporter, { seconds, signed: key !== undefined });
    return 0;
  } catch (error) {
    return sayNotMade(error, options, reporter);
  }
}
