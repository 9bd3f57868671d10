// npm run bench: art and native clang side by side. It reports; it never fails because of a figure.
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES } from './cases.mjs';
import { median } from './measure.mjs';
import { caseText, footText, headText } from './report.mjs';
import { endResident, NATIVE, runArt, runNative, unpackHeaders, versionOf } from './sides.mjs';

const USAGE = `usage: npm run bench -- [--only <case>]... [--runs <n>] [--node <path>] [--json]
  --only <case>  ${Object.keys(CASES).join(', ')}; may be given several times
  --runs <n>     runs of each side of each row (default: ${Object.entries(CASES)
    .map(([name, c]) => `${c.runs} for ${name}`)
    .join(', ')})
  --node <path>  the Node that runs art (default: this one)
  --json         one JSON object on standard output, progress on standard error
`;

/** The options, or a message about what is wrong with them. */
function options() {
  const text = { type: 'string' };
  const flag = { type: 'boolean' };
  const known = { only: { ...text, multiple: true }, runs: text, node: text, json: flag, help: flag };
  const { values } = parseArgs({ options: known });
  const { only = Object.keys(CASES), runs } = values;
  const unknown = only.find((name) => !Object.hasOwn(CASES, name));
  if (unknown) throw new Error(`unknown case '${unknown}': expected ${Object.keys(CASES).join(', ')}`);
  if (runs !== undefined && !/^[1-9]\d*$/.test(runs)) throw new Error(`--runs is '${runs}': expected a whole number`);
  return { ...values, only, runs: runs && Number(runs), node: values.node ?? process.execPath };
}

/** The median of what is known. */
const medianOf = (values) => (values.includes(null) ? null : median(values));

const summary = (samples) => ({
  seconds: median(samples.map((sample) => sample.seconds)),
  processor: medianOf(samples.map((sample) => sample.processor ?? null)),
  fastest: Math.min(...samples.map((sample) => sample.seconds)),
  peak: samples.some((sample) => sample.peak === null) ? null : Math.max(...samples.map((sample) => sample.peak)),
  samples,
});

/** Runs before those that are measured, where art is to be warm. */
const WARM_UPS = 2;

/** Both sides in turn, so that whatever else the machine does falls on both. */
async function runRow(row, runs, sides, progress) {
  const samples = sides.map(() => []);
  // The first one starts the resident process, and the next ones find compiled code there.
  if (row.work?.warm) for (let run = 1; run <= WARM_UPS; run++) await sides[0].run(row.work);
  for (let run = 1; run <= runs; run++)
    for (const [index, side] of sides.entries()) {
      progress(`${row.name}: run ${run} of ${runs}, ${side.name}`);
      samples[index].push(await side.run(row.work));
    }
  const [art, native] = samples.map(summary);
  const ratio = native ? art.seconds / native.seconds : null;
  return { name: row.name, goal: row.goal, art, native: native ?? null, ratio };
}

// What is measured is built; the rows of the cache turn it on.
process.env.ART_NO_CACHE = '1';

async function main({ only, runs, node, json }, scratch) {
  const machine = { cores: availableParallelism(), node: versionOf(node), native: versionOf(NATIVE) ?? null };
  if (!machine.node) throw new Error(`cannot run '${node}'`);
  const sides = [{ name: 'art', run: (work) => runArt(work, node, scratch) }];
  if (machine.native) {
    const headers = unpackHeaders(join(scratch, 'headers'));
    sides.push({ name: NATIVE, run: (work) => runNative(work, headers, scratch) });
  }
  const print = (text) => json || process.stdout.write(text);
  print(headText(machine));

  // Neither side shall pay for a disk that the other has warmed.
  const [warmUp] = CASES.hello.rows(scratch);
  for (const side of sides) await side.run(warmUp.work);

  const results = [];
  for (const name of only) {
    const { title, runs: usual, rows, sides: own } = CASES[name];
    const progress = (text) => process.stderr.write(`${name}: ${text}\n`);
    const done = [];
    for (const row of rows(scratch, node)) {
      done.push(await runRow(row, runs ?? usual, own ?? sides, progress));
      endResident(node, scratch);
    }
    results.push({ case: name, title, rows: done });
    print(
      caseText(
        title,
        done,
        own?.map((side) => side.name),
      ),
    );
  }
  print(footText());
  if (json) process.stdout.write(`${JSON.stringify({ machine, cases: results }, null, 2)}\n`);
}

const scratch = mkdtempSync(join(tmpdir(), 'art-bench-'));
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
try {
  const chosen = options();
  if (chosen.help) process.stdout.write(USAGE);
  else await main(chosen, scratch);
} catch (error) {
  const isUsage = String(error.code).startsWith('ERR_PARSE_ARGS') || /^(unknown case|--runs)/.test(error.message);
  process.stderr.write(`bench: ${error.message}\n${isUsage ? USAGE : ''}`);
  process.exitCode = isUsage ? 2 : 1;
}
