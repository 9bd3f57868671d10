import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Collects the licences of all packages whose code is in a bundle.
 * @param {string} root the folder that the bundle's paths are relative to
 * @param {import('esbuild').Metafile} metafile
 * @returns the text of a file
 */
export function licences(root, { inputs }) {
  const packages = new Set(
    Object.keys(inputs).flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
  );
  const texts = [...packages].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(root, folder, file), 'utf8').trim() : `Licence: ${license}`;
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}
