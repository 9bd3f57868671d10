// esbuild's settings: for code in pages, and for code in Node.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMON = /** @type {const} */ ({
  absWorkingDir: resolve(dirname(fileURLToPath(import.meta.url)), '..'),
  bundle: true,
  format: 'esm',
  minify: true,
  legalComments: 'none', // licences.txt beside each bundle has all of them
  metafile: true,
  logLevel: 'warning',
});

export const FOR_PAGES = /** @type {const} */ ({ ...COMMON, platform: 'browser', target: 'es2022' });

export const FOR_NODE = {
  ...COMMON,
  platform: 'node',
  target: 'node20.19',
  // CommonJS packages call require for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
};
