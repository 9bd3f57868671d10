// The sizes that pages name, measured: what each target costs of the package, and what a page fetches.
//   usage: node scripts/docs/sizes.mjs            writes them into docs/architecture.md and docs/browser.md
//          node scripts/docs/sizes.mjs --check    exit status 1 where they name others
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const ARCHIVES = join(root, 'wasm/sysroot/dist');
const MB = 1e6;

/** Bytes in MB, to a tenth. */
const mb = (bytes) => (bytes / MB).toFixed(1);

/** Patterns for the archives of one kind of target; archives that match none are for all targets. */
const ROWS = [
  ['musl, x86_64 and aarch64', /^(musl-|libraries-(x86_64|aarch64)|sanitizers-(x86_64|aarch64))/],
  ['glibc of every version, x86_64 and aarch64', /^(glibc-|libraries-gnu-|sanitizers-gnu-)/],
  ['WASI', /^(wasi-|libraries-wasm32)/],
  ['Windows, x86_64', /(^|-)mingw-/],
];

const archives = readdirSync(ARCHIVES).filter((name) => name.endsWith('.tar.gz'));
const sizeOf = (names) => names.reduce((sum, name) => sum + statSync(join(ARCHIVES, name)).size, 0);
const rows = ROWS.map(([title, pattern]) => ({ title, names: archives.filter((name) => pattern.test(name)) }));
const forAll = archives.filter((name) => !rows.some(({ names }) => names.includes(name)));
const program = readFileSync(join(root, 'wasm/dist/llvm.wasm'));
const packed = gzipSync(program, { level: 9 }).length; // as npm packs

const table = (heads, lines) =>
  [heads, heads.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('');

const costs = table(
  ['for', 'MB, packed'],
  [
    ['every target: the program, and the headers of clang, Linux and libc++', mb(packed + sizeOf(forAll))],
    ...rows.map(({ title, names }) => [title, mb(sizeOf(names))]),
  ],
);
const fetched = table(
  ['file', 'what it is'],
  [
    [
      '`index.js`, `worker.js`, `wasi-worker.js`',
      'the modules, with all they need inside; `licences.txt` has the licences of that',
    ],
    ['`llvm.wasm`', `the program, ${mb(program.length)} MB; ${mb(packed)} MB with gzip`],
    [
      '`*.sysroot`',
      `headers and libraries of all targets, packed, ${mb(sizeOf(archives))} MB; a page fetches those that it needs`,
    ],
  ],
);

for (const [page, text] of [
  ['docs/architecture.md', costs],
  ['docs/browser.md', fetched],
]) {
  const path = join(root, page);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(/(<!-- sizes -->\n).*?(?=<!-- end of sizes -->)/s, `$1${text}`);
  if (after === before) continue;
  if (!process.argv.includes('--check')) writeFileSync(path, after);
  else {
    process.stderr.write(`${page} names other sizes than there are: run 'node scripts/docs/sizes.mjs'\n`);
    process.exitCode = 1;
  }
}
