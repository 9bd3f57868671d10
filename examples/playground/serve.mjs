// A static server for the playground; any other does as well.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm', // lets browsers compile it while it comes
};

/**
 * Serves a folder on this machine alone.
 * @param {string} folder
 * @param {number} port 0 for any that is free
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function serve(folder, port) {
  const root = resolve(folder);
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const path = join(root, decodeURIComponent(pathname), pathname.endsWith('/') ? 'index.html' : '');
    const found = path.startsWith(root) ? await stat(path).catch(() => undefined) : undefined;
    if (!found?.isFile()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
      'content-length': found.size,
      // What is asked for by its digest never changes.
      'cache-control': searchParams.has('sha256') ? 'max-age=31536000, immutable' : 'no-cache',
    });
    createReadStream(path).pipe(response);
  });
  await new Promise((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return {
    url: `http://localhost:${server.address().port}/`,
    close: () =>
      new Promise((done) => {
        server.close(done);
        server.closeAllConnections();
      }),
  };
}

const here = fileURLToPath(import.meta.url);
if (resolve(process.argv[1] ?? '') === here)
  console.log((await serve(dirname(here), Number(process.env.PORT ?? 8000))).url);
