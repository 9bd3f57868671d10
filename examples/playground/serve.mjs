// A static server for the playground; any other static server works as well.
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
  '.wasm': 'application/wasm', // lets browsers compile it while they receive it
};

/**
 * The names of this machine. Other names are refused: another site could let its own name resolve to this machine, and
 * its pages could then read what is served.
 */
const HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i;

/**
 * Finds the file in a folder that a request asks for; undefined if there is none.
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
    return undefined; // there is no such file, or the request does not contain a valid path
  }
}

/** The endings of compressed files, the best compression first. */
const PACKED = [
  ['br', '.br'],
  ['gzip', '.gz'],
];

/**
 * Finds the compressed copy of a file, if there is one that the browser accepts.
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
 * Serves a folder to this machine only.
 * @param {string} folder
 * @param {number} port 0 for any free port
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
      // A URL with the file's digest always has the same content.
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
