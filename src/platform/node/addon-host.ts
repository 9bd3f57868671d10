import { spawn } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'pathe';
import { ArtError, messageOf } from '../../errors.js';
import type { AddonHost, Executed, Execution, RunningNode } from '../addon-host.js';
import { fetchUnlessSilent } from '../fetching.js';
import { bytesUpTo } from '../streams.js';
import { CLAIM, claimFolder } from './claim.js';
import { evaluateGyp } from './gyp.js';
import { homeOf } from './home.js';
import { nodePlatform } from './index.js';

const slashed = (path: string) => path.replaceAll('\\', '/');
const HERE = slashed(fileURLToPath(import.meta.url));

/** The C library that this Node uses; undefined if it is not Linux. */
function libcOf(): RunningNode['libc'] {
  if (process.platform !== 'linux') return undefined;
  return readdirSync('/lib').some((name) => name.startsWith('ld-musl-')) && existsSync('/etc/alpine-release')
    ? 'musl'
    : 'glibc';
}

/** The cache folder of node-gyp, which it gets from the package env-paths. */
function cacheOf(name: string): string {
  const home = homeOf(process.env) ?? '/';
  if (process.platform === 'darwin') return join(home, 'Library/Caches', name);
  if (process.platform === 'win32')
    return join(slashed(process.env.LOCALAPPDATA ?? join(home, 'AppData/Local')), name, 'Cache');
  return join(process.env.XDG_CACHE_HOME || join(home, '.cache'), name);
}

/** The folders above a file. */
function* above(path: string): Generator<string> {
  for (let at = dirname(path); ; at = dirname(at)) {
    yield at;
    if (at === dirname(at)) return;
  }
}

function findPackage(name: string, from: string): string | undefined {
  const node = slashed(process.execPath);
  const global = [join(dirname(node), '../lib/node_modules'), join(dirname(node), 'node_modules')];
  const npm = process.env.npm_execpath;
  const folders = [
    ...[...above(join(from, 'x')), ...above(HERE)].map((folder) => join(folder, 'node_modules')),
    ...(npm ? [...above(slashed(npm))].map((folder) => join(folder, 'node_modules')) : []),
    ...global,
    ...global.map((folder) => join(folder, 'npm/node_modules')),
  ];
  const found = folders.map((folder) => join(folder, name)).find((folder) => existsSync(join(folder, 'package.json')));
  return found && slashed(realpathSync.native(found));
}

function execute({ words, directory, signal }: Execution): Promise<Executed> {
  return new Promise((resolve) => {
    const child = spawn(words[0] as string, words.slice(1), {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: signal as AbortSignal | undefined,
    });
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece) => pieces.push(piece));
    child.stderr.on('data', (piece) => pieces.push(piece));
    const output = () => Buffer.concat(pieces).toString();
    child.on('error', (error) => resolve({ status: 1, output: output(), problem: messageOf(error) }));
    child.on('close', (status) => resolve({ status: status ?? 1, output: output() }));
  });
}

/** @throws ArtError OUTPUT_NOT_WRITABLE */
async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ArtError) throw cause;
    throw new ArtError(
      'OUTPUT_NOT_WRITABLE',
      `cannot write '${path}' (${messageOf(cause)}): make room or make it writable`,
      { cause },
    );
  }
}

function runningNode(): RunningNode {
  return {
    version: process.versions.node,
    platform: process.platform,
    arch: process.arch,
    libc: libcOf(),
    path: slashed(process.execPath),
    prefixes: [
      ...new Set([
        join(dirname(slashed(realpathSync.native(process.execPath))), '..'),
        join(dirname(slashed(process.execPath)), '..'),
        ...[(process.config.variables as { node_prefix?: string }).node_prefix ?? []].flat(),
      ]),
    ],
    cache: cacheOf('node-gyp'),
    config: process.config,
  };
}

let running: RunningNode | undefined;

/** The implementation for Node. */
export const nodeAddonHost: AddonHost = {
  ...nodePlatform,
  // Looked up only when an add-on is built, since every command loads this file.
  get node() {
    running ??= runningNode();
    return running;
  },
  findPackage,
  evaluateGyp,
  execute,
  makeDirectory: (path) => writing(path, async () => void (await mkdir(path, { recursive: true }))),
  remove: (path) => writing(path, () => rm(path, { recursive: true, force: true })),
  claim: (folder, waiting, signal) => writing(folder, () => claimFolder(folder, waiting, signal)),
  empty: (folder) =>
    writing(folder, async () => {
      for (const name of await readdir(folder))
        if (name !== CLAIM) await rm(join(folder, name), { recursive: true, force: true });
    }),
  copy: (from, to) => writing(to, () => cp(from, to, { recursive: true, dereference: false, force: true })),
  async fetch(url, most, signal) {
    const { response, body } = await fetchUnlessSilent(url, signal);
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`${response.status} ${response.statusText}`);
    }
    const bytes = await bytesUpTo(body, most);
    if (bytes === undefined) throw new Error(`it has more than the ${most >> 20} MiB allowed`);
    return bytes;
  },
};
