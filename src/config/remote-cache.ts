// What a build is told of a cache on a server.
import { ArtError } from '../errors.js';
import type { RemoteChoice } from '../platform/types.js';

/** A cache on a server that speaks Bazel's HTTP cache protocol. */
export interface RemoteCacheOptions {
  /** Its address, without user and password; `/ac/` and `/cas/` are below it. */
  url: string;
  /** What gives access, such as Authorization. Default: nothing. */
  headers?: Readonly<Record<string, string>>;
  /** Results are taken from it, and none put there. Default: no. */
  readOnly?: boolean;
  /** It may be spoken to by http, which anybody on the way can read and change, though it is another machine. Default: no. */
  insecure?: boolean;
  /** Seconds that a request may take. Default: 10. */
  timeout?: number;
  /** Results are signed, and taken only where a trusted key signed them, as openCacheKeys gives them. Default: all are taken. */
  keys?: RemoteChoice['keys'];
}

const DEFAULT_TIMEOUT = 10;
const THIS_MACHINE = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** @throws ArtError INVALID_OPTION, which does not say a password that the address has */
export function remoteChoice(options: RemoteCacheOptions): RemoteChoice {
  const { headers = {}, readOnly = false, insecure = false, timeout = DEFAULT_TIMEOUT, keys } = options;
  let url: URL;
  try {
    url = new URL(options.url);
  } catch {
    throw new ArtError('INVALID_OPTION', `the remote cache '${options.url}' is no URL: expected https://…`);
  }
  if (url.username !== '' || url.password !== '')
    throw new ArtError(
      'INVALID_OPTION',
      `the address of the remote cache on '${url.host}' names a user, which others see: give ART_REMOTE_CACHE_TOKEN, or a line for it in ~/.netrc`,
    );
  if (!/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new ArtError('INVALID_OPTION', `the remote cache '${options.url}': expected https://<server>/<path>`);
  if (url.protocol === 'http:' && !insecure && !THIS_MACHINE.test(url.hostname))
    throw new ArtError(
      'INVALID_OPTION',
      `the remote cache '${options.url}' would be spoken to by http, which anybody on the way can change: take https, or say --remote-cache-insecure`,
    );
  return { url: url.href, headers, isReadOnly: readOnly, timeout, ...(keys && { keys }) };
}
