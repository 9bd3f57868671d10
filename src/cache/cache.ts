// Caches results of compilations. A result is found in two steps. The key of the request leads to the questions that
// earlier runs of it asked the host. The host is asked these again, and the key of the answers leads to the result. A
// compilation sees the host only through one interface, so the request and these answers determine every byte: if a
// header would now be found earlier, a link leads elsewhere, or a missing file has appeared, an answer differs.
import { PINNED } from '../assets/pinned.js';
import { RemoteStore } from '../platform/remote-cache.js';
import type { CachePlace, CacheStore, Mount, Platform, RemoteChoice } from '../platform/types.js';
import { showPaths } from '../toolchain/diagnostics.js';
import type { Observed } from '../toolchain/host-view.js';
import { type Answer, HostView, NOTHING, type Question } from '../toolchain/host-view.js';
import { OWN } from '../toolchain/paths.js';
import type { CommandRequest, CommandResult, CompileRequest, CompileResult } from '../toolchain/requests.js';
import { VERSION } from '../version.js';
import { commandEntry, commandIdentity, entryCommand, isCacheable } from './commands.js';
import { signedStore } from './signed.js';
import { entryUnit, unitEntry, unitIdentity } from './units.js';

/** Version of the format of entries. */
const FORMAT = 1;
/** How many lists of questions are kept for one request, such as for two branches of a project; newest first. */
const MAX_WAYS = 16;

/** How often the cache was used. */
export interface CacheUse {
  hits: number;
  misses: number;
}

export type Sha256 = (bytes: Uint8Array) => string;

/** Has a worker compile a unit. */
export type Ask = (request: CompileRequest) => Promise<CompileResult>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The cache during one build, or one command. */
export class ResultCache {
  readonly use: CacheUse = { hits: 0, misses: 0 };
  readonly store: CacheStore;
  /** Everything that the results so far depend on: questions to the host, with the answers. */
  readonly seen = new Map<Question, Answer>();
  readonly #salt: string;
  #pending = new Set<Promise<void>>();

  /**
   * @param stores the nearest first
   * @param view of the host as it is during this build
   * @param trusted resolves when the programs that make results are known to be the pinned ones
   */
  constructor(
    readonly stores: readonly CacheStore[],
    readonly view: HostView,
    readonly trusted: () => Promise<void>,
    installation: string,
  ) {
    this.store = layered(stores);
    this.#salt = JSON.stringify([FORMAT, VERSION, installation, PINNED, view.layout()]);
  }

  /** Returns a unit's result: the one in the cache, or else a new one, which is stored. */
  async unit(request: CompileRequest, ask: Ask): Promise<CompileResult> {
    return (await this.findUnit(request)) ?? (await this.makeUnit(request, ask));
  }

  /**
   * Finds a unit's result; undefined if it is not in the cache. It contains nothing that a run of the compiler would
   * not have given.
   */
  async findUnit(request: CompileRequest): Promise<CompileResult | undefined> {
    const found = await this.#find(unitIdentity(request, this.view.sha256));
    const result = found && (await entryUnit(found.entry, found.answers, request, this.store));
    this.#count(result !== undefined);
    return result && { ...result, diagnostics: showPaths(result.diagnostics, request.shown) };
  }

  /** Returns what `ask` returns for a unit, and stores it. */
  async makeUnit(request: CompileRequest, ask: Ask): Promise<CompileResult> {
    const result = await ask({ ...request, observe: true });
    this.#keepUnit(request, result);
    return result;
  }

  /** Stores the result of a worker, unless it failed. It is written in the background; `close` waits for that. */
  #keepUnit(request: CompileRequest, result: CompileResult): void {
    const { observed } = result;
    this.#note(observed?.answers ?? []);
    if (!observed || (result.failure && result.needs === undefined)) return;
    this.#keep(unitIdentity(request, this.view.sha256), observed, () => unitEntry(result, observed, this.#content));
  }

  async findCommand(request: CommandRequest): Promise<CommandResult | undefined> {
    if (!isCacheable(request)) return undefined;
    const found = await this.#find(commandIdentity(request, this.view.sha256));
    const result = found && (await entryCommand(found.entry, found.answers, request, this.store));
    this.#count(result !== undefined);
    return result;
  }

  keepCommand(request: CommandRequest, result: CommandResult): void {
    const { observed, status } = result;
    this.#note(observed?.answers ?? []);
    if (!observed || status !== 0 || !isCacheable(request)) return;
    this.#keep(commandIdentity(request, this.view.sha256), observed, () =>
      commandEntry(result, observed, request, this.#content),
    );
  }

  /** Finds something that depends only on other digests. */
  async findMade(identity: unknown): Promise<unknown> {
    return parsed(await this.nearest.result(this.#key(identity)));
  }

  async keepMade(identity: unknown, value: unknown): Promise<void> {
    await this.#trustedStore(() => this.nearest.putResult(this.#key(identity), encoder.encode(JSON.stringify(value))));
  }

  /** The store of this machine, or else the only one. */
  get nearest(): CacheStore {
    return this.stores[0] ?? this.store;
  }

  /** Waits until everything is written. */
  async close(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    await this.store.close(this.use);
  }

  #note(answers: Iterable<readonly [Question, Answer]>): void {
    for (const [question, answer] of answers) this.seen.set(question, answer);
  }

  #count(isHit: boolean): void {
    if (isHit) this.use.hits++;
    else this.use.misses++;
  }

  #key(identity: unknown): string {
    return this.view.sha256(encoder.encode(JSON.stringify([this.#salt, identity])));
  }

  readonly #content = async (bytes: Uint8Array): Promise<string> => {
    const sha256 = this.view.sha256(bytes);
    await this.store.putContent(sha256, bytes);
    return sha256;
  };

  async #find(identity: unknown): Promise<{ entry: unknown; answers: ReadonlyMap<Question, Answer> } | undefined> {
    const key = this.#key(identity);
    for (const store of this.stores)
      for (const questions of waysIn(parsed(await store.result(key)))) {
        const answers = await this.#ask(questions);
        const bytes = answers && (await store.result(this.#answered(key, answers)));
        const entry = parsed(bytes);
        if (!answers || !bytes || entry === undefined) continue;
        this.#note(answers);
        const [nearest] = this.stores;
        if (nearest && nearest !== store) this.#write(() => this.#putEntry(nearest, key, answers, bytes));
        return { entry, answers };
      }
    return undefined;
  }

  /** Asks the host; undefined if it cannot answer. */
  async #ask(questions: readonly Question[]): Promise<Map<Question, Answer> | undefined> {
    const answers = new Map<Question, Answer>();
    for (const question of questions) {
      const answer = await this.view.answer(question);
      if (answer === undefined) return undefined;
      answers.set(question, answer);
    }
    return answers;
  }

  #answered(key: string, answers: ReadonlyMap<Question, Answer>): string {
    return this.view.sha256(encoder.encode(JSON.stringify([key, [...answers]])));
  }

  #keep(identity: unknown, { answers }: Observed, makeEntry: () => Promise<unknown>): void {
    this.#write(async () => {
      const sorted = new Map([...answers].sort(([a], [b]) => (a < b ? -1 : 1)));
      // Contents are written first, so that a result that is found always has them.
      const bytes = encoder.encode(JSON.stringify(await makeEntry()));
      const key = this.#key(identity);
      await Promise.all(this.stores.map((store) => this.#putEntry(store, key, sorted, bytes)));
    });
  }

  async #putEntry(store: CacheStore, key: string, answers: ReadonlyMap<Question, Answer>, bytes: Uint8Array) {
    await store.putResult(this.#answered(key, answers), bytes);
    const way = [...answers.keys()];
    const ways = waysIn(parsed(await store.result(key)));
    const text = JSON.stringify(way);
    if (JSON.stringify(ways[0]) === text) return;
    const all = [way, ...ways.filter((other) => JSON.stringify(other) !== text)].slice(0, MAX_WAYS);
    await store.putResult(key, encoder.encode(JSON.stringify(all)));
  }

  #write(write: () => Promise<void>): void {
    const pending = this.#trustedStore(write);
    this.#pending.add(pending);
    void pending.then(() => this.#pending.delete(pending));
  }

  /** Stores something only if the pinned programs made it; otherwise the build itself reports the error. */
  async #trustedStore(write: () => Promise<void>): Promise<void> {
    await this.trusted().then(write, () => {});
  }
}

/** Combines several stores: what is found in a farther one is copied to the nearer ones. */
function layered(stores: readonly CacheStore[]): CacheStore {
  const all = async (use: (store: CacheStore) => Promise<void>) => void (await Promise.all(stores.map(use)));
  return {
    async result(key) {
      for (const store of stores) {
        const bytes = await store.result(key);
        if (bytes) return bytes;
      }
      return undefined;
    },
    async content(sha256) {
      for (const [i, store] of stores.entries()) {
        const bytes = await store.content(sha256);
        if (!bytes) continue;
        for (const nearer of stores.slice(0, i)) await nearer.putContent(sha256, bytes);
        return bytes;
      }
      return undefined;
    },
    putResult: (key, bytes) => all((store) => store.putResult(key, bytes)),
    putContent: (sha256, bytes) => all((store) => store.putContent(sha256, bytes)),
    close: (use) => all((store) => store.close(use)),
  };
}

/** Parses an entry of a store, which may be anything. */
function parsed(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}

function waysIn(value: unknown): Question[][] {
  if (!Array.isArray(value)) return [];
  const isWay = (way: unknown): way is Question[] => Array.isArray(way) && way.every((one) => typeof one === 'string');
  return value.slice(0, MAX_WAYS).filter(isWay);
}

function openRemote(remote: RemoteChoice, { sha256 }: Pick<Platform, 'sha256'>, { warn, signal }: CachePlace) {
  const store = new RemoteStore(remote, sha256, warn, signal);
  return remote.keys ? signedStore(store, remote.keys.signer, remote.keys.trusted, warn) : store;
}

/**
 * Opens the cache for a build, or for a command.
 * @param mounts the directories of the host that the compiler sees
 * @param trusted see ResultCache
 * @returns undefined if no cache can be used
 */
export async function openResultCache(
  platform: Pick<Platform, 'hostTrees' | 'openCache' | 'installation' | 'sha256'>,
  mounts: readonly Mount[],
  place: CachePlace,
  trusted: () => Promise<void>,
): Promise<ResultCache | undefined> {
  const { remote } = place;
  const own = platform.openCache?.(place);
  const stores = [...(own ? [own] : []), ...(remote ? [openRemote(remote, platform, place)] : [])];
  if (stores.length === 0 && !place.isWatched) return undefined;
  const sha256 = (bytes: Uint8Array) => {
    const hash = platform.sha256();
    hash.update(bytes);
    return hash.digest();
  };
  const view = new HostView(platform.hostTrees(mounts), sha256);
  // A file of the host at the path of art's own folder would be visible to the compiler there.
  if (mounts.some(({ at }) => at === '/') && (await view.answer(`?${OWN}`)) !== NOTHING) return undefined;
  return new ResultCache(stores, view, trusted, platform.installation?.() ?? '');
}
