// Reads folders on the web.
import { ArtError, messageOf } from '../errors.js';
import type { Folder, NamedFolder } from './types.js';
import type { WebByteStream } from './web-types.js';

/** The first byte of every gzip file (RFC 1952). */
const GZIP_MAGIC = 0x1f;

/** Iterates over the chunks of a stream, which not every browser supports directly. */
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

/** The folder that a URL names, and the file in it; a URL that ends in '/' names a folder. */
export function folderByURL(url: URL): NamedFolder {
  const last = url.pathname.split('/').at(-1);
  const folder: Folder = {
    name: `'${url}'`,
    async open(path) {
      // Each part is only a name, also if it has a meaning in a URL ('?', '%2e%2e', 'https:').
      const from = path === last ? url : new URL(`./${path.split('/').map(encodeURIComponent).join('/')}`, url);
      // The query may contain credentials.
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

/** Explains the error if a server sends an archive with a Content-Encoding, which makes fetch decompress it. */
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
