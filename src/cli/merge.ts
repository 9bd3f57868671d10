// `art merge`: the parts that art build --shard made, to one artifact.
import { Command } from 'commander';
import { join } from 'pathe';
import { BUNDLE_NAME } from '../artifact/names.js';
import { ArtError } from '../errors.js';
import { BuildFailedError, merge, openKey } from '../index.js';
import { addCommonOptions, type CommonFlags } from './common-options.js';
import { bytes, number } from './numbers.js';
import { Reporter } from './reporter.js';
import { errorJson, failureText, resultJson, resultTable } from './result.js';
import { passphrase } from './sign.js';
import { cancelledBySignals } from './signals.js';
import { screenful, terminal } from './terminal.js';

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
    .option('--sources <dir>', 'where --link finds libraries of the project (default: .)')
    .option('--include <dir>', 'where it finds those from outside of it; once for each directory', collect, [])
    .option('--sysroot <dir>', 'the sysroot, where the parts were built with one of their own')
    .option('--max-size <bytes>', 'what the entries of one part may come to, such as 2G (default: 16G)', bytes)
    .option('--timeout <s>', 'seconds that the link may take (default: 600)', number)
    .option('--max-memory <bytes>', 'what the linker may take, such as 3G (default: 2G)', bytes)
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
    const key =
      keyFile === undefined
        ? undefined
        : await openKey(keyFile, passphrase, (message) => reporter.report({ type: 'warning', message }));
    const started = performance.now();
    const result = await merge(parts, {
      ...same,
      ...(key && { sign: key }),
      color: !json && reporter.color,
      onEvent: (event) => reporter.report(event),
      signal,
    });
    const signature = key && join(result.out, BUNDLE_NAME);
    reporter.finish();
    if (json) process.stdout.write(`${resultJson(result, reporter.warnings, signature)}\n`);
    else if (!quiet)
      process.stdout.write(resultTable(result, (performance.now() - started) / 1000, signature, screenful()));
    return 0;
  } catch (error) {
    reporter.finish();
    if (json && error instanceof ArtError)
      process.stdout.write(`${errorJson(error, reporter.diagnostics, reporter.warnings)}\n`);
    if (!(error instanceof BuildFailedError)) throw error;
    process.stderr.write(failureText(error));
    return 1;
  }
}
