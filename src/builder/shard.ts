// How a build is cut into parts: by what each compilation is expected to cost, the same on every machine without their
// talking to each other. Only sizes and names decide, since nothing else is known before something is compiled.
import type { Shard } from '../config/options.js';
import { compareBytes } from '../text/byte-order.js';
import { isAssembly } from '../toolchain/arguments.js';
import { isModule } from '../toolchain/modules.js';
import { type BuildPlan, type Job, jobName, type Unit } from './plan.js';

/**
 * What headers and the start of a compilation cost, in bytes of source that would cost as much. C++'s is measured, on LLVM's
 * own sources (bench/scale.mjs); C's headers are a fortieth of them, and bitcode, IR and assembly have none.
 */
const HEADERS = { cxx: 160_000, c: 4_000, none: 1_000 };

/** What a unit is expected to cost for one target, in bytes of source. */
export function expectedCost({ path, size }: Pick<Unit, 'path' | 'size'>): number {
  if (isModule(path) || isAssembly(path)) return size + HEADERS.none;
  return size + (path.endsWith('.c') ? HEADERS.c : HEADERS.cxx);
}

/** What a build of a minute of processor time is expected to cost, in bytes of source. */
const SHORT = 2_000_000;

/** Whether a plan is carried out before optimised code of the compiler has paid for being made. */
export const isShort = ({ jobs }: BuildPlan): boolean =>
  jobs.reduce((sum, { unit }) => sum + expectedCost(unit), 0) < SHORT;

/**
 * Shares jobs out: the longest first, each to the part that has the least so far (Graham's LPT rule, which is at most a
 * third longer than the best there is).
 * @returns the jobs of one part, in the order in which they are to be compiled
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

/** What of a plan one part does. A part may have nothing to do, where there are more parts than jobs. */
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
