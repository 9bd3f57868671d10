// Splits a build into parts, by the expected cost of each compilation. The result is the same on every machine, without
// communication. It depends only on sizes and names, since nothing else is known before compiling.
import type { Shard } from '../config/options.js';
import { compareBytes } from '../text/byte-order.js';
import { isAssembly } from '../toolchain/arguments.js';
import { isModule } from '../toolchain/modules.js';
import { type BuildPlan, type Job, jobName, type Unit } from './plan.js';

/**
 * The cost of including headers and of starting a compilation, as the number of bytes of source that cost as much. That
 * of C++ was measured on LLVM's own sources (bench/scale.mjs); that of C is a fortieth of it; bitcode, IR and assembly
 * include no headers.
 */
const HEADERS = { cxx: 160_000, c: 4_000, none: 1_000 };

/** The expected cost of a unit for one target, in bytes of source. */
export function expectedCost({ path, size }: Pick<Unit, 'path' | 'size'>): number {
  if (isModule(path) || isAssembly(path)) return size + HEADERS.none;
  return size + (path.endsWith('.c') ? HEADERS.c : HEADERS.cxx);
}

/** The expected cost of a build that takes a minute of processor time, in bytes of source. */
const SHORT = 2_000_000;

/**
 * Whether jobs take so little time that V8's optimised code of the compiler would not save the time that making it
 * takes.
 */
export const isShort = (jobs: readonly Job[]): boolean =>
  jobs.reduce((sum, { unit }) => sum + expectedCost(unit), 0) < SHORT;

/**
 * Distributes jobs: the longest first, each to the part with the least work so far (Graham's LPT rule, at most a third
 * longer than the optimum).
 * @returns the jobs of one part, in the order of compilation
 */
function jobsOf(jobs: readonly Job[], { index, count }: Shard): Job[] {
  const byCost = jobs
    .map((job) => ({ job, cost: expectedCost(job.unit), name: jobName(job) }))
    .sort((a, b) => b.cost - a.cost || compareBytes(a.name, b.name));
  const loads = new Array<number>(count).fill(0);
  const own: Job[] = [];
  for (const { job, cost } of byCost) {
    let least = 0;
    for (let part = 1; part < count; part++) if ((loads[part] as number) < (loads[least] as number)) least = part;
    loads[least] = (loads[least] as number) + cost;
    if (least === index - 1) own.push(job);
  }
  return own;
}

/** The part of a plan that belongs to one shard. It can be empty if there are more parts than jobs. */
export function cutPlan(plan: BuildPlan, shard: Shard): BuildPlan {
  const jobs = jobsOf(plan.jobs, shard);
  const own = new Set(jobs);
  const units = new Set(jobs.map((job) => job.unit));
  return {
    ...plan,
    units: plan.units.filter((unit) => units.has(unit)),
    jobs,
    elsewhere: plan.jobs.filter((job) => !own.has(job)),
    entries: plan.entries.filter(({ from }) => from && own.has(from.job)),
  };
}
