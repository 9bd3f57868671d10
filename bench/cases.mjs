// What is measured. A case is prepared once, then each of its rows is run by both sides.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheRows, cacheSides } from './cache.mjs';
import { playgroundRows, playgroundSides } from './playground.mjs';
import { profileRows, profileSides } from './profile.mjs';
import { ROOT, TARGETS } from './sides.mjs';
import { writeUnits } from './units.mjs';

const MEMORY = { peak: 700e6 };
const OBJECT = ['object'];
const BOTH_KINDS = ['bitcode', 'object'];

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {import('./sides.mjs').Work} work
 * @property {{ seconds?: number, ratio?: number, peak?: number }} goal what is asked of art: seconds and ratio at most, bytes at most
 */

/** A folder of an npm package with sources, which are installed where they are missing. */
function input(path) {
  const inputs = join(ROOT, 'test/inputs');
  const found = join(inputs, 'node_modules', path);
  if (!existsSync(found)) {
    const npm = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', inputs];
    execFileSync('npm', npm, { stdio: ['ignore', process.stderr, process.stderr] });
  }
  return found;
}

function sqlite() {
  const source = input('better-sqlite3/deps/sqlite3/sqlite3.c');
  const row = (name, targets, emit, goal) => ({
    name,
    work: { inputs: [source], units: [source], targets, emit },
    goal: { ...MEMORY, ...goal },
  });
  return [
    row('one target, object', ['x86_64'], OBJECT, { ratio: 1.6 }),
    row('both targets, object', TARGETS, OBJECT, { ratio: 1.8 }),
    row('one target, bitcode and object', ['x86_64'], BOTH_KINDS, {}),
    row('both targets, bitcode and object', TARGETS, BOTH_KINDS, {}),
  ];
}

function hello() {
  const source = join(ROOT, 'fixtures/hello/src/main.c');
  const work = { inputs: [source], units: [source], targets: TARGETS, emit: BOTH_KINDS };
  const plain = { ...work, flags: ['-O0'] };
  return [
    { name: 'both targets, bitcode and object, -O0', work: plain, goal: { ...MEMORY, seconds: 0.55 } },
    { name: 'the same, warm', work: { ...plain, warm: true }, goal: { seconds: 0.2 } },
    { name: 'both targets, bitcode and object', work, goal: { ...MEMORY, seconds: 1.2 } },
    { name: 'the same, warm', work: { ...work, warm: true }, goal: {} },
  ];
}

function units(scratch) {
  const directory = join(scratch, 'units');
  const files = writeUnits(directory, 200);
  const work = (emit) => ({ inputs: [directory], units: files, targets: TARGETS, emit });
  return [
    { name: 'both targets, object', work: work(OBJECT), goal: { ...MEMORY, ratio: 1.4 } },
    { name: 'both targets, object, warm', work: { ...work(OBJECT), warm: true }, goal: {} },
    { name: 'both targets, bitcode and object', work: work(BOTH_KINDS), goal: MEMORY },
  ];
}

/** C++ with the standard library: leveldb, as its package builds it. */
function leveldb() {
  const root = input('classic-level/deps/leveldb/leveldb-1.20');
  const recipe = readFileSync(join(root, '../leveldb.gyp'), 'utf8');
  const units = [...recipe.matchAll(/"leveldb-<\(ldbversion\)\/([^"]+\.cc)"/g)].map((match) => join(root, match[1]));
  const defines = ['-DLEVELDB_PLATFORM_POSIX=1', '-DOS_LINUX=1', '-DNDEBUG'];
  const flags = [`-I${root}`, `-I${join(root, 'include')}`, ...defines, '-std=c++17', '-stdlib=libc++', '-w'];
  const work = (targets) => ({ inputs: units, units, targets, emit: OBJECT, flags });
  return [
    { name: 'one target, object', work: work(['x86_64']), goal: { ratio: 1.8 } },
    { name: 'one target, object, warm', work: { ...work(['x86_64']), warm: true }, goal: { ratio: 1.5 } },
    { name: 'both targets, object', work: work(TARGETS), goal: { ratio: 2.5 } },
  ];
}

/** A hundred small files, each compiled by a command of its own, as make does; the resident process is warm by then. */
function commands(scratch) {
  const units = writeUnits(join(scratch, 'commands'), 100);
  const work = { inputs: units, units, targets: ['x86_64'], emit: OBJECT };
  return [
    { name: '100 times art cc -c', work: { ...work, dropIn: 'command' }, goal: { seconds: 15 } },
    { name: '100 times the cc of art toolchain', work: { ...work, dropIn: 'script' }, goal: { seconds: 15 } },
  ];
}

/**
 * A case with `sides` of its own is no comparison with native clang.
 * @type {Record<string, { title: string, runs: number, rows: (scratch: string, node: string) => Row[], sides?: { name: string, run: (work: any) => Promise<import('./measure.mjs').Sample> }[] }>}
 */
export const CASES = {
  hello: { title: 'hello: one small C file, a cold process to the finished artifact', runs: 9, rows: hello },
  sqlite: { title: 'sqlite: sqlite3.c, one large unit', runs: 3, rows: sqlite },
  leveldb: { title: 'leveldb: C++ with the standard library', runs: 3, rows: leveldb },
  commands: { title: 'commands: 100 compiler commands, one after the other', runs: 3, rows: commands },
  units: { title: 'units: 200 small C files', runs: 3, rows: units },
  cache: {
    title: 'cache: leveldb for one target, with the cache and without',
    runs: 3,
    rows: (scratch, node) => cacheRows(input('classic-level/deps/leveldb/leveldb-1.20'), scratch, node),
    sides: cacheSides,
  },
  profile: {
    title: 'profile: the program of fixtures/profile, built with a profile and without',
    runs: 9,
    rows: profileRows,
    sides: profileSides,
  },
  playground: {
    title: 'playground: the page in Chromium, from a packed site on this machine',
    runs: 3,
    rows: playgroundRows,
    sides: playgroundSides,
  },
};
