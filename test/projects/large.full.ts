// Real C++ projects, which take minutes; only in npm run test:full.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { INPUTS, testProject } from '../support/real.js';

const LEVELDB = join(INPUTS, 'classic-level/deps/leveldb/leveldb-1.20');
const RE2 = join(INPUTS, 're2');

/** The sources that the package's own build compiles on Linux, without its binding to Node. */
function sourcesOf(folder: string, recipe: string, source: RegExp): string[] {
  const elsewhere = /\["OS==\\"win\\"".*?\}\]/gs;
  const text = readFileSync(join(folder, recipe), 'utf8').replace(elsewhere, '');
  return [...text.matchAll(source)].map((match) => join(folder, match[1] as string));
}

describe('leveldb', () => {
  const defines = ['LEVELDB_PLATFORM_POSIX=1', 'OS_LINUX=1', 'NDEBUG'].map((define) => `-D${define}`);
  const flags = ['-O2', '-std=c++17', '-Wno-everything', ...defines, `-I${LEVELDB}`, `-I${LEVELDB}/include`];
  testProject(
    [
      [...sourcesOf(LEVELDB, '../leveldb.gyp', /"leveldb-<\(ldbversion\)\/([^"]+\.cc)"/g), ...flags],
      ['fixtures/real/leveldb.cc', ...flags],
    ],
    '1 1 7\n19999 entries, 989993 bytes\n',
  );
});

describe('RE2 and Abseil', () => {
  const include = [`-I${RE2}/vendor/re2`, `-I${RE2}/vendor/abseil-cpp`];
  const flags = ['-O2', '-std=c++20', '-DNDEBUG', '-Wno-everything', ...include];
  testProject(
    [
      [...sourcesOf(RE2, 'binding.gyp', /"(vendor\/[^"]+\.cc)"/g), ...flags],
      ['fixtures/real/re2.cc', ...flags],
    ],
    '1 ruby 1234\n2 yada dada doo\n1\n0 missing ): a(b\n0 1 0\n',
  );
});
