// Runs the commands of a plan: the build file's own, the compiler's, and the linker's, each as soon as its inputs are
// there.

import { basename, dirname, join, normalize } from 'pathe';
import type { CommandPool } from '../builder/command.js';
import { BuildFailedError, type UnitFailure } from '../builder/failures.js';
import type { BuildEvent } from '../config/events.js';
import { ArtError } from '../errors.js';
import type { AddonHost } from '../platform/addon-host.js';
import type { CacheChoice } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import { eachOnce } from '../text/each-once.js';
import { printable, printableText } from '../text/printable.js';
import type { CommandRequest, SourceFile } from '../toolchain/requests.js';
import type { Action, BuildPlan, TargetPlan, Unit } from './plan.js';

/** The settings that all commands share. */
export interface CommandSettings {
  triple: string;
  color: boolean;
  timeout?: number | undefined;
  maxMemory?: number | undefined;
  /** The folder that `art sysroot` wrote; messages then name its files. */
  sysroots?: string | undefined;
  onEvent: (event: BuildEvent) => void;
  signal?: WebAbortSignal | undefined;
  /** Where results are stored; undefined if nowhere. */
  cache?: CacheChoice | undefined;
  /** Called with the files that the compiler read. */
  onRead?: ((files: readonly SourceFile[]) => void) | undefined;
}

/**
 * Builds all targets of a plan.
 * @throws ArtError CANNOT_RUN for a command of the build file; BuildFailedError after all units were tried; CANCELLED,
 *   OUTPUT_NOT_WRITABLE
 */
export async function carryOut(
  plan: BuildPlan,
  settings: CommandSettings,
  pool: CommandPool,
  host: AddonHost,
): Promise<void> {
  const run = new Run(plan, settings, pool, host);
  const results = await Promise.allSettled(plan.targets.map((target) => run.built(target.id)));
  if (settings.signal?.aborted) throw new ArtError('CANCELLED', 'the build was cancelled');
  const failed = results.find((result) => result.status === 'rejected' && result.reason !== run.stopped);
  if (failed?.status === 'rejected') throw failed.reason;
  if (run.failures.length > 0) throw new BuildFailedError(run.failures);
}

/** clang's message for a missing header, with colours or without. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const MISSING_HEADER = /fatal error: (?:\x1b\[[\d;]*m)*'([^']+)' file not found/;

class Run {
  readonly failures: UnitFailure[] = [];
  /** The error of a target that is not made, since units of it or of its dependencies do not compile. */
  readonly stopped = new Error('stopped');
  readonly #targets: ReadonlyMap<string, TargetPlan>;
  readonly #prepared = new Map<string, Promise<void>>();
  readonly #built = new Map<string, Promise<void>>();
  readonly #total: number;
  /** Every command may give the same warning. */
  readonly #warn = eachOnce((message) => this.settings.onEvent({ type: 'warning', message }));
  #done = 0;

  constructor(
    readonly plan: BuildPlan,
    readonly settings: CommandSettings,
    readonly pool: CommandPool,
    readonly host: AddonHost,
  ) {
    this.#targets = new Map(plan.targets.map((target) => [target.id, target]));
    this.#total = plan.targets.reduce((sum, { units }) => sum + units.length, 0);
  }

  built(id: string): Promise<void> {
    return once(this.#built, id, async () => {
      const target = this.#targets.get(id);
      if (!target) return;
      await this.#ready(id);
      const compiled = await Promise.all(target.units.map((unit) => this.#compile(unit, target)));
      if (compiled.includes(false)) throw this.stopped;
      await Promise.all(target.dependencies.map((dependency) => this.built(dependency)));
      await this.#finish(target);
    });
  }

  /** Resolves when the commands of a target and of its dependencies have made their files. */
  #ready(id: string): Promise<void> {
    return once(this.#prepared, id, async () => {
      const target = this.#targets.get(id);
      if (!target) return;
      const own = target.actions.length + target.copies.length > 0;
      await Promise.all(target.dependencies.map((name) => (own ? this.built(name) : this.#ready(name))));
      for (const action of target.actions) await this.#act(action, target);
      for (const { from, to } of target.copies) {
        if (!(await this.host.files.kind(from)))
          throw new ArtError('INPUT_NOT_FOUND', `target '${target.name}' copies '${from}', which is not there`);
        await this.host.makeDirectory(dirname(to));
        await this.host.copy(from, to);
      }
    });
  }

  async #act({ name, words, directory, outputs }: Action, target: TargetPlan): Promise<void> {
    for (const output of outputs) await this.host.makeDirectory(dirname(output));
    const { status, output, problem } = await this.host.execute({ words, directory, signal: this.settings.signal });
    const shown = printable(words.join(' '));
    if (output) this.settings.onEvent({ type: 'diagnostics', unit: name, target: this.settings.triple, text: output });
    if (status === 0) return;
    throw new ArtError(
      'CANNOT_RUN',
      problem === undefined
        ? `the action '${printable(name)}' of target '${target.name}' failed with status ${status}: ${shown}`
        : `the action '${printable(name)}' of target '${target.name}' cannot run '${printable(words[0] ?? '')}' (${printableText(problem)}): ${shown}`,
    );
  }

  async #compile(unit: Unit, target: TargetPlan): Promise<boolean> {
    const { onEvent, triple } = this.settings;
    const where = { unit: unit.source, target: triple };
    await this.#directoryOf(unit.object);
    const { status, stderr } = await this.#command(unit.program, unit.args, () =>
      onEvent({ type: 'started', ...where }),
    );
    const text = stderr + (status === 0 ? '' : this.#missingHeader(stderr, unit));
    if (text) onEvent({ type: 'diagnostics', ...where, text });
    const failed = status !== 0;
    if (failed) {
      const message = `${unit.source} of target ${target.name} does not compile`;
      this.failures.push({ ...where, kind: 'diagnosed', program: 'clang', message });
    }
    onEvent({ type: 'finished', ...where, failed, done: ++this.#done, total: this.#total });
    return !failed;
  }

  /**
   * A note that says in which folders clang looked for a missing header. These are only the folders that flags name,
   * and art's own.
   */
  #missingHeader(said: string, { args }: Unit): string {
    const [, name] = MISSING_HEADER.exec(said) ?? [];
    if (name === undefined) return '';
    const folders = args.flatMap((arg, i) => {
      const folder =
        /^-(?:I|isystem|iquote)(.+)$/.exec(arg)?.[1] ?? (/^-(I|isystem|iquote)$/.test(arg) ? args[i + 1] : undefined);
      return folder === undefined
        ? []
        : [normalize(folder.startsWith('/') ? folder : join(this.plan.directory, folder))];
    });
    const places = [...new Set(folders), `art's own headers for ${this.settings.triple}`];
    return `note: '${printable(name)}' was looked for in ${printable(places.join(', '))}; art does not look into /usr/include: 'include_dirs' of binding.gyp may name more\n`;
  }

  async #finish({ final, installed, name }: TargetPlan): Promise<void> {
    if (!final) return;
    await this.#directoryOf(final.output);
    const place = join(this.plan.directory, final.output);
    await this.host.remove(place);
    const named = final.program === 'ar' ? [] : [`--target=${this.settings.triple}`];
    const { status, stderr } = await this.#command(final.program, [...named, ...final.args]);
    const where = { unit: basename(final.output), target: this.settings.triple };
    if (stderr) this.settings.onEvent({ type: 'diagnostics', ...where, text: stderr });
    if (status !== 0) {
      this.failures.push({ ...where, kind: 'diagnosed', program: 'ld.lld', message: `${name} does not link` });
      throw this.stopped;
    }
    if (installed !== undefined) {
      await this.#directoryOf(installed);
      await this.host.copy(place, join(this.plan.directory, installed));
    }
  }

  #directoryOf(path: string): Promise<void> {
    return this.host.makeDirectory(dirname(join(this.plan.directory, path)));
  }

  async #command(program: CommandRequest['program'], args: readonly string[], started?: () => void) {
    const { triple, color, timeout, maxMemory, sysroots, signal, onRead } = this.settings;
    const cache = this.settings.cache && { ...this.settings.cache, warn: this.#warn };
    const request: CommandRequest = {
      program,
      args,
      triple,
      directory: this.plan.directory,
      stdin: new Uint8Array(0),
      env: {},
      color,
      sourceDateEpoch: 0,
      ...(timeout !== undefined && { timeout }),
      ...(maxMemory !== undefined && { maxMemory }),
      ...(sysroots !== undefined && { sysroots }),
      ...(onRead && { recordRead: 'host' as const }),
    };
    const outcome = await this.pool.run(request, undefined, signal, cache, started);
    onRead?.(outcome.read ?? []);
    return outcome;
  }
}

/** Does the work of this name once, and returns the same promise for every later call. */
function once(all: Map<string, Promise<void>>, name: string, work: () => Promise<void>): Promise<void> {
  const found = all.get(name) ?? work();
  all.set(name, found);
  return found;
}
