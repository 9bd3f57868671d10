// `art addon --prebuild`: builds add-ons for several platforms, with the file names that prebuildify uses and
// node-gyp-build finds, and publishes the same files as an artifact.
import { basename, extname, join, relative } from 'pathe';
import type { Manifest } from '../artifact/manifest.js';
import { BuildFailedError } from '../builder/failures.js';
import { ArtError } from '../errors.js';
import { objectKind } from '../formats/object.js';
import type { AddonHost } from '../platform/addon-host.js';
import { compareBytes } from '../text/byte-order.js';
import { printable } from '../text/printable.js';
import { type Prebuild, publishArtifact } from './artifact.js';
import { type AddonSettings, alone, type BuiltAddon, buildTargets, configureAddon, packageName } from './build.js';
import type { Evaluated } from './evaluated.js';
import { folderNames, type NodeHeaders } from './headers.js';
import { headersFor, type PrebuildOptions, prebuildSettings } from './options.js';
import { type NodePlatform, PLATFORMS, parsePlatforms } from './platforms.js';

/** The result of `prebuildAddon`. */
export interface PrebuildResult {
  /** The prebuilds, by path relative to the package, such as prebuilds/linux-x64/name.glibc.node. */
  files: string[];
  /** The folder of the artifact, as the options named it. */
  out: string;
  /** The manifest of the artifact. */
  manifest: Manifest;
}

/** The folder in which node-gyp-build looks for prebuilds. */
const PREBUILDS = 'prebuilds';

/**
 * Builds for all requested platforms. Nothing is written before the add-ons of all of them are built.
 * @throws ArtError as buildAddon; OBJECT_INVALID if a prebuild exists that is for another platform than the name of its
 *   folder says
 */
export async function prebuildOn(host: AddonHost, options: PrebuildOptions, cwd: string): Promise<PrebuildResult> {
  const common = await prebuildSettings(options, cwd, host);
  return alone(join(common.directory, 'build'), common, host, () => prebuild(host, options, common, cwd));
}

async function prebuild(
  host: AddonHost,
  options: PrebuildOptions,
  common: Awaited<ReturnType<typeof prebuildSettings>>,
  cwd: string,
): Promise<PrebuildResult> {
  const { directory } = common;
  const platforms = options.platforms ? parsePlatforms(options.platforms) : PLATFORMS;
  const headers = await headersFor(options, directory, host);
  const name = options.name ?? (await packageName(directory, host));
  const sources = new Map<string, string>();
  const made: Prebuild[] = [];
  /** Results of GYP by system and architecture: GYP does not distinguish C libraries. */
  const evaluated = new Map<string, Evaluated>();
  const scratch = join(directory, 'build/prebuild');
  try {
    for (const platform of platforms) {
      const settings: AddonSettings = {
        ...common,
        platform,
        headers,
        configuration: 'Release',
        buildDirectory: join(scratch, platform.name),
        onRead: (files) => {
          for (const { path, sha256 } of files)
            if (!path.startsWith(`${scratch}/`)) sources.set(folderNames(path, directory, headers), sha256);
        },
      };
      const key = `${platform.gypOs} ${platform.arch}`;
      const targets = evaluated.get(key) ?? (await configureAddon(settings, host));
      evaluated.set(key, targets);
      made.push(...(await buildFor(targets, settings, name, headers, host)));
    }
  } finally {
    await host.remove(scratch);
  }
  await checkOthers(directory, new Set(made.map(({ path }) => path)), host);
  made.sort((a, b) => compareBytes(a.path, b.path));
  for (const { path, bytes } of made) {
    await host.makeDirectory(join(directory, path, '..'));
    await host.write(join(directory, path), bytes, true);
  }
  const out = options.out ?? relative(options.cwd ?? cwd, join(directory, 'artifact'));
  const manifest = await publishArtifact(
    {
      made,
      sources,
      directory,
      name: options.name,
      platforms,
      sign: options.sign,
      sourceDateEpoch: options.sourceDateEpoch ?? 0,
    },
    host.files.resolve(options.cwd ?? cwd, out),
    host,
  );
  return { files: made.map(({ path }) => path), out, manifest };
}

async function buildFor(
  evaluated: Evaluated,
  settings: AddonSettings,
  name: string,
  headers: NodeHeaders,
  host: AddonHost,
): Promise<Prebuild[]> {
  const { platform, onEvent } = settings;
  const { addons, libraries } = await buildTargets(evaluated, settings, host).catch((error) => {
    throw platform.gypOs === 'win' && error instanceof BuildFailedError && error.code === 'LINK_FAILED'
      ? new ArtError(
          'LINK_FAILED',
          `${error.message}: for Windows art links add-ons that use N-API and libuv only; name the other platforms with --platform`,
          { cause: error },
        )
      : error;
  });
  addons.sort((a, b) => compareBytes(a.name, b.name));
  const [first, ...others] = addons;
  if (!first)
    throw new ArtError(
      'CONFIG_INVALID',
      `binding.gyp describes no add-on for ${platform.name}: a target of type loadable_module`,
    );
  if (others.length > 0)
    onEvent({
      type: 'warning',
      message: `prebuilds have one add-on, '${first.name}': left out ${others.map((other) => `'${other.name}'`).join(', ')}`,
    });
  const folder = `${PREBUILDS}/${platform.platform}-${platform.arch}`;
  return [
    { path: `${folder}/${prebuildName(name, first, platform, headers)}`, bytes: first.bytes, platform },
    ...(await Promise.all(
      libraries.map(async (path) => ({
        path: `${folder}/${basename(path)}`,
        bytes: await host.files.read(path),
        platform,
      })),
    )),
  ];
}

/** The file name of a prebuild, as prebuildify forms it: the package's name, the ABI it needs, and the C library. */
function prebuildName(name: string, { napi }: BuiltAddon, { libc }: NodePlatform, { abi }: NodeHeaders): string {
  const tags = [
    name.replaceAll('/', '+'),
    ...(napi || abi === undefined ? [] : [`abi${abi}`]),
    ...(libc ? [libc] : []),
  ];
  return `${tags.join('.')}.node`;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };
const FORMATS: Readonly<Record<string, string>> = { linux: 'ELF', win32: 'COFF', darwin: 'Mach-O' };

/**
 * Checks older prebuilds that will be published together with the new ones.
 * @param made the new ones
 * @throws ArtError OBJECT_INVALID
 */
async function checkOthers(directory: string, made: ReadonlySet<string>, { files }: AddonHost): Promise<void> {
  const root = join(directory, PREBUILDS);
  if ((await files.kind(root)) !== 'directory') return;
  for (const folder of await files.list(root)) {
    const [, system = '', arch = ''] = /^([a-z0-9]+)-([a-z0-9]+)$/.exec(folder.name) ?? [];
    const expected = { format: FORMATS[system], architecture: ARCHITECTURES[arch] };
    if (folder.kind !== 'directory' || !expected.format || !expected.architecture) continue;
    for (const { name } of await files.list(join(root, folder.name))) {
      const path = `${PREBUILDS}/${folder.name}/${name}`;
      if (extname(name) !== '.node' || made.has(path)) continue;
      const found = objectKind(await files.read(join(directory, path)));
      if (found?.format === expected.format && found.architecture === expected.architecture) continue;
      const is = found ? `${found.format} for ${found.architecture ?? 'another machine'}` : 'no add-on';
      throw new ArtError(
        'OBJECT_INVALID',
        `'${printable(path)}' is ${is}, and its folder is for ${folder.name}: Node refuses to load it there; remove it, or make it anew`,
      );
    }
  }
}
