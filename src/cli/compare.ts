// `art diff` and `art rebuild`.
import { Command } from 'commander';
import { BuildFailedError, diff, rebuild } from '../index.js';
import { printable, printableJson } from '../text/printable.js';
import { addCommonOptions, type CommonFlags } from './common-options.js';
import { differenceText } from './difference.js';
import { bytes, number } from './numbers.js';
import { addOpenOptions, type OpenFlags, openOptions } from './open-options.js';
import { Reporter } from './reporter.js';
import { errorJson, failureText } from './result.js';
import { cancelledBySignals } from './signals.js';
import { terminal } from './terminal.js';

interface Options extends OpenFlags, CommonFlags {}

interface RebuildFlags extends Options {
  sources?: string;
  include: string[];
  sysroot?: string;
  withProfile: string[];
  jobs?: number;
  timeout?: number;
  maxMemory?: number;
}

const ARTIFACT = 'the artifact in any layout: a folder, its artifact.json, one JSON file, or a URL of these';
const collect = (value: string, all: string[]) => [...all, value];

/** `art diff`: exit status 1 if the artifacts differ. */
export function diffCommand(setStatus: (status: number) => void): Command {
  const command = new Command('diff')
    .description('compare two artifacts: manifests, entries, sections, functions')
    .usage('[options] <a> <b>')
    .argument('<a>', ARTIFACT)
    .argument('<b>', 'the other artifact')
    .allowExcessArguments(false);
  const quiet = 'print nothing: the exit status says whether they differ';
  return addCommonOptions(addOpenOptions(command, { one: false }), { quiet }).action(
    async (a: string, b: string, options: Options) => {
      const difference = await diff(a, b, openOptions(options));
      if (options.json) process.stdout.write(`${printableJson({ ok: true, ...difference })}\n`);
      else if (!options.quiet) process.stdout.write(differenceText(difference, ['a', 'b']));
      setStatus(difference.same ? 0 : 1);
    },
  );
}

/** `art rebuild`: exit status 1 if a byte differs, or if it cannot be rebuilt. */
export function rebuildCommand(setStatus: (status: number) => void): Command {
  const command = new Command('rebuild')
    .description('build an artifact again from its provenance, and compare every byte')
    .usage('[options] <artifact>')
    .argument('<artifact>', ARTIFACT)
    .option('--sources <dir>', 'the directory of the project (default: .)')
    .option('--include <dir>', 'a directory outside the project; repeat it in the order of the build', collect, [])
    .option('--sysroot <dir>', "the sysroot, if it was built with one other than art's own")
    .option(
      '--with-profile <file>',
      'a profile, or the plan, that it was built with; repeat it for several',
      collect,
      [],
    )
    .option('--jobs <n>', 'units compiled at once (default: the number of processors)', number)
    .option('--timeout <s>', 'seconds that a unit may take, as for the build', number)
    .option('--max-memory <bytes>', "limit on the compiler's memory for a unit, as for the build", bytes)
    .allowExcessArguments(false);
  return addCommonOptions(addOpenOptions(command), { quiet: 'print what differs, and errors, only' }).action(
    async (artifact: string, options: RebuildFlags) =>
      setStatus(await cancelledBySignals((signal) => again(artifact, options, signal))),
  );
}

async function again(artifact: string, options: RebuildFlags, signal: AbortSignal): Promise<number> {
  const reporter = new Reporter(terminal(process.stderr), options.json || options.quiet ? 'quiet' : 'progress');
  try {
    const { json, quiet, key: _, trusted: __, ...rest } = options;
    const result = await rebuild(artifact, {
      ...rest,
      ...openOptions(options),
      color: reporter.color,
      onEvent: (event) => reporter.report(event),
      signal,
    });
    reporter.finish();
    for (const problem of result.problems)
      process.stderr.write(`art: error: ${printable(`${artifact}: ${problem}`)}\n`);
    if (json) process.stdout.write(`${printableJson({ ok: result.identical, ...result })}\n`);
    else if (result.difference && !result.identical)
      process.stdout.write(differenceText(result.difference, ['artifact', 'rebuilt']));
    else if (result.identical && !quiet) process.stdout.write(`${artifact}: rebuilt, and every byte is the same\n`);
    return result.identical ? 0 : 1;
  } catch (error) {
    reporter.finish();
    if (!(error instanceof BuildFailedError)) throw error;
    if (options.json) process.stdout.write(`${errorJson(error, reporter.diagnostics, reporter.warnings)}\n`);
    process.stderr.write(failureText(error));
    return 1;
  }
}
