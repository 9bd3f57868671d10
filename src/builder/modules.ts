// C++20 modules: finds which units belong to a module, and what must be compiled before each unit.
import { CXX_ENDINGS, MODULE_ENDINGS } from '../config/inputs.js';
import type { HostFiles } from '../platform/types.js';
import type { Target } from '../targets/targets.js';
import { compareBytes } from '../text/byte-order.js';
import { printable } from '../text/printable.js';
import type { CompileRequest } from '../toolchain/requests.js';
import type { Job, Unit } from './plan.js';

/** One run of the compiler: for a unit and target, or for the interface of a module unit, which others import. */
export interface Step {
  job: Job;
  isInterface: boolean;
  /** The interfaces that it imports, directly and indirectly, in the order in which they are made. */
  imports: readonly Step[];
  /** The module whose interface this step makes. */
  module?: string;
  /** The step that makes the interface of the same unit. */
  own?: Step;
}

const endsIn = (path: string, endings: readonly string[]) => endings.some((ending) => path.endsWith(ending));
/**
 * A line that may begin with a module directive (C++20, [cpp.module] and [cpp.import]), perhaps after a comment or
 * another directive. Only a scan gives the answer; this test avoids scans of most units.
 */
const MAY_BE_OF_MODULE = /(^|\*\/|;)\s*(export\s+)?(import|module)\b/m;

/** Flags for C++20 or later, which is not clang's default, or for modules without it. */
const HAS_MODULES = /\+\+(2|latest)|modules/;

/** The units that may belong to a module or import one. If there are none, no unit is scanned. */
export async function findModuleUnits(units: Iterable<Unit>, files: Pick<HostFiles, 'read'>): Promise<Set<Unit>> {
  const decoder = new TextDecoder();
  const found = new Set<Unit>();
  for (const unit of units) {
    const { host, flags } = unit;
    const isInterface = endsIn(host, MODULE_ENDINGS);
    const isRead = !isInterface && endsIn(host, CXX_ENDINGS) && flags.some((flag) => HAS_MODULES.test(flag));
    // If a file cannot be read, its compilation reports the error.
    const bytes = isRead ? await files.read(host).catch(() => undefined) : undefined;
    if (isInterface || (bytes && MAY_BE_OF_MODULE.test(decoder.decode(bytes)))) found.add(unit);
  }
  return found;
}

/** Whether a unit can import modules. */
export const isScanned = ({ unit }: Job): boolean => endsIn(unit.path, CXX_ENDINGS);

/** The modules of one unit. */
export interface Scanned {
  /** The module, or the partition, that it provides. */
  provides: string | undefined;
  requires: readonly string[];
}

/** Parses the result of a scan. @param text output of clang-scan-deps, in the format of P1689R5 */
export function readScan(text: string): Scanned {
  type Named = { 'logical-name': string };
  const { rules } = JSON.parse(text) as { rules: { provides?: Named[]; requires?: Named[] }[] };
  const names = (list: readonly Named[] = []) => list.map((one) => one['logical-name']);
  return {
    provides: rules.flatMap(({ provides }) => names(provides))[0],
    requires: rules.flatMap(({ requires }) => names(requires)),
  };
}

/**
 * Plans all runs of the compiler for a build. If a unit imports a module that no unit provides, the compiler reports
 * it.
 * @param scanned the results for the jobs that can import modules; empty if there are no modules
 * @returns the steps, and a line for each job that cannot be compiled, because another unit has the same module or
 *   because modules import each other
 */
export function planSteps(
  jobs: readonly Job[],
  scanned: ReadonlyMap<Job, Scanned>,
): { steps: Step[]; problems: ReadonlyMap<Job, string> } {
  const problems = new Map<Job, string>();
  const providers = new Map<Target, Map<string, Job>>();
  // Sorted by name, since the scans end in any order.
  const inOrder = [...scanned].sort(
    ([a], [b]) => compareBytes(a.unit.path, b.unit.path) || a.unit.variant - b.unit.variant,
  );
  for (const [job, { provides }] of inOrder) {
    if (provides === undefined) continue;
    const known = providers.get(job.target) ?? new Map<string, Job>();
    providers.set(job.target, known);
    const other = known.get(provides);
    if (other)
      problems.set(
        job,
        `the module ${quoted(provides)} is also that of '${other.unit.shown}': give one of them another name`,
      );
    else known.set(provides, job);
  }
  const interfaces = new Map<Job, Step>();
  const steps: Step[] = [];
  const importsOf = (job: Job, on: readonly Job[]): Step[] => {
    const found = new Set<Step>();
    for (const name of scanned.get(job)?.requires ?? []) {
      const provider = providers.get(job.target)?.get(name);
      if (!provider) continue;
      if (on.includes(provider)) {
        const circle = [...on.slice(on.indexOf(provider)), provider].map(({ unit }) => `'${unit.shown}'`);
        for (const job of on.slice(on.indexOf(provider)))
          problems.set(job, `modules import each other in a circle: ${circle.join(' → ')}`);
        continue;
      }
      const step = interfaceOf(provider, name, on);
      for (const one of [...step.imports, step]) found.add(one);
    }
    return [...found];
  };
  const interfaceOf = (job: Job, module: string, on: readonly Job[]): Step => {
    const known = interfaces.get(job);
    if (known) return known;
    const step: Step = { job, isInterface: true, module, imports: importsOf(job, [...on, job]) };
    interfaces.set(job, step);
    steps.push(step);
    return step;
  };
  for (const [target, modules] of providers)
    for (const [name, job] of modules) if (job.target === target) interfaceOf(job, name, []);
  for (const job of jobs) {
    const own = interfaces.get(job);
    steps.push({ job, isInterface: false, imports: importsOf(job, [job]), ...(own && { own }) });
  }
  return { steps, problems };
}

/** The steps that some jobs need: their own, and those of the interfaces that they import. */
export function stepsOf(steps: readonly Step[], jobs: readonly Job[]): Step[] {
  const own = new Set(jobs);
  const taken = new Set<Step>();
  for (const step of steps)
    if (!step.isInterface && own.has(step.job))
      for (const one of [...needs(step), ...(step.own ? needs(step.own) : []), step]) taken.add(one);
  return steps.filter((step) => taken.has(step));
}

const needs = ({ imports, own }: Step) => (own ? [...imports, own] : imports);

const quoted = (name: string) => `'${printable(name)}'`;

/** The interfaces that have been made, and those that each step needs. */
export class Interfaces {
  readonly #made = new Map<Step, Uint8Array>();
  readonly #failed = new Set<Step>();

  /** Whether everything that a step needs has been tried. */
  areTried(step: Step): boolean {
    return needs(step).every((one) => this.#made.has(one) || this.#failed.has(one));
  }

  /** An interface that a step needs and that did not compile. */
  missing(step: Step): Step | undefined {
    return needs(step).find((one) => this.#failed.has(one));
  }

  /** Stores an interface. @param made undefined if it did not compile */
  keep(step: Step, made: Uint8Array | undefined): void {
    if (made) this.#made.set(step, made);
    else this.#failed.add(step);
  }

  /** The interfaces for the request of a step. */
  for(step: Step): Pick<CompileRequest, 'interfaces'> {
    if (step.imports.length === 0) return {};
    return {
      interfaces: new Map(step.imports.map((one) => [one.module as string, this.#made.get(one) as Uint8Array])),
    };
  }
}
