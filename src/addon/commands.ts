// The commands of node-gyp, and `buildAddon`, which does all of their work at once.
import { join, relative } from 'pathe';
import { ArtError } from '../errors.js';
import type { AddonHost } from '../platform/addon-host.js';
import { type AddonSettings, alone, buildTargets, configureAddon } from './build.js';
import type { Evaluated } from './evaluated.js';
import { type AddonOptions, addonSettings } from './options.js';

/** The result of `buildAddon`. */
export interface AddonResult {
  /**
   * The add-ons that were built. `path` is relative to the package, such as build/Release/binding.node; `size` is in
   * bytes; `napi` is true if the add-on uses only N-API and so works with every version of Node.
   */
  addons: { path: string; size: number; napi: boolean }[];
  /** The platform that they are for, such as 'linux-x64-glibc'. */
  platform: string;
  /** Number of translation units. */
  units: number;
}

/** The file that `configure` writes for `build`. */
const EVALUATED = 'art-evaluated.json';

/**
 * Builds what binding.gyp describes, for the running Node.
 * @throws ArtError INPUT_NOT_FOUND, UNKNOWN_TARGET, CONFIG_INVALID, CANNOT_RUN, LINK_FAILED, OUTPUT_NOT_WRITABLE,
 *   CANCELLED; BuildFailedError if units do not compile
 */
export async function buildAddonOn(host: AddonHost, options: AddonOptions, cwd: string): Promise<AddonResult> {
  const settings = await addonSettings(options, cwd, host);
  return alone(settings.buildDirectory, settings, host, async () =>
    build(await configureAddon(settings, host), settings, host),
  );
}

/** `node-gyp configure`: evaluates the build file, and writes the result to the build folder. */
export async function configureOn(host: AddonHost, options: AddonOptions, cwd: string): Promise<void> {
  const settings = await addonSettings(options, cwd, host);
  await alone(settings.buildDirectory, settings, host, async () => {
    const evaluated = await configureAddon(settings, host);
    const text = JSON.stringify({ platform: settings.platform.name, evaluated });
    await host.write(join(settings.buildDirectory, EVALUATED), new TextEncoder().encode(text), false);
  });
}

/** `node-gyp build`: builds the targets that `configure` wrote to the build folder. */
export async function buildConfiguredOn(host: AddonHost, options: AddonOptions, cwd: string): Promise<AddonResult> {
  const settings = await addonSettings(options, cwd, host);
  const kept = join(settings.buildDirectory, EVALUATED);
  if ((await host.files.kind(kept)) !== 'file')
    throw new ArtError('INPUT_NOT_FOUND', `'${settings.directory}' is not configured: run configure first, or rebuild`);
  const { platform, evaluated } = JSON.parse(new TextDecoder().decode(await host.files.read(kept))) as {
    platform: string;
    evaluated: Evaluated;
  };
  if (platform !== settings.platform.name)
    throw new ArtError(
      'INVALID_OPTION',
      `it is configured for ${platform}: run configure for ${settings.platform.name}`,
    );
  return alone(settings.buildDirectory, settings, host, () => build(evaluated, settings, host));
}

/** `node-gyp clean`: removes the build folder. */
export async function cleanOn(host: AddonHost, directory: string): Promise<void> {
  const folder = join(directory, 'build');
  if ((await host.files.kind(folder)) === 'directory') await alone(folder, {}, host, () => host.empty(folder));
}

async function build(evaluated: Evaluated, settings: AddonSettings, host: AddonHost): Promise<AddonResult> {
  const { addons, units } = await buildTargets(evaluated, settings, host);
  return {
    addons: addons.map(({ path, bytes, napi }) => ({
      path: relative(settings.directory, path),
      size: bytes.length,
      napi,
    })),
    platform: settings.platform.name,
    units,
  };
}
