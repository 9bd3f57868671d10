import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PINNED } from '../../src/toolchain/pinned.js';
import { REPOSITORY } from '../support/project.js';

const read = (path: string) => readFileSync(join(REPOSITORY, path));
const sha256 = (path: string) => createHash('sha256').update(read(path)).digest('hex');

test('the committed back end is the pinned one, and its description fits it', () => {
  const description = JSON.parse(read('wasm/dist/llvm-codegen.json').toString());
  expect(sha256('wasm/dist/llvm-codegen.wasm')).toBe(PINNED['llvm-codegen'].sha256);
  expect(description).toMatchObject({
    version: PINNED['llvm-codegen'].version,
    sha256: PINNED['llvm-codegen'].sha256,
    size: read('wasm/dist/llvm-codegen.wasm').length,
  });
});

test('the committed sysroot is the pinned one', () => {
  expect(sha256('wasm/sysroot/dist/musl-headers.tar.gz')).toBe(PINNED['musl-headers'].sha256);
  expect(read('wasm/sysroot/dist/SHA256SUMS').toString()).toBe(
    `${PINNED['musl-headers'].sha256}  musl-headers.tar.gz\n`,
  );
});

test('the clang package is installed in the pinned version', () => {
  const { dependencies } = JSON.parse(read('package.json').toString());
  expect(dependencies['@yowasp/clang']).toBe(PINNED.clang.version);
});
