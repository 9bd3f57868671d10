import { Command, InvalidArgumentError } from 'commander';
import type { BuildOptions, InstrumentLevel, Shard } from '../config/options.js';
import { ArtError } from '../errors.js';
import { BuildFailedError, build, buildReport, findSysroots, inspect, reportPage, watch, writePage } from '../index.js';
import { printableText } from '../text/printable.js';
import type { EmitKind } from '../toolchain/requests.js';
import { cacheVariables, remoteCacheOf } from './cache-variables.js';
import { sayMade, sayNotMade, signerOf } from './made.js';
import { bytes, number } from './numbers.js';
import { Reporter } from './reporter.js';
import { errorJson, failureText, resultJson, roundLine } from './result.js';
import { cancelledBySignals, statusAfterSignal } from './signals.js';
import { terminal } from './terminal.js';
import { UnitTimes } from './unit-times.js';

interface Options {
  config?: string;
  compileCommands?: string;
  package?: string;
  out?: string;
  target?: string[];
  emit?: string[];
  link?: string;
  withProfile?: string[];
  plan?: string;
  instrument?: InstrumentLevel;
  sysroot?: string;
  sign?: string;
  manifestOnly?: boolean;
  watch?: boolean;
  report?: string;
  reportBase?: string;
  cache: boolean;
  cacheDir?: string;
  remoteCache?: string;
  remoteCacheKey?: string[];
  remoteCacheReadOnly?: boolean;
  remoteCacheInsecure?: boolean;
  shard?: Shard;
  jobs?: number;
  timeout?: number;
  maxMemory?: number;
  json?: boolean;
  quiet?: boolean;
}

function part(value: string): Shard {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(value) ?? [];
  if (index === undefined) throw new InvalidArgumentError('Expected which part, and of how many, such as 2/8');
  return { index: Number(index), count: Number(count) };
}

const list = (value: string) => value.split(',').filter((item) => item !== '');

const collect = (value: string, all: string[] = []) => [...all, value];

function onlyPlan(value: string, earlier?: string): string {
  if (earlier !== undefined)
    throw new InvalidArgumentError(`A build takes one plan, and '${earlier}' is named already`);
  return value;
}

const CLANG_FLAGS = `
clang's flags, as clang takes them, here or after a '--':
  -O<n> -D<name>[=<value>] -U<name> -I<dir> -isystem <dir> -include <file>
  -std=<standard> -f… -m… -g… -W…
  with --link: -l<library> -L<dir> -Wl,<flags for ld.lld> -nostdlib
  without one of -O1 -O2 -O3 -Os -Oz nothing is optimised, as with clang

SOURCE_DATE_EPOCH in the environment sets the time that __DATE__ and the archive show (default 0).
`;

/** `art build`. @param flags clang's flags, which have been split from the command line already */
export function buildCommand(flags: string[], setStatus: (status: number) => void): Command {
  return new Command('build')
    .description('compile sources and write artifact.json and artifact.tar.gz')
    .usage('[options] [<file|directory>...] [-- <clang flags>]')
    .argument('[inputs...]', 'sources (.c .cpp .s .S .ll .bc …), or directories of them (default: as the config says)')
    .option('--config <file>', 'what to build, and how (default: ./art.config.json, where no inputs are named)')
    .option('--compile-commands <file>', 'build the units of a compile_commands.json, each with its own flags')
    .option('--package <name>', 'name of the package (default: name-version of the nearest package.json)')
    .option('--out <dir>', 'where to write (default: ./artifact)')
    .option('--target <list>', 'x86_64, aarch64, or full triples (default: x86_64,aarch64)', list)
    .option('--emit <list>', 'bitcode, object, asm, ir (default: bitcode,object)', list)
    .option('--link <name>', 'link the objects of each target into a program and add it to the artifact')
    .option('--with-profile <file>', 'a profile for the optimiser; several are merged', collect)
    .option('--plan <file>', 'a plan that art plan made, instead of a profile', onlyPlan)
    .option(
      '--instrument [level]',
      'make programs write a profile when they end: counters inserted by clang, or by LLVM (=ir)',
    )
    .option('--sysroot <dir>', "a sysroot to use instead of art's own")
    .option('--sign <key>', "sign the artifact with a private key, as 'art sign' does")
    .option('--manifest-only', 'write the manifest of what would be built, and no archive')
    .option('--cache-dir <dir>', "folder of the cache of compiled results (default: art's folder in the user's cache)")
    .option('--no-cache', 'compile everything: neither read nor write the cache')
    .option('--remote-cache <url>', "a team's cache: a server with Bazel's HTTP cache protocol, or with WebDAV")
    .option('--remote-cache-key <file>', 'sign results there: a private key signs, every key named is trusted', collect)
    .option('--remote-cache-read-only', 'use results from it, and upload none')
    .option('--remote-cache-insecure', 'allow http:// to another machine')
    .option('--shard <i/n>', 'build one part of n only, such as 2/8, for art merge (default: all)', part)
    .option('--watch', 'build again whenever a file changes that the result depends on')
    .option('--report <file>', 'write an HTML page with the times of units and the sizes of outputs')
    .option('--report-base <artifact>', 'with --report: show also what grew since this artifact')
    .option('--jobs <n>', 'units compiled at once (default: the number of processors)', number)
    .option('--timeout <s>', 'seconds that a unit may take (default: 600 for .bc, .ll and the link)', number)
    .option('--max-memory <bytes>', "limit on the compiler's memory for a unit, such as 3G (default: 2G)", bytes)
    .option('--json', 'print one JSON object, for machines')
    .option('--quiet', 'print diagnostics, warnings and errors only')
    .addHelpText('after', CLANG_FLAGS)
    .action(async (inputs: string[], options: Options) =>
      setStatus(await cancelledBySignals((signal) => run(inputs, flags, options, signal))),
    );
}

async function run(inputs: string[], flags: string[], options: Options, signal: AbortSignal): Promise<number> {
  const {
    target: targets,
    emit,
    json,
    quiet,
    sign: keyFile,
    cache,
    cacheDir,
    watch: isWatching,
    report,
    reportBase,
    ...others
  } = options;
  const { remoteCache: _, remoteCacheKey: __, remoteCacheReadOnly: ___, remoteCacheInsecure: ____, ...same } = others;
  const reporter = new Reporter(terminal(process.stderr), json || quiet ? 'quiet' : 'progress');
  const times = new UnitTimes();
  try {
    const request: BuildOptions = {
      cache: true,
      ...same,
      inputs,
      flags,
      ...(targets && { targets }),
      ...cacheVariables(process.env),
      ...(cacheDir !== undefined && { cache: cacheDir }),
      ...(!cache && { cache: false }),
      ...(emit && { emit: emit as EmitKind[] }),
      ...sourceDateEpoch(process.env.SOURCE_DATE_EPOCH),
      ...(process.env.ART_SYSROOT && { sysrootFiles: findSysroots(process.env.ART_SYSROOT) }),
      // JSON has no colours in it.
      color: !json && reporter.color,
      onEvent(event) {
        reporter.report(event);
        times.note(event);
      },
      signal,
    };
    // Before the build, so that an unusable key is reported at once.
    const key = await signerOf(keyFile, reporter);
    const warn = (message: string) => reporter.report({ type: 'warning', message });
    const remoteCache = await remoteCacheOf(options, process.env, warn);
    const whole = { ...request, ...(key && { sign: key }), ...(remoteCache && { remoteCache }) };
    if (reportBase !== undefined && report === undefined)
      throw new ArtError('INVALID_OPTION', '--report-base needs --report <file>, the page that shows what grew');
    if (isWatching && report !== undefined)
      throw new ArtError('INVALID_OPTION', '--report and --watch: a report is about one build; leave one of them out');
    // Before the build, which may replace it.
    const base = reportBase === undefined ? undefined : await inspect(reportBase, { sections: true, symbols: true });
    if (isWatching) return await watchBuilds(whole, options, reporter);
    const started = performance.now();
    const result = await build(whole);
    const figures = report === undefined ? undefined : await buildReport(result, times.figures(), base);
    if (report !== undefined && figures) await writePage(report, reportPage(figures));
    const seconds = (performance.now() - started) / 1000;
    sayMade(result, options, reporter, { seconds, signed: key !== undefined, figures });
    return 0;
  } catch (error) {
    return sayNotMade(error, options, reporter);
  }
}

/** Prints one line for each build, after the compiler's output; with --json one object per line. A signal ends it. */
async function watchBuilds(request: BuildOptions, { json, quiet }: Options, reporter: Reporter): Promise<number> {
  try {
    return await watch(request, ({ result, error, seconds }) => {
      reporter.finish();
      if (json) {
        const text = result
          ? resultJson(result, reporter.warnings)
          : errorJson(error as ArtError, reporter.diagnostics);
        process.stdout.write(`${JSON.stringify(JSON.parse(text))}\n`);
      } else if (error) process.stderr.write(roundFailure(error));
      else if (!quiet && result) process.stdout.write(roundLine(result, seconds));
      reporter.startAnew();
    });
  } catch (error) {
    // This is how a watch ends.
    if (error instanceof ArtError && error.code === 'CANCELLED') return statusAfterSignal(1);
    throw error;
  }
}

const roundFailure = (error: ArtError) =>
  error instanceof BuildFailedError ? failureText(error) : `art: error: ${printableText(error.message)}\n`;

function sourceDateEpoch(value: string | undefined): { sourceDateEpoch?: number } {
  if (value === undefined || value === '') return {};
  if (!/^\d{1,10}$/.test(value))
    throw new ArtError(
      'INVALID_OPTION',
      `SOURCE_DATE_EPOCH is '${value}': expected whole seconds since 1970, or unset it`,
    );
  return { sourceDateEpoch: Number(value) };
}
