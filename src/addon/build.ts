// `art addon`: builds what binding.gyp describes, for one platform.
import { join, relative } from 'pathe';
import { type CommandPool, openCommandPool } from '../builder/command.js';
import type { BuildEvent } from '../config/events.js';
import { ArtError, messageOf } from '../errors.js';
import type { AddonHost } from '../platform/addon-host.js';
import type { CacheChoice } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import { printable } from '../text/printable.js';
import type { SourceFile } from '../toolchain/requests.js';
import { toolRequest } from '../toolchain/tool-request.js';
import { type CommandSettings, carryOut } from './carry-out.js';
import { type AddonUses, exportsOf, missingInWords, usesOf } from './check.js';
import type { Evaluated } from './evaluated.js';
import { evaluate } from './gyp.js';
import type { NodeHeaders } from './headers.js';
import { planTargets } from './plan.js';
import { type NodePlatform, targetFor } from './platforms.js';
import { prepareWindows } from './windows.js';

/** The settings of a build, made from its options. */
export interface AddonSettings {
  /** The package's folder, absolute. */
  directory: string;
  /** The folder that the build writes to, absolute; it is in the package's folder. */
  buildDirectory: string;
  platform: NodePlatform;
  headers: NodeHeaders;
  configuration: 'Release' | 'Debug';
  variables: Readonly<Record<string, string>>;
  jobs: number;
  timeout: number | undefined;
  maxMemory: number | undefined;
  sysroots: string | undefined;
  /** Where results are stored; undefined if nowhere. */
  cache: CacheChoice | undefined;
  color: boolean;
  onEvent: (event: BuildEvent) => void;
  onRead?: (files: readonly SourceFile[]) => void;
  signal: WebAbortSignal | undefined;
}

/** An add-on that was built. */
export interface BuiltAddon {
  /** The name of the target, and the absolute path of the file. */
  name: string;
  path: string;
  bytes: Uint8Array;
  /** Whether it uses only N-API, and so needs no certain version of Node. */
  napi: boolean;
}

/**
 * Does some work in the build folder, once no other command works there.
 * @throws ArtError OUTPUT_NOT_WRITABLE, CANCELLED
 */
export async function alone<T>(
  folder: string,
  { onEvent, signal }: Partial<Pick<AddonSettings, 'onEvent' | 'signal'>>,
  host: AddonHost,
  work: () => Promise<T>,
): Promise<T> {
  const message = `waiting for another command that builds in '${folder}'`;
  const release = await host.claim(folder, () => onEvent?.({ type: 'warning', message }), signal);
  try {
    return await work();
  } finally {
    await release();
  }
}

/**
 * Evaluates the package's build file with GYP.
 * @throws ArtError of `evaluate`
 */
export async function configureAddon(settings: AddonSettings, host: AddonHost): Promise<Evaluated> {
  const { evaluated, output } = await evaluate(settings, host);
  if (output)
    settings.onEvent({ type: 'diagnostics', unit: 'binding.gyp', target: settings.platform.name, text: output });
  return evaluated;
}

/**
 * Builds all targets, and checks that Node can load the add-ons among them.
 * @throws ArtError CONFIG_INVALID, CANNOT_RUN, BuildFailedError, LINK_FAILED, OUTPUT_NOT_WRITABLE, CANCELLED
 */
export async function buildTargets(
  evaluated: Evaluated,
  settings: AddonSettings,
  host: AddonHost,
): Promise<{ addons: BuiltAddon[]; libraries: string[]; units: number }> {
  const { directory, buildDirectory, configuration, platform } = settings;
  const target = targetFor(platform);
  checkVersion(evaluated, settings);
  const plan = planTargets(evaluated, {
    directory,
    buildDirectory,
    configuration,
    platform,
    target,
    compiling: { before: [], after: prefixMaps(settings, host) },
    linking: [],
  });
  const units = plan.targets.reduce((sum, one) => sum + one.units.length, 0);
  const name = await packageName(directory, host);
  settings.onEvent({ type: 'planned', package: name, units, targets: [target.triple] });
  const place = (path: string) => join(buildDirectory, path);
  const pool = openCommandPool(host, settings.jobs, [target]);
  try {
    const common: CommandSettings = { ...settings, triple: target.triple };
    if (platform.gypOs === 'win') {
      const words = await prepareWindows(settings.headers, buildDirectory, target.triple, pool, host);
      for (const { type, final } of plan.targets) if (type === 'loadable_module') final?.args.push(...words);
    }
    await carryOut(plan, common, pool, host);
    const exported = await exportedByNode(settings, host);
    const addons: BuiltAddon[] = [];
    for (const { name, type, final, installed } of plan.targets) {
      if (type !== 'loadable_module' || final === undefined) continue;
      const path = place(installed ?? final.output);
      const bytes = await host.files.read(path);
      const uses = usesOf(bytes, exported);
      if (uses) await checkUses(name, path, uses, settings, pool, host);
      addons.push({ name, path, bytes, napi: uses?.napi ?? true });
    }
    const libraries = plan.targets.flatMap(({ type, final }) =>
      type === 'shared_library' && final ? [place(final.output)] : [],
    );
    return { addons, libraries, units };
  } finally {
    await pool.close();
  }
}

/** The name of the package, for messages and prebuilds. */
export async function packageName(directory: string, { files }: AddonHost): Promise<string> {
  const path = join(directory, 'package.json');
  const fallback = directory.slice(directory.lastIndexOf('/') + 1);
  if ((await files.kind(path)) !== 'file') return fallback;
  try {
    const { name } = JSON.parse(new TextDecoder().decode(await files.read(path))) as { name?: unknown };
    return typeof name === 'string' && name !== '' ? name : fallback;
  } catch (cause) {
    throw new ArtError('INPUT_UNREADABLE', `'${path}' is not JSON (${messageOf(cause)})`, { cause });
  }
}

/**
 * Flags that keep the folders of this machine out of the output bytes, since assert() and other macros contain the path
 * of the file.
 */
function prefixMaps({ directory, buildDirectory, headers }: AddonSettings, { findPackage }: AddonHost): string[] {
  const api = findPackage('node-addon-api', directory);
  const modules = directory.includes('/node_modules/')
    ? [directory.slice(0, directory.lastIndexOf('/node_modules/') + '/node_modules'.length)]
    : [];
  // clang uses the last one that matches.
  const maps: [string, string][] = [
    ...(api ? ([[api.slice(0, api.lastIndexOf('/')), 'node_modules']] as [string, string][]) : []),
    ...modules.map((folder): [string, string] => [folder, 'node_modules']),
    [headers.root, 'node'],
    [buildDirectory, 'build'],
    [directory, '.'],
  ];
  return maps.map(([from, to]) => `-ffile-prefix-map=${from}=${to}`);
}

/**
 * Rejects add-ons for a later version of N-API than the target's Node has: Node ends the process that loads such an
 * add-on.
 */
function checkVersion(evaluated: Evaluated, { configuration, headers: { napi, version } }: AddonSettings): void {
  for (const { target_name, type, configurations } of Object.values(evaluated.targets)) {
    const defines = configurations[configuration]?.defines ?? [];
    const wanted = Number(
      defines.findLast((define) => define.startsWith('NAPI_VERSION='))?.slice('NAPI_VERSION='.length),
    );
    if (type === 'loadable_module' && napi !== undefined && wanted > napi && wanted < EXPERIMENTAL_NAPI)
      throw new ArtError(
        'CONFIG_INVALID',
        `target '${target_name}' asks for version ${wanted} of N-API (NAPI_VERSION), and Node ${version} has ${napi}: build it with the headers of a newer Node, or ask for ${napi}`,
      );
  }
}

/** The value of NAPI_VERSION that selects all experimental functions. */
const EXPERIMENTAL_NAPI = 2147483647;

/** The symbols that the running Node exports; undefined if the build is for another platform or version. */
async function exportedByNode({ platform, headers }: AddonSettings, host: AddonHost) {
  const { node } = host;
  const isThis = platform.platform === node.platform && platform.arch === node.arch && platform.libc === node.libc;
  if (!isThis || (headers.version !== undefined && headers.version !== node.version)) return undefined;
  return exportsOf(await host.files.read(node.path));
}

async function checkUses(
  name: string,
  path: string,
  { missing }: AddonUses,
  { onEvent, headers, directory }: AddonSettings,
  pool: CommandPool,
  host: AddonHost,
): Promise<void> {
  const version = headers.version ?? host.node.version;
  if (missing.other.length > 0)
    onEvent({
      type: 'warning',
      message: `${relative(directory, path)} uses ${listed(missing.other)}, which neither Node nor a library has that it is linked with: a library is missing in binding.gyp`,
    });
  if (missing.node.length === 0) return;
  const words = (await demangled(missing.node, path, pool)).map((name, i) =>
    missingInWords(name, missing.node[i] as string, version),
  );
  throw new ArtError(
    'LINK_FAILED',
    `Node will not load '${printable(name)}':\n${words.map((line) => `  ${line}`).join('\n')}`,
  );
}

/** Demangles the names of undefined symbols. */
async function demangled(names: readonly string[], path: string, pool: CommandPool): Promise<string[]> {
  const listed = async (...more: string[]) => {
    const args = ['--dynamic', '--undefined-only', '--no-sort', '--format=just-symbols', ...more, path];
    const { stdout } = await pool.run({ ...toolRequest('nm', args, []), directory: '/' });
    return new TextDecoder().decode(stdout).trim().split('\n');
  };
  const [plain, shown] = [await listed(), await listed('--demangle')];
  return names.map((name) => shown[plain.indexOf(name)] ?? name);
}

const listed = (names: readonly string[]) =>
  printable(names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', '));
