// Evaluates the build file of a package with GYP and the settings that node-gyp gives it, as `node-gyp configure` does.
import { join } from 'pathe';
import { ArtError } from '../errors.js';
import type { AddonHost } from '../platform/addon-host.js';
import type { CacheChoice } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import { printableText } from '../text/printable.js';
import { COMMON_GYPI } from './common-gypi.js';
import type { Evaluated } from './evaluated.js';
import { GYP_DRIVER, GYP_GENERATOR, GYP_PREPARATION } from './gyp-programs.js';
import type { NodeHeaders } from './headers.js';
import type { NodePlatform } from './platforms.js';

/** The build file of an add-on. */
export const BUILD_FILE = 'binding.gyp';

/** What the error names as missing, by the name of the package. */
const NEEDED = {
  pyodide: 'GYP is written in Python, which pyodide runs as WebAssembly',
  'node-gyp': 'it has GYP, which evaluates binding.gyp',
} as const;

/** The settings that a build file is evaluated with. */
export interface Configuration {
  /** The package's folder. */
  directory: string;
  platform: NodePlatform;
  headers: NodeHeaders;
  configuration: 'Release' | 'Debug';
  /** Values for the build file's own variables, as `node-gyp --name=value` sets them. */
  variables: Readonly<Record<string, string>>;
  /** The folder that build files may write to; each platform has its own. */
  buildDirectory: string;
  /** Where Python's memory is stored once GYP is loaded; undefined if nowhere. */
  cache: CacheChoice | undefined;
  signal: WebAbortSignal | undefined;
}

/**
 * Evaluates the build file.
 * @returns its targets, and the output of the commands that GYP ran
 * @throws ArtError INPUT_NOT_FOUND if there is no build file or no GYP; CONFIG_INVALID if GYP rejects the build file
 */
export async function evaluate(
  { directory, platform, headers, configuration, variables, buildDirectory, cache, signal }: Configuration,
  host: AddonHost,
): Promise<{ evaluated: Evaluated; output: string }> {
  const buildFile = join(directory, BUILD_FILE);
  if ((await host.files.kind(buildFile)) !== 'file')
    throw new ArtError(
      'INPUT_NOT_FOUND',
      `no ${BUILD_FILE} in '${directory}': an add-on for Node has one that says what it is built of (packages that use cmake-js have CMakeLists.txt: see docs/addons.md)`,
    );
  const needed = (name: keyof typeof NEEDED) => {
    const found = host.findPackage(name, directory);
    if (found !== undefined) return found;
    throw new ArtError(
      'INPUT_NOT_FOUND',
      `the package '${name}' is not installed (${NEEDED[name]}): npm install --save-dev pyodide node-gyp`,
    );
  };
  const pyodide = needed('pyodide');
  const nodeGyp = needed('node-gyp');
  await host.makeDirectory(buildDirectory);
  const configGypi = join(buildDirectory, 'config.gypi');
  const put = (path: string, text: string) => host.write(path, new TextEncoder().encode(text), false);
  await put(configGypi, await configText(platform, headers, configuration, variables, host));
  let common = headers.commonGypi;
  if (common === undefined) {
    common = join(buildDirectory, 'common.gypi');
    await put(common, COMMON_GYPI);
  }
  const own = [];
  for (const name of ['config.gypi', 'common.gypi'])
    if ((await host.files.kind(join(directory, name))) === 'file') own.push('-I', join(directory, name));
  const answer = await host.evaluateGyp({
    pyodide,
    nodeGyp,
    preparation: GYP_PREPARATION,
    driver: GYP_DRIVER,
    generator: GYP_GENERATOR,
    directory,
    cache,
    signal,
    args: [
      BUILD_FILE,
      '-f',
      `{generator}-${platform.gypOs}`,
      ...['-I', configGypi, ...own, '-I', join(nodeGyp, 'addon.gypi'), '-I', common],
      '-Dlibrary=shared_library',
      '-Dvisibility=default',
      `-Dnode_root_dir=${headers.root}`,
      `-Dnode_gyp_dir=${nodeGyp}`,
      '-Dnode_lib_file=node',
      `-Dmodule_root_dir=${directory}`,
      '-Dnode_engine=v8',
      '--depth=.',
      '--no-parallel',
      '--generator-output',
      'build',
      '-Goutput_dir=.',
    ],
  });
  if (answer.evaluated !== undefined)
    return { evaluated: JSON.parse(answer.evaluated) as Evaluated, output: answer.output };
  throw new ArtError('CONFIG_INVALID', `GYP refuses '${buildFile}':\n${printableText(answer.output).trimEnd()}`);
}

type Values = Record<string, unknown>;

/** The text of config.gypi, as node-gyp writes it: how Node was built, for the platform of the add-on. */
async function configText(
  platform: NodePlatform,
  { configGypi, root, include }: NodeHeaders,
  configuration: string,
  given: Readonly<Record<string, string>>,
  host: AddonHost,
): Promise<string> {
  const found = configGypi && parseConfig(new TextDecoder().decode(await host.files.read(configGypi)));
  const base = found || host.node.config;
  const variables: Values = { ...(base as { variables?: Values }).variables };
  const clang = { clang: 1, llvm_version: '22.1' };
  const settings = {
    // Flags for the machine on which Node was built are not for add-ons.
    target_defaults: {
      cflags: [],
      defines: [],
      include_dirs: include === undefined ? [] : [include],
      libraries: [],
      default_configuration: configuration,
    },
    variables: {
      ...variables,
      ...clang,
      target_arch: platform.arch,
      host_arch: host.node.arch,
      nodedir: root,
      python: 'python3',
      standalone_static_library: 1,
      enable_lto: 'false',
      enable_thin_lto: 'false',
      ...given,
    },
  };
  // GYP reads this as Python, where true and false have other names.
  const text = JSON.stringify(settings, (_, value) => (typeof value === 'boolean' ? String(value) : value), 2);
  return `# Written by art addon, as node-gyp configure writes it.\n${text}\n`;
}

/** Parses Node's own config.gypi, which is a Python literal; undefined if it is not in the form that Node writes. */
function parseConfig(text: string): Values | undefined {
  const json = text
    .replace(/#.*/g, '')
    .replace(/'$\s+'/gm, '')
    .replace(/'/g, '"');
  try {
    return JSON.parse(json) as Values;
  } catch {
    return undefined;
  }
}
