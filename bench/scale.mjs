// node bench/scale.mjs [--json]: what spreading LLVM's own build over machines would take, on paper: a simulation with
// measured costs. It gives the same figures on every machine; docs/scale.md has them.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { expectedCost } from '../dist/builder/shard.js';

const { sizes, sample } = JSON.parse(readFileSync(new URL('data/llvm-units.json', import.meta.url), 'utf8'));

/** What the simulation is told, in seconds of processor time where nothing else stands. */
const MODEL = {
  /** art's time for a unit of C++ by native clang's: leveldb, one target (bench/README.md). */
  ratio: 2.18,
  cores: 2,
  /** Until a machine is at work, and what V8 compiles of the compiler again on each: 6 s of processor time. */
  start: 3,
  /** Of art merge: bytes of entries a second, read, checked, written, packed and checked again: measured. */
  mergeBytes: 8e6,
};
const MACHINES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];

/** mulberry32: a number from 0 to 1. */
function random(seed) {
  let x = (seed + 0x6d2b79f5) | 0;
  x = Math.imul(x ^ (x >>> 15), 1 | x);
  x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
  return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
}

/** Least squares: seconds = headers + perByte * size. */
function fit() {
  const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const [size, seconds] = [mean(sample.map((s) => s.size)), mean(sample.map((s) => s.seconds))];
  const covariance = mean(sample.map((s) => (s.size - size) * (s.seconds - seconds)));
  const perByte = covariance / mean(sample.map((s) => (s.size - size) ** 2));
  return { headers: seconds - perByte * size, perByte };
}

/** What every unit really costs: by the fit, and off it as much as one of the measured units was. */
function units({ headers, perByte }) {
  const off = sample.map((s) => s.seconds - headers - perByte * s.size);
  const least = Math.min(...sample.map((s) => s.seconds));
  return sizes.map((size, i) => {
    const native = Math.max(least, headers + perByte * size + off[Math.floor(random(i) * off.length)]);
    return { path: `${i}.cpp`, size, seconds: native * MODEL.ratio };
  });
}

/** Where the least is; of several, the first. */
function lightest(loads) {
  let least = 0;
  for (let i = 1; i < loads.length; i++) if (loads[i] < loads[least]) least = i;
  return least;
}

/** Shares units out, in their order, each to the part that has the least so far. */
function share(all, parts, cost) {
  const loads = new Array(parts).fill(0);
  const shares = loads.map(() => []);
  for (const unit of [...all].sort((a, b) => cost(b) - cost(a))) {
    const least = lightest(loads);
    loads[least] += cost(unit);
    shares[least].push(unit);
  }
  return shares;
}

/** How long one machine takes, whose processors take the units in their order. */
function machineTime(own) {
  const busy = new Array(MODEL.cores).fill(0);
  for (const { seconds } of own) busy[lightest(busy)] += seconds;
  return MODEL.start + Math.max(...busy);
}

const CUTS = {
  'as art cuts': (all, parts) => share(all, parts, expectedCost),
  'by size alone': (all, parts) => share(all, parts, (unit) => unit.size),
  'in turn, by name': (all, parts) =>
    Array.from({ length: parts }, (_, part) => all.filter((_, i) => i % parts === part)),
  'with foresight': (all, parts) => share(all, parts, (unit) => unit.seconds),
};

function simulate() {
  const line = fit();
  const all = units(line).sort((a, b) => random(a.size) - random(b.size));
  const total = all.reduce((sum, unit) => sum + unit.seconds, 0);
  const longest = Math.max(...all.map((unit) => unit.seconds));
  const objectBytes = sample.reduce((sum, s) => sum + s.object, 0) / sample.length;
  const merge = (objectBytes * all.length) / MODEL.mergeBytes;
  const rows = MACHINES.map((machines) => {
    const times = Object.values(CUTS).map((cut) => Math.max(...cut(all, machines).map(machineTime)));
    const seconds = times[0] + (machines > 1 ? merge : 0);
    return { machines, parts: times, seconds };
  });
  const [{ seconds: alone }] = rows;
  for (const row of rows) {
    row.speedup = alone / row.seconds;
    row.efficiency = row.speedup / row.machines;
  }
  return { line, units: all.length, total, longest, merge, rows };
}

const { values } = parseArgs({ options: { json: { type: 'boolean' } } });
const result = simulate();
if (values.json) process.stdout.write(`${JSON.stringify({ model: MODEL, ...result }, null, 2)}\n`);
else {
  const { line, units: count, total, longest, merge, rows } = result;
  const s = (seconds) => (seconds < 100 ? seconds.toFixed(1) : seconds.toFixed(0));
  const constant = Math.round(line.headers / line.perByte / 1000);
  process.stdout.write(
    `${count} units; native: ${line.headers.toFixed(2)} s and ${(line.perByte * 1e6).toFixed(0)} s a MB of source (headers cost as much as ${constant} kB)\n` +
      `art: ${(total / 3600).toFixed(1)} hours of processor time in all, ${s(longest)} s the longest unit, ${s(merge)} s the merge; ${MODEL.cores} processors a machine\n\n` +
      `| machines | seconds | times faster | of each machine's time in use | the slowest part: ${Object.keys(CUTS).join(' | ')} |\n` +
      `| ---: | ---: | ---: | ---: |${' ---: |'.repeat(Object.keys(CUTS).length)}\n` +
      rows
        .map(
          ({ machines, seconds, speedup, efficiency, parts }) =>
            `| ${machines} | ${s(seconds)} | ${speedup.toFixed(1)} | ${(100 * efficiency).toFixed(0)} % | ${parts.map(s).join(' | ')} |\n`,
        )
        .join(''),
  );
}
