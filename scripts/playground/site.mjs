// Writes the playground as a folder for any static host: the page, the files of `art browser`, and compressed copies of
// the large files.
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { FOR_PAGES } from '../bundling.mjs';
import { licences } from '../licences.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const playground = join(root, 'examples/playground');
/** Compressed files are kept here, outside of git, since brotli takes minutes for the program. */
const cache = join(root, 'node_modules/.cache/art-playground');
const PLAIN = ['index.html', 'playground.css', 'icon.svg'];
/** The files that a later visit needs without a network, besides the compiler, which the session stores itself. */
const OFFLINE = [
  './',
  ...PLAIN.slice(1),
  'start.js',
  'playground.js',
  'art/index.js',
  'art/worker.js',
  'art/wasi-worker.js',
];
const WORTH_PACKING = /\.(html|js|css|svg|txt|wasm)$/;
const BEST = 11;

/** Leaves src/start.ts out of the bundle, so that all modules share the one that the page has loaded first. */
const startOfItsOwn = {
  name: 'start',
  setup: ({ onResolve }) => onResolve({ filter: /^\.\/start\.js$/ }, ({ path }) => ({ path, external: true })),
};

/** @returns esbuild's metafile */
function bundle(entry, outfile, define = {}) {
  const entryPoints = [join(playground, 'src', entry)];
  return build({ ...FOR_PAGES, entryPoints, outfile, define, plugins: [startOfItsOwn] });
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

function packed(bytes, kind, quality) {
  const path = join(cache, `${sha256(bytes)}.${quality}.${kind}`);
  if (existsSync(path)) return readFileSync(path);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: quality,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  const result =
    kind === 'br' ? brotliCompressSync(bytes, { params }) : gzipSync(bytes, { level: Math.min(9, quality) });
  mkdirSync(cache, { recursive: true });
  writeFileSync(path, result);
  return result;
}

/**
 * Writes the site.
 * @param {string} out a folder; its art/ and the files of the page are replaced
 * @param {{ quality?: number, writePageFiles: (directory: string) => Promise<string[]> }} options `quality` of brotli,
 *   1 to 11; without it nothing is compressed
 */
export async function writeSite(out, { quality, writePageFiles }) {
  mkdirSync(out, { recursive: true });
  await writePageFiles(join(out, 'art'));
  for (const name of PLAIN) cpSync(join(playground, name), join(out, name));
  await bundle('start.ts', join(out, 'start.js'));
  const { metafile } = await bundle('main.ts', join(out, 'playground.js'));
  writeFileSync(join(out, 'licences.txt'), licences(root, metafile));
  const html = readFileSync(join(out, 'index.html'), 'utf8');
  writeFileSync(join(out, 'index.html'), html.replace('<html lang="en">', '<html lang="en" data-offline>'));
  const files = OFFLINE.map((name) => readFileSync(join(out, name === './' ? 'index.html' : name)));
  await bundle('service-worker.ts', join(out, 'service-worker.js'), {
    SITE_FILES: JSON.stringify(OFFLINE),
    SITE_VERSION: JSON.stringify(sha256(Buffer.concat(files)).slice(0, 16)),
  });
  cpSync(join(playground, 'HOSTING.md'), join(out, 'README.md'));
  if (quality === undefined) return;
  for (const name of readdirSync(out, { recursive: true, encoding: 'utf8' })) {
    const path = join(out, name);
    if (!WORTH_PACKING.test(name) || !statSync(path).isFile()) continue;
    const bytes = readFileSync(path);
    for (const [ending, kind] of [
      ['.br', 'br'],
      ['.gz', 'gz'],
    ])
      writeFileSync(path + ending, packed(bytes, kind, quality));
  }
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'playground-site' },
      quality: { type: 'string', default: String(BEST) },
    },
  });
  const quality = Number(values.quality);
  if (!Number.isInteger(quality) || quality < 1 || quality > BEST) {
    console.error(`--quality must be a whole number from 1 to ${BEST}, not '${values.quality}'`);
    process.exit(2);
  }
  const out = resolve(values.out);
  if (existsSync(out) && !existsSync(join(out, 'service-worker.js')) && readdirSync(out).length > 0) {
    console.error(`'${values.out}' is no such site and not empty: name another folder with --out`);
    process.exit(2);
  }
  rmSync(out, { recursive: true, force: true });
  const { writePageFiles } = await import(join(root, 'dist/index.js'));
  await writeSite(out, { quality, writePageFiles });
  console.log(`${relative(process.cwd(), out) || '.'}: upload all of it; its README.md says what a host must do`);
}
