// A static server for the playground; any other does as well.
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, extname, join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm', // lets browsers compile it while it comes
};

/** Names of this machine. A page elsewhere whose own name leads here could read what is served under that name. */
const HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

/**
 * The file below a folder that a request asks for; undefined where there is none.
 * @param {string} root a real path
 * @param {string} pathname
 */
async function find(root, pathname) {
  try {
    const named = join(root, decodeURIComponent(pathname), pathname.endsWith('/') ? 'index.html' : '');
    const path = await realpath(named);
    const found = await stat(path);
    return path.startsWith(root + sep) && found.isFile() ? { path, size: found.size } : undefined;
  } catch {
    return undefined; // nothing is there, or what was asked for is no path
  }
}

/** Packed files beside the plain ones, the best first. */
const PACKED = [
  ['br', '.br'],
  ['gzip', '.gz'],
];

/**
 * The packed file in place of a plain one, where the browser takes it and it is there.
 * @param {string} root
 * @param {string} pathname
 * @param {string} accepted the header Accept-Encoding
 */
async function findPacked(root, pathname, accepted) {
  const names = accepted.split(',').map((word) => word.split(';')[0].trim());
  for (const [encoding, ending] of PACKED) {
    const file = names.includes(encoding) && (await find(root, pathname + ending));
    if (file) return { ...file, encoding };
  }
  return undefined;
}

/**
 * Serves a folder on this machine alone.
 * @param {string} folder
 * @param {number} port 0 for any that is free
 * @returns {Promise<{ url: string, close(): Promise<void> }>}
 */
export async function serve(folder, port) {
  const root = await realpath(resolve(folder));
  const server = createServer(async (request, response) => {
    const end = (status) => response.writeHead(status).end();
    if (!HOST.test(request.headers.host ?? '')) return end(421);
    if (request.method !== 'GET' && request.method !== 'HEAD') return end(405);
    const [pathname = '/', query = ''] = (request.url ?? '/').split('?', 2);
    const plain = await find(root, pathname);
    if (!plain) return end(404);
    const accepted = String(request.headers['accept-encoding'] ?? '');
    const packed = await findPacked(root, pathname.endsWith('/') ? `${pathname}index.html` : pathname, accepted);
    const file = packed ?? plain;
    response.writeHead(200, {
      'content-type': TYPES[extname(plain.path)] ?? 'application/octet-stream',
      'content-length': file.size,
      ...(packed && { 'content-encoding': packed.encoding }),
      vary: 'Accept-Encoding',
      // What is asked for by its digest never changes.
      'cache-control': new URLSearchParams(query).has('sha256') ? 'max-age=31536000, immutable' : 'no-cache',
    });
    if (request.method === 'HEAD') return response.end();
    return createReadStream(file.path)
      .on('error', () => response.destroy())
      .pipe(response);
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
