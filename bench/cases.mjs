// What is measured. A case is prepared once, then each of its rows is run by both sides.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, TARGETS } from './sides.mjs';
import { writeUnits } from './units.mjs';

const MEMORY = { peak: 700e6 };
const OBJECT = ['object'];
const BOTH_KINDS = ['bitcode', 'object'];

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {import('./sides.mjs').Work} work
 * @property {{ seconds?: number, ratio?: number, peak?: number }} goal what issue 2 asks of art: seconds and ratio at most, bytes at most
 */

function sqlite() {
  const inputs = join(ROOT, 'test/inputs');
  const source = join(inputs, 'node_modules/better-sqlite3/deps/sqlite3/sqlite3.c');
  if (!existsSync(source)) {
    const npm = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', inputs];
    execFileSync('npm', npm, { stdio: ['ignore', process.stderr, process.stderr] });
  }
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
  return [{ name: 'both targets, bitcode and object', work, goal: { ...MEMORY, seconds: 1.2 } }];
}

function units(scratch) {
  const directory = join(scratch, 'units');
  const files = writeUnits(directory, 200);
  const work = (emit) => ({ inputs: [directory], units: files, targets: TARGETS, emit });
  return [
    { name: 'both targets, object', work: work(OBJECT), goal: MEMORY },
    { name: 'both targets, bitcode and object', work: work(BOTH_KINDS), goal: MEMORY },
  ];
}

/** @type {Record<string, { title: string, runs: number, rows: (scratch: string) => Row[] }>} */
export const CASES = {
  hello: { title: 'hello: one small C file, a cold process to the finished artifact', runs: 9, rows: hello },
  sqlite: { title: 'sqlite: sqlite3.c, one large unit', runs: 3, rows: sqlite },
  units: { title: 'units: 200 small C files', runs: 3, rows: units },
};
