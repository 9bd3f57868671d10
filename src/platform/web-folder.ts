// Reads folders on the web.
import { ArtError, fetchFailure } from '../errors.js';
import { fetchUnlessSilent } from './fetching.js';
import type { Folder, NamedFolder } from './types.js';

/** The first byte of every gzip file (RFC 1952). */
const GZIP_MAGIC = 0x1f;

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
      const failed = (cause: unknown) =>
        new ArtError('INPUT_NOT_FOUND', `cannot fetch '${from}' (${fetchFailure(cause)})`, { cause });
      const { response, body } = await fetchUnlessSilent(from).catch((cause) => {
        throw failed(cause);
      });
      if (response.ok) return asSent(body, from, response.headers, failed);
      await response.body?.cancel();
      if (response.status === 404 || response.status === 410) return undefined;
      throw new ArtError('INPUT_NOT_FOUND', `cannot fetch '${from}': the server answered ${response.status}`);
    },
  };
  return { folder, named: last === '' ? undefined : last };
}

/** Explains the errors that a body may have: a server that sends an archive with a Content-Encoding has fetch unpack it. */
async function* asSent(
  chunks: AsyncIterable<Uint8Array>,
  from: URL,
  headers: Headers,
  failed: (cause: unknown) => ArtError,
): AsyncGenerator<Uint8Array> {
  const encoding = headers.get('content-encoding');
  let isFirst = encoding !== null && from.pathname.endsWith('.gz');
  try {
    for await (const chunk of chunks) {
      if (isFirst && chunk.length > 0 && chunk[0] !== GZIP_MAGIC)
        throw new ArtError(
          'INPUT_NOT_FOUND',
          `'${from}' comes with 'Content-Encoding: ${encoding}', which unpacks it on the way: have the server send it as it is`,
        );
      isFirst &&= chunk.length === 0;
      yield chunk;
    }
  } catch (cause) {
    throw cause instanceof ArtError ? cause : failed(cause);
  }
}
