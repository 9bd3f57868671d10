// Folders on the web.
import { ArtError, messageOf } from '../errors.js';
import type { Folder, NamedFolder } from './types.js';
import type { WebByteStream } from './web-types.js';

/** The first byte of every gzip file (RFC 1952). */
const GZIP_MAGIC = 0x1f;

/** A stream's chunks; not every browser lets one iterate over streams. */
export async function* chunksOf(source: WebByteStream | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (!('getReader' in source)) {
    yield* source;
    return;
  }
  const reader = source.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel();
  }
}

/** A folder on the web, and the file in it that a URL names; one that ends in '/' names the folder. */
export function folderByURL(url: URL): NamedFolder {
  const last = url.pathname.split('/').at(-1);
  const folder: Folder = {
    name: `'${url}'`,
    async open(path) {
      // Each step is only a name: what a URL has a meaning for ('?', '%2e%2e', 'https:') has none here.
      const from = path === last ? url : new URL(`./${path.split('/').map(encodeURIComponent).join('/')}`, url);
      // It may hold what gives access.
      from.search = url.search;
      const response = await fetch(from).catch((cause) => {
        throw new ArtError('INPUT_NOT_FOUND', `cannot fetch '${from}' (${messageOf(cause)})`, { cause });
      });
      if (response.ok && response.body) return asSent(chunksOf(response.body), from, response.headers);
      await response.body?.cancel();
      if (response.status === 404 || response.status === 410) return undefined;
      throw new ArtError('INPUT_NOT_FOUND', `cannot fetch '${from}': the server answered ${response.status}`);
    },
  };
  return { folder, named: last === '' ? undefined : last };
}

/** Says why where a server made of an archive what is no archive: fetch undoes the encoding that it names. */
async function* asSent(chunks: AsyncIterable<Uint8Array>, from: URL, headers: Headers): AsyncGenerator<Uint8Array> {
  const encoding = headers.get('content-encoding');
  let isFirst = encoding !== null && from.pathname.endsWith('.gz');
  for await (const chunk of chunks) {
    if (isFirst && chunk.length > 0 && chunk[0] !== GZIP_MAGIC)
      throw new Error(
        `'${from}' comes with 'Content-Encoding: ${encoding}', which unpacks it on the way: have the server send it as it is`,
      );
    isFirst &&= chunk.length === 0;
    yield chunk;
  }
}
