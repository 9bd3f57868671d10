// Looks for the results of jobs in the cache ahead of the workers, several at once, since a cache may be far away.
import type { ResultCache } from '../cache/cache.js';
import type { CompileRequest, CompileResult } from '../toolchain/requests.js';

/** How many results are looked for at once. */
const LOOKS = 8;
/** While results of this size wait for the workers, no others are looked for. */
const MAX_WAITING = 64 << 20;

/** The result of a look: a result, which may say that the unit needs modules, or undefined if the cache has none. */
type Looked = CompileResult | undefined;

/** How to look. */
export interface Looking<J> {
  cache: Pick<ResultCache, 'findUnit'>;
  /** Makes the request for a job; undefined if there is none. */
  request: (job: J) => CompileRequest | undefined;
  /** Whether it takes little time to compile these jobs. */
  isLittle: (jobs: readonly J[]) => boolean;
  signal: AbortSignal | undefined;
}

export class LookAhead<J> {
  readonly #looks = new Map<J, Promise<Looked>>();
  readonly #taken = new Set<J>();
  /** Sizes of the results that wait for a worker. */
  readonly #sizes = new Map<J, number>();
  readonly #found = new Set<J>();
  readonly #missing: J[] = [];
  #waiting = 0;
  #paused: (() => void)[] = [];
  #decide = () => {};
  #isDecided = false;
  #lanes: Promise<void>[] = [];
  #isEnded = false;

  constructor(readonly looking: Looking<J>) {}

  /**
   * Begins to look for the results of jobs, in the order in which workers will take them.
   * @param ready the jobs that wait for no other
   * @returns whether little is left to compile of `jobs`, as soon as that is known: when all results have been looked
   *   for, or enough of them are missing, or so many were found that the rest has to wait for the workers
   * @throws what a look throws
   */
  async begin(jobs: readonly J[], ready: readonly J[]): Promise<boolean> {
    const decided = new Promise<void>((resolve) => {
      this.#decide = resolve;
    });
    const queue = ready.values();
    this.#lanes = Array.from({ length: LOOKS }, () => this.#run(queue));
    await Promise.race([decided, Promise.all(this.#lanes)]);
    this.#isDecided = true;
    return this.looking.isLittle(jobs.filter((job) => !this.#found.has(job)));
  }

  /**
   * Returns the result of the look for a job, for a worker; undefined if there was none, and now there will be none.
   */
  take(job: J): Promise<Looked> | undefined {
    const look = this.#looks.get(job);
    this.#looks.delete(job);
    this.#taken.add(job);
    this.#waiting -= this.#sizes.get(job) ?? 0;
    this.#sizes.delete(job);
    this.#resume();
    return look;
  }

  /** Ends looking. */
  async end(): Promise<void> {
    this.#isEnded = true;
    this.#resume();
    await Promise.allSettled(this.#lanes);
  }

  async #run(queue: Iterable<J>): Promise<void> {
    for (const job of queue) {
      await this.#room();
      if (this.#isEnded || this.looking.signal?.aborted) return;
      const request = this.#taken.has(job) ? undefined : this.looking.request(job);
      if (!request) continue;
      const look = this.looking.cache.findUnit(request);
      look.catch(() => {}); // the worker that takes it reports the error, if there is one
      this.#looks.set(job, look);
      this.#note(job, await look);
    }
  }

  #note(job: J, result: Looked): void {
    if (!result || result.needs !== undefined) {
      if (this.#isDecided) return;
      this.#missing.push(job);
      if (!this.looking.isLittle(this.#missing)) this.#decide();
      return;
    }
    this.#found.add(job);
    if (this.#taken.has(job)) return;
    const size = Object.values(result.outputs ?? {}).reduce((sum, { length }) => sum + length, 0);
    this.#sizes.set(job, size);
    this.#waiting += size;
  }

  /** Waits until results are taken if too many wait. */
  async #room(): Promise<void> {
    while (this.#waiting >= MAX_WAITING && !this.#isEnded) {
      this.#decide();
      await new Promise<void>((resolve) => this.#paused.push(resolve));
    }
  }

  #resume(): void {
    for (const resume of this.#paused.splice(0)) resume();
  }
}
