// Downloads headers from nodejs.org or a mirror of it, only if the user asks for it, and checks them against the
// published digest.
import { dirname, join } from 'pathe';
import { extract } from 'tar-stream';
import { gunzip } from '../artifact/gunzip.js';
import { ArtError, fetchFailure, messageOf } from '../errors.js';
import type { AddonHost } from '../platform/addon-host.js';
import { bytesUpTo } from '../platform/streams.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import { concat } from '../text/bytes.js';
import { printable } from '../text/printable.js';

/** The names that archive members may have: in one folder, and without '..'. */
const MEMBER = /^[^/]+\/(?!(?:.*\/)?\.\.(?:\/|$))(?<path>.+)$/;

/** Limits in bytes. The list of Node 22 has 3 KB; its headers have 9 MB, and 51 MB when they are unpacked. */
const MOST_OF_LIST = 1 << 20;
const MOST_PACKED = 100 << 20;
const MOST_UNPACKED = 256 << 20;

/** A folder that has this file counts as headers, so it is written after all others. */
const MARK = 'include/node/node_version.h';

const ELSEWHERE = "name a mirror with --download <url>, or a folder that has Node's headers with --nodedir";

/**
 * Downloads the headers of a version of Node and unpacks them.
 * @param base URL of a folder that has a folder for each version, as https://nodejs.org/download/release has
 * @throws ArtError INPUT_UNREADABLE if the download fails, is too large, or stops for 30 s, or if the digest is not the
 *   one in the published list; CANCELLED
 */
export async function downloadHeaders(
  base: string,
  version: string,
  into: string,
  host: AddonHost,
  signal: WebAbortSignal | undefined,
): Promise<void> {
  const folder = `${base.replace(/\/$/, '')}/v${version}`;
  const name = `node-v${version}-headers.tar.gz`;
  const get = async (file: string, most: number) => {
    try {
      return await host.fetch(`${folder}/${file}`, most, signal);
    } catch (cause) {
      if (signal?.aborted) throw new ArtError('CANCELLED', 'the build was cancelled', { cause });
      throw new ArtError(
        'INPUT_UNREADABLE',
        `cannot download '${printable(folder)}/${file}' (${fetchFailure(cause)}): ${ELSEWHERE}`,
        { cause },
      );
    }
  };
  const digests = new TextDecoder().decode(await get('SHASUMS256.txt', MOST_OF_LIST));
  const published = digests
    .split('\n')
    .find((line) => line.endsWith(`  ${name}`))
    ?.split(' ', 1)[0];
  if (published === undefined)
    throw new ArtError('INPUT_UNREADABLE', `'${folder}/SHASUMS256.txt' has no digest of ${name}: nothing was unpacked`);
  const bytes = await get(name, MOST_PACKED);
  const hash = host.sha256();
  hash.update(bytes);
  const digest = hash.digest();
  if (digest !== published)
    throw new ArtError(
      'INPUT_UNREADABLE',
      `'${folder}/${name}' has the sha256 ${digest}, and the published one is ${published}: nothing was unpacked`,
    );
  const files = await unpack(bytes).catch((cause) => {
    throw new ArtError(
      'INPUT_UNREADABLE',
      `'${folder}/${name}' is no archive of headers: ${messageOf(cause)}; nothing was unpacked: ${ELSEWHERE}`,
      {
        cause,
      },
    );
  });
  const inOrder = [...files].sort(([a], [b]) => Number(a === MARK) - Number(b === MARK));
  for (const [path, content] of inOrder) {
    await host.makeDirectory(dirname(join(into, path)));
    await host.write(join(into, path), content, false);
  }
}

/** The files in an archive, by their paths relative to its single top folder. */
async function unpack(bytes: Uint8Array): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const source = (async function* () {
    yield bytes;
  })();
  const tar = await bytesUpTo(gunzip(source), MOST_UNPACKED);
  if (tar === undefined) throw new Error(`it unpacks to more than the ${MOST_UNPACKED >> 20} MiB allowed`);
  const reader = extract();
  reader.end(tar);
  for await (const entry of reader) {
    const { name, type } = entry.header;
    const path = MEMBER.exec(name)?.groups?.path;
    const pieces: Uint8Array[] = [];
    for await (const piece of entry) pieces.push(piece as Uint8Array);
    if (type !== 'file') continue;
    if (path === undefined) throw new Error(`'${printable(name)}' leads out of its folder`);
    files.set(path, concat(pieces));
  }
  return files;
}
