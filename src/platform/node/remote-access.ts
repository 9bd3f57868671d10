// Finds the credentials for a cache on a server: a token in the environment, or a line of ~/.netrc, as curl reads it.
// They are not arguments, since other users can see those.

import { readFileSync } from 'node:fs';
import { join } from 'pathe';
import { homeOf } from './home.js';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The HTTP headers that give access to a server.
 * @param url may be invalid, which is reported later
 */
export function remoteAccess(url: string, env: Environment = process.env): Record<string, string> {
  const token = env.ART_REMOTE_CACHE_TOKEN;
  if (token) return { Authorization: `Bearer ${token}` };
  const host = URL.canParse(url) ? new URL(url).hostname : '';
  const found = host && entryFor(host, textOf(env.NETRC || join(homeOf(env) ?? '/', '.netrc')));
  if (!found) return {};
  return { Authorization: `Basic ${Buffer.from(`${found.login}:${found.password}`).toString('base64')}` };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The entry of a machine, or else the default entry. */
function entryFor(host: string, text: string): { login: string; password: string } | undefined {
  const words = text.replace(/^\s*#.*$/gm, '').match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  let isMeant = false;
  let found: { login: string; password: string } | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === 'machine' || word === 'default') {
      if (found) return found;
      isMeant = word === 'default' || words[++at] === host;
      found = isMeant ? { login: '', password: '' } : undefined;
    } else if (word === 'login' || word === 'password') {
      const value = (words[++at] ?? '').replace(/^"(.*)"$/s, '$1').replace(/\\(.)/g, '$1');
      if (found) found[word] = value;
    }
  }
  return found;
}
