// Finds Node's headers, and the version of Node that they belong to.
import { join } from 'pathe';
import { ArtError } from '../errors.js';
import type { AddonHost } from '../platform/addon-host.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import { downloadHeaders } from './headers-download.js';

/** The headers of a version of Node. */
export interface NodeHeaders {
  /** A directory of headers that the settings of node-gyp do not name. */
  include?: string;
  /**
   * The text of GYP's settings for add-ons, and of the settings that this Node was built with; undefined if there are
   * only the headers of N-API.
   */
  commonGypi: string | undefined;
  configGypi: string | undefined;
  /** The folder that build files know as `node_root_dir`. */
  root: string;
  /** The version, such as '20.20.2'; undefined if there are only the headers of N-API. */
  version: string | undefined;
  /** NODE_MODULE_VERSION: an add-on that uses V8 works only with Nodes that have the same number. */
  abi: string | undefined;
  /** The highest version of N-API that this Node has. */
  napi: number | undefined;
}

/** Where to look for headers. */
export interface HeaderSearch {
  /** A folder that the user names: an installed Node, the published headers, or the source of Node. */
  nodedir?: string | undefined;
  /** The folder in which node-gyp stores headers. */
  devdir?: string | undefined;
  /** The version of Node to build for. Default: that of the running Node. */
  version?: string | undefined;
  /** The URL to download missing headers from. Default: nothing is downloaded. */
  download?: string | undefined;
}

const DISTRIBUTION = 'https://nodejs.org/download/release';

/**
 * Finds the headers.
 * @param from the folder of the package to build
 * @param signal ends a download
 * @throws ArtError INPUT_NOT_FOUND, which says what the user can do; of downloadHeaders
 */
export async function findHeaders(
  search: HeaderSearch,
  from: string,
  host: AddonHost,
  signal?: WebAbortSignal,
): Promise<NodeHeaders> {
  const { node, files } = host;
  const version = search.version ?? node.version;
  if (search.nodedir !== undefined) {
    const root = files.resolve(from, search.nodedir);
    const found = await headersIn(root, host);
    if (found) return found;
    throw new ArtError(
      'INPUT_NOT_FOUND',
      `no headers of Node in '${search.nodedir}': --nodedir (npm's config 'nodedir') takes a folder that has include/node/node_api.h or src/node_api.h`,
    );
  }
  const cached = join(search.devdir ?? node.cache, version);
  for (const root of [...node.prefixes, cached]) {
    const found = await headersIn(root, host);
    if (found?.version === version) return found;
  }
  if (search.download !== undefined) {
    await downloadHeaders(search.download || DISTRIBUTION, version, cached, host, signal);
    const found = await headersIn(cached, host);
    if (found) return found;
  }
  const napi = host.findPackage('node-api-headers', from);
  if (napi !== undefined)
    return {
      include: join(napi, 'include'),
      commonGypi: undefined,
      configGypi: undefined,
      root: napi,
      version: undefined,
      abi: undefined,
      napi: undefined,
    };
  throw new ArtError(
    'INPUT_NOT_FOUND',
    `no headers of Node ${version}: name a folder that has them with --nodedir, install node-api-headers where the add-on uses N-API only, or say --download`,
  );
}

async function headersIn(root: string, { files }: AddonHost): Promise<NodeHeaders | undefined> {
  const first = async (...paths: string[]) => {
    for (const path of paths) if ((await files.kind(join(root, path))) === 'file') return join(root, path);
    return undefined;
  };
  const versionFile = await first('include/node/node_version.h', 'src/node_version.h');
  if (versionFile === undefined) return undefined;
  const text = new TextDecoder().decode(await files.read(versionFile));
  const number = (name: string) => new RegExp(`^#define ${name}\\s+(\\d+)`, 'm').exec(text)?.[1];
  const napi = number('NODE_API_SUPPORTED_VERSION_MAX') ?? number('NAPI_VERSION');
  return {
    commonGypi: await first('include/node/common.gypi', 'common.gypi'),
    configGypi: await first('include/node/config.gypi', 'config.gypi'),
    root,
    version: ['MAJOR', 'MINOR', 'PATCH'].map((part) => number(`NODE_${part}_VERSION`)).join('.'),
    abi: number('NODE_MODULE_VERSION'),
    napi: napi === undefined ? undefined : Number(napi),
  };
}

/**
 * The name that a path gets in output bytes, which is the same on every machine: relative to the package, below `node/`
 * for Node's own headers, or below `node_modules/` for packages.
 */
export function folderNames(path: string, directory: string, { root }: NodeHeaders): string {
  if (path.startsWith(`${directory}/`)) return path.slice(directory.length + 1);
  if (path.startsWith(`${root}/`)) return `node/${path.slice(root.length + 1)}`;
  const at = path.lastIndexOf('/node_modules/');
  return at < 0 ? path : path.slice(at + 1);
}
