// The program that npm runs instead of node-gyp: node-gyp's commands and options, carried out by art.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { ArtError, messageOf } from '../errors.js';
import { type AddonOptions, type AddonResult, addonSteps, BuildFailedError, buildAddon, VERSION } from '../index.js';
import { printable, printableText } from '../text/printable.js';
import { environmentOptions } from './addon.js';
import { Reporter } from './reporter.js';
import { failureText } from './result.js';
import { cancelledBySignals } from './signals.js';
import { terminal } from './terminal.js';

/** The first word of a command line that is meant for node-gyp. */
export const NODE_GYP_WORD = 'node-gyp';

const COMMANDS = ['configure', 'build', 'rebuild', 'clean'] as const;
/** Commands of node-gyp that art knows and does not implement. */
const OF_HEADERS = ['install', 'list', 'remove'] as const;
type CommandName = (typeof COMMANDS)[number] | (typeof OF_HEADERS)[number];
const ALIASES: Readonly<Record<string, CommandName>> = { ls: 'list', rm: 'remove' };

/** node-gyp's own options, and whether they take a value; all others are variables of binding.gyp. */
const OWN: Readonly<Record<string, boolean>> = {
  ...{ help: false, arch: true, cafile: true, debug: false, directory: true, make: true, 'msvs-version': true },
  ...{ ensure: false, solution: true, proxy: true, noproxy: true, devdir: true, nodedir: true, loglevel: true },
  ...{ python: true, 'dist-url': true, tarball: true, jobs: true, thin: true, 'force-process-config': false },
  ...{
    release: false,
    target: true,
    version: false,
    verbose: false,
    silent: false,
    runtime: true,
    build_v8_with_gn: false,
  },
  ...{ 'node-gyp': true },
};
const SHORT: Readonly<Record<string, string>> = { C: 'directory', j: 'jobs', v: 'version', h: 'help' };
/** npm passes its whole configuration in the environment; these keys are not variables of binding.gyp. */
const NPM_ONLY =
  /^(user|global|cache|prefix|init|noproxy|npm|node_gyp|local|userconfig|globalconfig|metrics|registry|nodedir|devdir|jobs|arch|platform|target|https?_proxy|_|.*auth)/;

interface Words {
  commands: CommandName[];
  options: Record<string, string>;
  variables: Record<string, string>;
}

/** @throws ArtError INVALID_OPTION */
function parse(words: readonly string[]): Words {
  const commands: CommandName[] = [];
  const options: Record<string, string> = {};
  const variables: Record<string, string> = {};
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const [, short, joined] = /^-([A-Za-z])(.*)$/s.exec(word) ?? [];
    const [, long, , value] = /^--([^=]+)(=(.*))?$/s.exec(word) ?? [];
    if (word === '--') break;
    const name = long ?? (short && SHORT[short]);
    if (name !== undefined) {
      const plain = name.replace(/^no-/, '');
      const given = value ?? (joined || undefined);
      const isOwn = Object.hasOwn(OWN, plain);
      const next = words[i + 1];
      // As nopt does: the word after an unknown option is its value, unless it is an option itself.
      const takesNext =
        given === undefined && next !== undefined && (isOwn ? OWN[plain] : !/^-/.test(next) && !isCommand(next));
      const text = given ?? (takesNext ? (words[++i] as string) : name === plain ? 'true' : 'false');
      if (isOwn) options[plain] = text;
      else variables[plain.replaceAll('-', '_')] = text;
    } else if (isCommand(word)) commands.push(ALIASES[word] ?? (word as CommandName));
    else if (commands.length === 0)
      throw new ArtError('INVALID_OPTION', `unknown command '${printable(word)}': expected ${COMMANDS.join(', ')}`);
  }
  return { commands, options, variables };
}

const isCommand = (word: string) =>
  ([...COMMANDS, ...OF_HEADERS] as readonly string[]).includes(word) || Object.hasOwn(ALIASES, word);

function npmVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const prefix of ['npm_config_', 'npm_package_config_node_gyp_'])
    for (const [key, value] of Object.entries(env)) {
      const name = key.toLowerCase().startsWith(prefix) ? key.slice(prefix.length).toLowerCase() : '';
      if (/^[a-z]\w*$/.test(name) && !NPM_ONLY.test(name) && value !== undefined) variables[name] = value;
    }
  return variables;
}

/** Runs a command line of node-gyp. @returns the exit status, 0 or 1 as of node-gyp */
export async function runNodeGyp(words: readonly string[]): Promise<number> {
  const say = (text: string) => void process.stderr.write(`gyp ${text}\n`);
  let parsed: Words;
  try {
    parsed = parse(words);
  } catch (error) {
    say(`ERR! ${messageOf(error)}`);
    say('ERR! not ok');
    return 1;
  }
  const { commands, options } = parsed;
  if (options.version !== undefined) {
    process.stdout.write(`art ${VERSION}\n`);
    return 0;
  }
  if (commands.length === 0 || options.help !== undefined) {
    process.stdout.write(`node-gyp, as art ${VERSION} does it: ${COMMANDS.join(', ')}; see 'art addon --help'\n`);
    return options.help === undefined ? 1 : 0;
  }
  const silent =
    options.silent !== undefined || options.loglevel === 'silent' || process.env.npm_config_loglevel === 'silent';
  const reporter = new Reporter(terminal(process.stderr), silent ? 'quiet' : 'progress');
  if (!silent) {
    say('info it worked if it ends with ok');
    say(`info using art@${VERSION}`);
    say(`info using node@${process.versions.node} | ${process.platform} | ${process.arch}`);
  }
  try {
    await cancelledBySignals((signal) => runCommands(parsed, reporter, signal));
    reporter.finish();
    if (!silent) say('info ok');
    return 0;
  } catch (error) {
    reporter.finish();
    if (!(error instanceof ArtError)) throw error;
    if (error instanceof BuildFailedError) process.stderr.write(failureText(error));
    for (const line of printableText(error.message).split('\n')) say(`ERR! ${line}`);
    say(`ERR! cwd ${printable(process.cwd())}`);
    say('ERR! not ok');
    return 1;
  }
}

async function runCommands(
  { commands, options, variables }: Words,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  const env = process.env;
  const directory = resolve(options.directory ?? '.');
  const jobs = options.jobs?.toLowerCase() === 'max' ? availableParallelism() : Number(options.jobs);
  const arch = options.arch ?? env.npm_config_arch;
  const target = options.target ?? env.npm_config_target;
  const distribution = options['dist-url'] ?? env.npm_config_disturl;
  const request: AddonOptions = {
    ...environmentOptions(env),
    directory,
    variables: { ...npmVariables(env), ...variables },
    ...(options.debug !== undefined && { debug: options.debug !== 'false' }),
    ...(arch && { arch }),
    ...(target && { nodeVersion: target }),
    ...(options.nodedir && { nodedir: options.nodedir }),
    ...(options.devdir && { devdir: options.devdir }),
    ...(distribution && { download: distribution }),
    ...(jobs >= 1 && { jobs }),
    color: reporter.color,
    onEvent: (event) => reporter.report(event),
    signal,
  };
  const tell = ({ addons }: AddonResult) => {
    if (reporter.mode !== 'quiet')
      for (const { path } of addons) process.stderr.write(`gyp info made ${printable(path)}\n`);
  };
  for (const command of commands) {
    if (command === 'clean') await addonSteps.clean(directory);
    else if (command === 'configure') await addonSteps.configure(request);
    else if (command === 'build') tell(await addonSteps.build(request));
    else if (command === 'rebuild') {
      await addonSteps.clean(directory);
      tell(await buildAddon(request));
    } else
      throw new ArtError(
        'INVALID_OPTION',
        `'${command}' manages headers, of which art keeps none: see --nodedir and --download of 'art addon'`,
      );
  }
}
