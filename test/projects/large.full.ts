// Real C++ projects, which take minutes: npm run test:full.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'vitest';
import { INPUTS, testProject } from '../support/real.js';

const LEVELDB = join(INPUTS, 'classic-level/deps/leveldb/leveldb-1.20');
const RE2 = join(INPUTS, 're2');

const leveldbSources = ['db', 'table', 'util', 'port'].flatMap((folder) =>
  readdirSync(join(LEVELDB, folder))
    .filter((name) => name.endsWith('.cc') && !/(_test|_bench|_win|testharness|testutil|leveldbutil)\.cc$/.test(name))
    .map((name) => join(LEVELDB, folder, name)),
);

/** The sources that the package itself would compile, without its binding to Node. */
const re2Sources = [...readFileSync(join(RE2, 'binding.gyp'), 'utf8').matchAll(/"(vendor\/[^"]+\.cc)"/g)].map((match) =>
  join(RE2, match[1] as string),
);

describe('leveldb', () => {
  const defines = ['LEVELDB_PLATFORM_POSIX=1', 'OS_LINUX=1', 'NDEBUG'].map((define) => `-D${define}`);
  const flags = ['-O2', '-std=c++17', '-Wno-everything', ...defines, `-I${LEVELDB}`, `-I${LEVELDB}/include`];
  testProject(
    [
      [...leveldbSources, ...flags],
      ['fixtures/real/leveldb.cc', ...flags],
    ],
    '1 1\n19999 entries, 989993 bytes\n',
  );
});

describe('RE2 and Abseil', () => {
  const include = [`-I${RE2}/vendor/re2`, `-I${RE2}/vendor/abseil-cpp`];
  const flags = ['-O2', '-std=c++20', '-DNDEBUG', '-Wno-everything', ...include];
  testProject(
    [
      [...re2Sources, ...flags],
      ['fixtures/real/re2.cc', ...flags],
    ],
    '1 ruby 1234\n3 yada dada doo\n1\n0 missing ): a(b\n0 1 0\n',
  );
});
