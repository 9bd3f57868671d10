// Node's headers: where they lie, and which Node they are of.
import { join } from 'pathe';
import { ArtError } from '../errors.js';
import type { AddonHost } from '../platform/addon-host.js';
import { downloadHeaders } from './headers-download.js';

/** Headers of a Node. */
export interface NodeHeaders {
  /** A directory of headers that node-gyp's settings do not name. */
  include?: string;
  /** GYP's settings for add-ons, and those that this Node was built with; undefined with N-API's headers alone. */
  commonGypi: string | undefined;
  configGypi: string | undefined;
  /** The folder that GYP files know as node_root_dir. */
  root: string;
  /** Such as '20.20.2'; undefined with N-API's headers alone. */
  version: string | undefined;
  /** The number that add-ons which use V8 are bound to, NODE_MODULE_VERSION. */
  abi: string | undefined;
  /** The highest version of N-API that this Node has. */
  napi: number | undefined;
}

/** Where to look. */
export interface HeaderSearch {
  /** A folder that the user names: a Node as it is installed, its headers as they are published, or its source. */
  nodedir?: string | undefined;
  /** The folder in which node-gyp keeps headers. */
  devdir?: string | undefined;
  /** The version of Node that is built for. Default: that of the Node that runs. */
  version?: string | undefined;
  /** Headers are downloaded from here where there are none: its URL. */
  download?: string | undefined;
}

const DISTRIBUTION = 'https://nodejs.org/download/release';

/**
 * Finds the headers.
 * @param from the package that is built
 * @throws ArtError INPUT_NOT_FOUND, which says what to give
 */
export async function findHeaders(search: HeaderSearch, from: string, host: AddonHost): Promise<NodeHeaders> {
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
    await downloadHeaders(search.download || DISTRIBUTION, version, cached, host);
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
 * What a path is called wherever the build runs: below the package, `node/` for Node's own headers, `node_modules/` for
 * packages.
 */
export function folderNames(path: string, directory: string, { root }: NodeHeaders): string {
  if (path.startsWith(`${directory}/`)) return path.slice(directory.length + 1);
  if (path.startsWith(`${root}/`)) return `node/${path.slice(root.length + 1)}`;
  const at = path.lastIndexOf('/node_modules/');
  return at < 0 ? path : path.slice(at + 1);
}
