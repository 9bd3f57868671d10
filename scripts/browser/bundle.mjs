// dist/browser: one module for pages and one for its workers, with all they need inside.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const builtins = join(root, 'scripts/browser/builtins.mjs');

/** @param {{ write?: boolean }} [options] @returns esbuild's result, with its metafile */
export function bundle({ write = true } = {}) {
  return build({
    absWorkingDir: root,
    entryPoints: { index: 'src/browser.ts', worker: 'src/platform/browser/worker.ts' },
    outdir: 'dist/browser',
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    legalComments: 'none', // licences.txt has all of them
    alias: {
      ...Object.fromEntries(['buffer', 'events', 'path', 'stream', 'url'].map((name) => [`node:${name}`, builtins])),
      process: join(root, 'scripts/browser/process.cjs'),
    },
    metafile: true,
    logLevel: 'warning',
    write,
  });
}

/** The licences of all packages whose code is in the bundle. */
function licences({ inputs }) {
  const packages = new Set(
    Object.keys(inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  );
  return [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(root, folder, file), 'utf8').trim() : `Licence: ${license}`;
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
}

if (resolve(process.argv[1] ?? '') === fileURLToPath(import.meta.url)) {
  const { metafile } = await bundle();
  writeFileSync(join(root, 'dist/browser/licences.txt'), licences(metafile).join(`\n${'-'.repeat(80)}\n\n`));
}
