// `art addon`: add-ons for Node, without Python, make and a compiler.
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { join } from 'pathe';
import { BUNDLE_NAME } from '../artifact/names.js';
import { ArtError } from '../errors.js';
import {
  ADDON_PLATFORMS,
  type AddonOptions,
  BuildFailedError,
  buildAddon,
  findSysroots,
  openKey,
  type PrebuildOptions,
  prebuildAddon,
} from '../index.js';
import { printable } from '../text/printable.js';
import { cacheVariables } from './cache-variables.js';
import { addCommonOptions, type CommonFlags, say } from './common-options.js';
import { bytes, number } from './numbers.js';
import { Reporter } from './reporter.js';
import { errorJson, failureText, humanSize } from './result.js';
import { passphrase } from './sign.js';
import { cancelledBySignals } from './signals.js';
import { terminal } from './terminal.js';

interface Options extends CommonFlags {
  prebuild?: boolean;
  platform?: string[];
  name?: string;
  out?: string;
  sign?: string;
  debug?: boolean;
  nodedir?: string;
  nodeVersion?: string;
  download?: true | string;
  set?: Record<string, string>;
  cache: boolean;
  cacheDir?: string;
  jobs?: number;
  timeout?: number;
  maxMemory?: number;
  nodeGypPath?: boolean;
}

const list = (value: string) => value.split(',').filter((item) => item !== '');

function setting(value: string, all: Record<string, string> = {}): Record<string, string> {
  const [, name, given] = /^([A-Za-z_][\w-]*)=(.*)$/s.exec(value) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Expected <name>=<value>');
  return { ...all, [name.replaceAll('-', '_')]: given as string };
}

const EXAMPLES = `
binding.gyp is evaluated by the packages pyodide and node-gyp; the node-gyp of npm is used if it is found. To install:
  npm install --save-dev art-aot pyodide

In npm's own flow, in place of node-gyp:
  npm install --ignore-scripts
  ln -sf "$(npx art addon --node-gyp-path)" node_modules/.bin/node-gyp
  npm rebuild
`;

/** The program that npm runs instead of node-gyp. */
const NODE_GYP = fileURLToPath(new URL('node-gyp.js', import.meta.url));

/** `art addon`. */
export function addonCommand(setStatus: (status: number) => void): Command {
  const command = new Command('addon')
    .description('build an add-on for Node from its binding.gyp, as node-gyp does')
    .usage('[options] [<package directory>]')
    .argument('[directory]', 'the folder of the package, with its binding.gyp (default: the working directory)')
    .option('--prebuild', 'build for all platforms into prebuilds/, and as an artifact')
    .option('--platform <list>', `with --prebuild: ${ADDON_PLATFORMS.map(({ name }) => name).join(', ')}`, list)
    .option('--name <name>', "with --prebuild: file name of the prebuilds (default: the package's name)")
    .option('--out <dir>', 'with --prebuild: folder of the artifact (default: prebuilds/artifact in the package)')
    .option('--sign <key>', "with --prebuild: sign the artifact with a private key, as 'art sign' does")
    .option('--debug', 'build for debugging, into build/Debug')
    .option('--nodedir <dir>', "a folder with Node's headers (default: beside Node, or in node-gyp's cache)")
    .option('--node-version <version>', 'the Node that it is for (default: the one that runs)')
    .option('--download [url]', "download Node's headers where they are missing, from nodejs.org or a mirror")
    .option('--set <name=value>', 'a variable of binding.gyp; may be given several times', setting)
    .option(
      '--cache-dir <dir>',
      "where results are kept for the next build (default: art's folder in the user's cache)",
    )
    .option('--no-cache', 'compile everything, and keep nothing')
    .option('--jobs <n>', 'units compiled at once (default: the number of processors)', number)
    .option('--timeout <s>', 'seconds that a unit may take (default: no limit)', number)
    .option('--max-memory <bytes>', "limit on the compiler's memory for a unit, such as 3G (default: 2G)", bytes)
    .option('--node-gyp-path', "print the path of the program that takes node-gyp's place in npm, and do nothing")
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(false);
  return addCommonOptions(command, { quiet: 'print diagnostics, warnings and errors only' }).action(
    async (directory: string | undefined, options: Options) => {
      if (options.nodeGypPath) say({ ...options, quiet: false }, { nodeGyp: NODE_GYP }, `${NODE_GYP}\n`);
      else setStatus(await cancelledBySignals((signal) => run(directory, options, signal)));
    },
  );
}

/** The settings in the environment: npm's configuration, which npm passes on there, and art's own variables. */
export function environmentOptions(env: NodeJS.ProcessEnv): AddonOptions {
  const { npm_config_nodedir: nodedir, npm_config_devdir: devdir, npm_config_jobs: jobs } = env;
  return {
    cache: true,
    ...cacheVariables(env),
    ...(nodedir && { nodedir }),
    ...(devdir && { devdir }),
    ...(jobs && /^[1-9]\d*$/.test(jobs) && { jobs: Number(jobs) }),
    ...(env.ART_SYSROOT && { sysrootFiles: findSysroots(env.ART_SYSROOT) }),
  };
}

function addonOptions(directory: string | undefined, options: Options): AddonOptions {
  const { nodedir, nodeVersion, download, set, cache, cacheDir, jobs, timeout, maxMemory, debug } = options;
  return {
    ...environmentOptions(process.env),
    ...(directory !== undefined && { directory }),
    ...(nodedir !== undefined && { nodedir }),
    ...(nodeVersion !== undefined && { nodeVersion }),
    ...(download !== undefined && { download }),
    ...(set && { variables: set }),
    ...(cacheDir !== undefined && { cache: cacheDir }),
    ...(!cache && { cache: false }),
    ...(jobs !== undefined && { jobs }),
    ...(timeout !== undefined && { timeout }),
    ...(maxMemory !== undefined && { maxMemory }),
    ...(debug && { debug }),
  };
}

const PREBUILD_ONLY = ['platform', 'name', 'out', 'sign'] as const;

async function run(directory: string | undefined, options: Options, signal: AbortSignal): Promise<number> {
  const { json, quiet, prebuild } = options;
  const alone = PREBUILD_ONLY.find((name) => options[name] !== undefined);
  if (alone && !prebuild)
    throw new ArtError(
      'INVALID_OPTION',
      `--${alone} is for --prebuild: 'art addon' builds for this machine, to build/Release`,
    );
  if (prebuild && options.debug)
    throw new ArtError('INVALID_OPTION', '--debug and --prebuild: prebuilds are for release; leave one of them out');
  const reporter = new Reporter(terminal(process.stderr), json || quiet ? 'quiet' : 'progress');
  const common = {
    ...addonOptions(directory, options),
    color: !json && reporter.color,
    onEvent: (event: Parameters<Reporter['report']>[0]) => reporter.report(event),
    signal,
  };
  try {
    if (prebuild) await prebuilds({ ...common, ...(await prebuildOptions(options, reporter)) }, options, reporter);
    else {
      const result = await buildAddon(common);
      reporter.finish();
      const lines = result.addons.map(
        ({ path, size }) => `${printable(path)}  ${humanSize(size)}  ${result.platform}\n`,
      );
      say(options, { ...result, warnings: reporter.warnings }, lines.join(''));
    }
    return 0;
  } catch (error) {
    reporter.finish();
    if (!(error instanceof BuildFailedError)) throw error;
    if (json) process.stdout.write(`${errorJson(error, reporter.diagnostics, reporter.warnings)}\n`);
    process.stderr.write(failureText(error));
    return 1;
  }
}

async function prebuildOptions(options: Options, reporter: Reporter): Promise<Partial<PrebuildOptions>> {
  const { platform: platforms, name, out, sign } = options;
  const warn = (message: string) => reporter.report({ type: 'warning', message });
  const key = sign === undefined ? undefined : await openKey(sign, passphrase, warn);
  const epoch = process.env.SOURCE_DATE_EPOCH;
  return {
    ...(platforms && { platforms }),
    ...(name !== undefined && { name }),
    ...(out !== undefined && { out }),
    ...(key && { sign: key }),
    ...(epoch && /^\d{1,10}$/.test(epoch) && { sourceDateEpoch: Number(epoch) }),
  };
}

async function prebuilds(request: PrebuildOptions, options: Options, reporter: Reporter): Promise<void> {
  const { files, out, manifest } = await prebuildAddon(request);
  reporter.finish();
  const size = new Map(manifest.entries.map((entry) => [entry.path, entry.size ?? 0]));
  const width = files.reduce((most, path) => Math.max(most, path.length), 0);
  const signature = request.sign && join(out, BUNDLE_NAME);
  const lines = [
    ...files.map((path) => `${printable(path).padEnd(width)}  ${humanSize(size.get(path) ?? 0)}`),
    join(out, 'artifact.json'),
    ...(signature ? [signature] : []),
  ];
  say(
    options,
    { files, out, ...(signature && { signature }), warnings: reporter.warnings, manifest },
    `${lines.join('\n')}\n`,
  );
}
