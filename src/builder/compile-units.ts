// Compiles the units of a build. After a failure it continues with the others, so that all errors are reported at once.
import { prepareToParse } from '../artifact/manifest.js';
import type { ResultCache } from '../cache/cache.js';
import type { BuildSettings } from '../config/settings.js';
import type { Platform, Toolchain } from '../platform/types.js';
import { MatchCounter } from '../profile/matches.js';
import { showPath } from '../toolchain/diagnostics.js';
import type { CompileRequest, CompileResult } from '../toolchain/requests.js';
import type { UnitFailure } from './failures.js';
import {
  findModuleUnits,
  Interfaces,
  isScanned,
  planSteps,
  readScan,
  type Scanned,
  type Step,
  stepsOf,
} from './modules.js';
import type { Payload } from './payload.js';
import { type BuildPlan, emitsOf, type Job } from './plan.js';
import { type BuildProfile, countMatches } from './profile.js';
import { runJobs, type Schedule } from './schedule.js';
import { isShort } from './shard.js';
import { shownPaths } from './shown.js';
import { noteSources, type Sources } from './sources.js';

/** The result of compiling the units. */
interface Compiled {
  /** The units that did not compile. */
  failures: UnitFailure[];
  /** The files that the compiler read. */
  sources: Sources;
  counter: MatchCounter;
}

/**
 * Compiles every unit for every target.
 * @param payload receives the outputs until a unit has failed, since nothing will be published then
 * @throws ArtError SOURCE_CHANGED, PROGRAM_CORRUPT
 */
export async function compileUnits(
  plan: BuildPlan,
  settings: BuildSettings,
  platform: Platform,
  toolchain: Toolchain,
  profile: BuildProfile | undefined,
  payload: Payload,
  cache: ResultCache | undefined,
): Promise<Compiled> {
  const compiling = new Compiling(plan, settings, profile, payload);
  const { jobs, timeout, signal } = settings;
  const schedule = { workers: jobs ?? platform.cores(), timeout, signal, cache };
  const elsewhere = plan.elsewhere ?? [];
  const units = new Set([...plan.jobs, ...elsewhere].map((job) => job.unit));
  const ofModules = await findModuleUnits(units, platform.files);
  // Of the other parts, only units that may be modules are needed.
  const scans = [...plan.jobs, ...elsewhere.filter(({ unit }) => ofModules.has(unit))].filter(isScanned);
  const scanned = ofModules.size > 0 ? await compiling.scan(scans, toolchain, schedule) : new Map();
  await compiling.compile(scanned, toolchain, schedule);
  return compiling;
}

class Compiling implements Compiled {
  readonly failures: UnitFailure[] = [];
  readonly sources: Sources = new Map();
  readonly counter = new MatchCounter();
  readonly #interfaces = new Interfaces();
  #done = 0;

  constructor(
    readonly plan: BuildPlan,
    readonly settings: BuildSettings,
    readonly profile: BuildProfile | undefined,
    readonly payload: Payload,
  ) {}

  /**
   * Finds out which modules each unit exports and imports. If a unit cannot be scanned, the compiler reports the error.
   */
  async scan(jobs: readonly Job[], toolchain: Toolchain, schedule: Schedule): Promise<ReadonlyMap<Job, Scanned>> {
    const scanned = new Map<Job, Scanned>();
    await runJobs(jobs, toolchain, schedule, {
      request: (job) => ({ ...this.#request(job), instead: 'scan' }),
      started: () => {},
      isLittle: isShort,
      finished: async (job, result) => {
        if (!result) return;
        this.#note(job, result);
        if (result.made) scanned.set(job, readScan(new TextDecoder().decode(result.made)));
      },
    });
    return scanned;
  }

  async compile(scanned: ReadonlyMap<Job, Scanned>, toolchain: Toolchain, schedule: Schedule): Promise<void> {
    const { jobs, elsewhere = [] } = this.plan;
    const { steps: all, problems } = planSteps([...jobs, ...elsewhere], scanned);
    const steps = stepsOf(all, jobs);
    const own = new Set(jobs);
    for (const [job, problem] of problems) {
      if (!own.has(job)) continue;
      this.#diagnose(job, `${job.unit.shown}: error: ${problem}\n`);
      this.#fail(job, { kind: 'diagnosed', message: `${job.unit.shown} does not compile for ${job.target.triple}` });
      this.#end(job, true);
    }
    for (const step of steps) if (step.isInterface && problems.has(step.job)) this.#interfaces.keep(step, undefined);
    await runJobs(
      steps.filter(({ job }) => !problems.has(job)),
      toolchain,
      schedule,
      {
        request: (step) => (this.#interfaces.missing(step) ? undefined : this.#stepRequest(step)),
        started: ({ job }) => this.settings.onEvent({ type: 'started', ...placeOf(job) }),
        isLittle: (some) => isShort(some.map(({ job }) => job)),
        asked: (worker) => {
          this.payload.begin();
          // While the workers compile, this thread has nothing else to do. Whoever parses reports errors.
          worker.ready.then(prepareToParse).catch(() => {});
        },
        finished: (step, result, isCached) =>
          step.isInterface ? this.#keep(step, result) : this.#take(step, result, isCached),
        isReady: (step) => this.#interfaces.areTried(step),
      },
    );
  }

  #stepRequest(step: Step): CompileRequest {
    return {
      ...this.#request(step.job),
      ...this.#interfaces.for(step),
      ...(step.isInterface && { instead: 'interface' as const }),
    };
  }

  /**
   * Stores the result of a step. The diagnostics of an interface are repeated when the unit itself is compiled, which
   * happens if this step succeeded.
   */
  async #keep(step: Step, result: CompileResult | undefined): Promise<void> {
    this.#interfaces.keep(step, result?.made);
    if (!result) return;
    this.#note(step.job, result);
    if (!result.failure) return;
    this.#diagnose(step.job, result.diagnostics);
    this.#fail(step.job, result.failure);
  }

  async #take(step: Step, result: CompileResult | undefined, isCached: boolean): Promise<void> {
    const { job } = step;
    if (!result) return this.#leaveOut(step);
    this.#note(job, result);
    if (this.profile) countMatches(this.counter, this.profile, job, result);
    this.#diagnose(job, result.diagnostics);
    if (result.failure) this.#fail(job, result.failure);
    else if (this.failures.length === 0) await this.payload.add(job, result.outputs ?? {});
    this.#end(job, !!result.failure, isCached);
  }

  /** Skips a unit that imports a module which did not compile, or whose error has been reported already. */
  #leaveOut(step: Step): void {
    const { job } = step;
    const missing = this.#interfaces.missing(step) as Step;
    if (missing.job !== job) {
      const message = `${job.unit.shown} was not compiled for ${job.target.triple}: it imports '${missing.module}', and ${missing.job.unit.shown} did not compile`;
      this.#diagnose(
        job,
        `${job.unit.shown}: note: not compiled: it imports '${missing.module}', and '${missing.job.unit.shown}' did not compile\n`,
      );
      this.#fail(job, { kind: 'diagnosed', message });
    }
    this.#end(job, true);
  }

  #note({ unit }: Job, { read }: CompileResult): void {
    noteSources(this.sources, read, (path) => showPath(path, shownPaths(unit, this.plan, this.settings)));
  }

  #diagnose(job: Job, text: string): void {
    if (text) this.settings.onEvent({ type: 'diagnostics', ...placeOf(job), text });
  }

  #fail(job: Job, failure: Omit<UnitFailure, 'unit' | 'target'>): void {
    this.failures.push({ ...failure, ...placeOf(job) });
  }

  #end(job: Job, failed: boolean, isCached = false): void {
    const total = this.plan.jobs.length;
    this.settings.onEvent({
      type: 'finished',
      ...placeOf(job),
      failed,
      done: ++this.#done,
      total,
      ...(isCached && { cached: true }),
    });
  }

  #request(job: Job): CompileRequest {
    const { settings, profile } = this;
    return {
      path: job.unit.path,
      triple: job.target.triple,
      flags: job.unit.flags,
      emit: emitsOf(job.unit.path, settings.emit),
      ownSysroot: settings.sysroot !== undefined,
      ...(profile && { profile: profile.use }),
      ...(settings.instrument && { instrument: settings.instrument }),
      color: settings.color,
      sourceDateEpoch: settings.sourceDateEpoch,
      ...(settings.maxMemory !== undefined && { maxMemory: settings.maxMemory }),
      shown: shownPaths(job.unit, this.plan, settings),
    };
  }
}

const placeOf = ({ unit, target }: Job) => ({ unit: unit.shown, target: target.triple });
