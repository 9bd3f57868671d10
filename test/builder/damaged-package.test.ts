// A package in which a program or a sysroot has other bytes than the pinned ones.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scratch } from '../support/native.js';
import { project, REPOSITORY } from '../support/project.js';

const PROGRAMS = 'wasm/dist';
const SYSROOTS = 'wasm/sysroot/dist';

/** A copy of the package in which one file has other bytes. */
function packageWith(file: string, bytes: string | Buffer): string {
  const root = scratch();
  for (const path of ['package.json', 'dist/cli'])
    cpSync(join(REPOSITORY, path), join(root, path), { recursive: true });
  for (const folder of [PROGRAMS, SYSROOTS]) {
    mkdirSync(join(root, folder), { recursive: true });
    for (const name of readdirSync(join(REPOSITORY, folder)))
      symlinkSync(join(REPOSITORY, folder, name), join(root, folder, name));
  }
  rmSync(join(root, file));
  writeFileSync(join(root, file), bytes);
  return root;
}

const EMPTY_MODULE = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

test.each([
  ['the program, no WebAssembly', `${PROGRAMS}/llvm.wasm`, 'something else'],
  ['the program, another', `${PROGRAMS}/llvm.wasm`, EMPTY_MODULE],
  ['headers, cut short', `${SYSROOTS}/musl-headers.tar.gz`, Buffer.from([0x1f, 0x8b, 8])],
  ['headers, empty', `${SYSROOTS}/musl-headers.tar.gz`, ''],
  ['headers of a library', `${SYSROOTS}/libcxx-headers.tar.gz`, 'something else'],
])('a build says that a file of the package is not its own, and writes nothing: %s', (_, file, bytes) => {
  const root = packageWith(file, bytes);
  const cwd = project({ 'main.cpp': '#include <vector>\nstd::vector<int> v;\n' });
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'dist/cli/main.js'), 'build', 'main.cpp', '--quiet'],
    {
      cwd,
      encoding: 'utf8',
    },
  );
  expect(stderr).toMatch(
    new RegExp(
      `^art: error: '${join(root, file)}' is not the \\S+ of this version \\(sha256 .*\\): install this package again\n$`,
    ),
  );
  expect([status, existsSync(join(cwd, 'artifact'))]).toEqual([1, false]);
});
