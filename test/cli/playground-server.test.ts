// The playground's server serves the files in its folder, to this machine only.

import { symlinkSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serve } from '../../examples/playground/serve.mjs';
import { project } from '../support/project.js';

/** Sends the path unchanged; fetch would normalise it. */
function ask(url: string, path: string, host?: string, method = 'GET'): Promise<[status: number, body: string]> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(url);
    const asked = request({ host: '127.0.0.1', port, path, method, headers: host ? { host } : {} }, (response) => {
      let body = '';
      response.on('data', (piece) => (body += piece));
      response.on('end', () => resolve([response.statusCode ?? 0, body]));
    });
    asked.on('error', reject).end();
  });
}

test('only what lies below its folder, for names of this machine, whatever is asked', async () => {
  const root = project({
    'page/index.html': 'page',
    'page/a b.js': 'script',
    'page-secret/key': 'secret',
    outside: 'secret',
  });
  symlinkSync(join(root, 'outside'), join(root, 'page/link'));
  const { url, close } = await serve(join(root, 'page'), 0);
  try {
    expect(await ask(url, '/')).toEqual([200, 'page']);
    expect(await ask(url, '/a%20b.js?sha256=1')).toEqual([200, 'script']);
    expect(await ask(url, '/', undefined, 'HEAD')).toEqual([200, '']);
    for (const path of [
      '/%',
      '/%00',
      '/..%2fpage-secret/key',
      '/../page-secret/key',
      '/%2e%2e/outside',
      '/link',
      '/none',
      '//x',
      '*',
    ])
      expect([path, await ask(url, path)]).toEqual([path, [404, '']]);
    expect(await ask(url, '/', undefined, 'POST')).toEqual([405, '']);
    for (const host of ['evil.example', 'localhost.evil.example', 'evil.example:80', '127.0.0.1.evil.example'])
      expect([host, await ask(url, '/', host)]).toEqual([host, [421, '']]);
    for (const host of ['localhost', 'LOCALHOST:1', '127.0.0.1:8000', '[::1]:8000'])
      expect([host, await ask(url, '/', host)]).toEqual([host, [200, 'page']]);
  } finally {
    await close();
  }
});
