// The options of a cache on a server.
import { ArtError } from '../errors.js';
import type { RemoteChoice } from '../platform/types.js';
import { type Check, checkAll, isBoolean, isNamedTexts, isSeconds } from '../text/checks.js';

/** A cache on a server that speaks Bazel's HTTP cache protocol. */
export interface RemoteCacheOptions {
  /** The server's URL, without user and password. Results are at `<url>/ac/` and `<url>/cas/`. */
  url: string;
  /** HTTP headers that give access, such as `Authorization`. Default: none. */
  headers?: Readonly<Record<string, string>>;
  /** Only looks results up and uploads none. Default: false. */
  readOnly?: boolean;
  /**
   * Allows http:// to another machine, where anybody on the network path can read and change what is sent. Default:
   * false.
   */
  insecure?: boolean;
  /** Time limit of one request, in seconds. Default: 10. */
  timeout?: number;
  /**
   * Signs results that are uploaded, and accepts only results that a trusted key signed; `openCacheKeys` returns this.
   * Default: unsigned results are accepted.
   */
  keys?: RemoteChoice['keys'];
}

const CHECKS: { readonly [K in keyof Required<RemoteCacheOptions>]: Check } = {
  url: (v) => (typeof v === 'string' ? undefined : 'a string'),
  headers: isNamedTexts,
  readOnly: isBoolean,
  insecure: isBoolean,
  timeout: isSeconds,
  keys: (v) =>
    typeof v === 'object' && v !== null && 'trusted' in v && Array.isArray(v.trusted)
      ? undefined
      : 'keys, as openCacheKeys gives them',
};

const DEFAULT_TIMEOUT = 10;
const THIS_MACHINE = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** @throws ArtError UNKNOWN_OPTION, INVALID_OPTION; its message never contains a password from the URL */
export function remoteChoice(options: RemoteCacheOptions): RemoteChoice {
  checkAll(options, CHECKS, 'remoteCache.');
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
      `the address of the remote cache on '${url.host}' names a user, which others can see: set ART_REMOTE_CACHE_TOKEN instead, or add a line for it to ~/.netrc`,
    );
  if (!/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new ArtError('INVALID_OPTION', `the remote cache '${options.url}': expected https://<server>/<path>`);
  if (url.protocol === 'http:' && !insecure && !THIS_MACHINE.test(url.hostname))
    throw new ArtError(
      'INVALID_OPTION',
      `the remote cache '${options.url}' uses http://, which anybody on the network path can read and change: use https://, or --remote-cache-insecure`,
    );
  return { url: url.href, headers, isReadOnly: readOnly, timeout, ...(keys && { keys }) };
}
