import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type AssetName, PINNED } from '../../src/assets/pinned.js';
import { REPOSITORY } from '../support/project.js';

const read = (path: string) => readFileSync(join(REPOSITORY, path));
const sha256 = (path: string) => createHash('sha256').update(read(path)).digest('hex');

test('the committed program is the pinned one, and its description fits it', () => {
  const description = JSON.parse(read('wasm/dist/llvm.json').toString());
  expect(sha256('wasm/dist/llvm.wasm')).toBe(PINNED.llvm.sha256);
  expect(description).toMatchObject({
    version: PINNED.llvm.version,
    sha256: PINNED.llvm.sha256,
    size: read('wasm/dist/llvm.wasm').length,
  });
});

test('the committed sysroots are the pinned ones', () => {
  const lines = read('wasm/sysroot/dist/SHA256SUMS').toString().trimEnd().split('\n');
  const sysroots = Object.values(PINNED).filter(({ kind }) => kind === 'sysroot');
  expect(lines).toHaveLength(sysroots.length);
  for (const [digest, file] of lines.map((line) => line.split('  ') as [string, string])) {
    expect(digest).toBe(PINNED[file.replace('.tar.gz', '') as AssetName].sha256);
    expect(sha256(`wasm/sysroot/dist/${file}`)).toBe(digest);
  }
});
