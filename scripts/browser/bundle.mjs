// Writes dist/browser: one module for pages and one for each kind of worker, with everything they need inside.
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { FOR_PAGES } from '../bundling.mjs';
import { licences } from '../licences.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const builtins = join(root, 'scripts/browser/builtins.mjs');

/** Sizes in bytes of the program and the sysroots, by their names in src/assets/pinned.ts. */
function assetSizes() {
  const files = ['wasm/dist', 'wasm/sysroot/dist'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(root, folder, name)),
  );
  const sizes = files.map((path) => [/^(.+?)\.(?:wasm|tar\.gz)$/.exec(basename(path))?.[1], statSync(path).size]);
  return Object.fromEntries(sizes.filter(([name]) => name !== undefined).sort());
}

/** @param {{ write?: boolean }} [options] @returns esbuild's result, with its metafile */
export function bundle({ write = true } = {}) {
  return build({
    ...FOR_PAGES,
    entryPoints: {
      index: 'src/browser.ts',
      worker: 'src/platform/browser/worker.ts',
      'wasi-worker': 'src/platform/browser/wasi-worker.ts',
    },
    outdir: 'dist/browser',
    alias: {
      ...Object.fromEntries(['buffer', 'events', 'path', 'stream', 'url'].map((name) => [`node:${name}`, builtins])),
      process: join(root, 'scripts/browser/process.cjs'),
    },
    define: { ART_ASSET_SIZES: JSON.stringify(assetSizes()) },
    write,
  });
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const { metafile } = await bundle();
  writeFileSync(join(root, 'dist/browser/licences.txt'), licences(root, metafile));
}
