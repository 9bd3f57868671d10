// `art build --watch`: builds again when a file has changed that the build read, or when one has appeared that it
// looked for. It polls the files instead of asking the system for notifications: that works on every file system and
// however files are replaced, and takes a hundredth of a processor.
import { type BuildOptions, checkOptions } from '../config/options.js';
import { ArtError } from '../errors.js';
import type { HostFiles, Mount, Platform } from '../platform/types.js';
import type { WebAbortSignal } from '../platform/web-types.js';
import { type Answer, HostView, type Question } from '../toolchain/host-view.js';
import { ABOVE } from '../toolchain/paths.js';
import { type BuildResult, buildOn } from './build.js';
import { BuildFailedError } from './failures.js';

/** The result of one build of `watch`. */
export interface Round {
  /** What was built; undefined if the build failed. */
  result?: BuildResult;
  /** Why the build failed; undefined if it succeeded. */
  error?: ArtError;
  /** How long the build took. */
  seconds: number;
}

const INTERVAL_MS = 200;
/** The pause between two polls, as a multiple of the time that one takes. */
const REST = 20;

/**
 * Builds, and builds again after each change, until `options.signal` is aborted.
 * @throws ArtError CANCELLED; any error of the first build except units that do not compile
 */
export async function watchOn(
  platform: Platform,
  options: BuildOptions,
  cwd: string,
  onRound: (round: Round) => void,
): Promise<never> {
  checkOptions(options);
  for (let round = 0; ; round++) {
    const watched = new Watched(platform);
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1000;
    try {
      const result = await buildOn({ ...platform, files: watched.files }, options, cwd, watched);
      onRound({ result, seconds: seconds() });
    } catch (error) {
      if (!(error instanceof ArtError) || options.signal?.aborted) throw error;
      if (round === 0 && !(error instanceof BuildFailedError)) throw error;
      if (error.code !== 'SOURCE_CHANGED') onRound({ error, seconds: seconds() });
    }
    await watched.change(options.signal);
  }
}

/** Everything that one build asked of the host. */
export class Watched {
  readonly files: HostFiles;
  /** Names in directories, and other facts that planning used, each with a test whether it still holds. */
  readonly #planned = new Map<string, () => Promise<boolean>>();
  readonly #paths = new Set<string>();
  #mounts: readonly Mount[] = [];
  #seen: ReadonlyMap<Question, Answer> = new Map();
  #out = '';

  constructor(readonly platform: Platform) {
    const { files } = platform;
    const noted = <T>(path: string, ask: (path: string) => T): T => {
      const before = this.#stamp(path);
      this.#paths.add(path);
      this.#planned.set(`at ${path}`, async () => this.#stamp(path) === before);
      return ask(path);
    };
    this.files = {
      resolve: files.resolve,
      kind: (path) => noted(path, files.kind),
      read: (path) => noted(path, files.read),
      stream: (path) => noted(path, files.stream),
      size: (path) => noted(path, files.size),
      list: async (path) => {
        const names = await files.list(path);
        const isSame = async () =>
          this.#listed(path, await files.list(path).catch(() => [])) === this.#listed(path, names);
        this.#planned.set(`in ${path}`, isSame);
        return names;
      },
    };
  }

  /** Records what a build saw. @param out its output directory, whose changes are ignored */
  saw(out: string, mounts: readonly Mount[], seen: ReadonlyMap<Question, Answer>): void {
    this.#out = out;
    this.#mounts = mounts;
    this.#seen = seen;
    for (const question of seen.keys()) {
      const path = this.#hostPath(question.slice(1));
      if (path !== undefined) this.#paths.add(path);
    }
  }

  /** @throws ArtError CANCELLED */
  async change(signal: WebAbortSignal | undefined): Promise<void> {
    const before = this.#stamps();
    // Something changed during the build.
    if (!(await this.#isAsSeen())) return;
    for (let last = before; ; ) {
      const started = performance.now();
      const now = this.#stamps();
      const isSame = now === before && (await this.#isAsPlanned());
      // Files may still be written, so two polls must see the same state.
      if (!isSame && now === last && now !== before) return;
      if (!isSame && now === before) return;
      last = now;
      await rest(Math.max(INTERVAL_MS, REST * (performance.now() - started)), signal);
    }
  }

  #stamp(path: string): string {
    return this.platform.stamp?.(path) ?? '';
  }

  #stamps(): string {
    return [...this.#paths].map((path) => this.#stamp(path)).join('\n');
  }

  #listed(path: string, names: readonly { name: string; kind: string }[]): string {
    if (path === this.#out || path.startsWith(`${this.#out}/`)) return '';
    const others = names.filter(({ name }) => `${path}/${name}` !== this.#out);
    return others
      .map(({ name, kind }) => `${kind} ${name}`)
      .sort()
      .join('\n');
  }

  async #isAsPlanned(): Promise<boolean> {
    for (const isSame of this.#planned.values()) if (!(await isSame())) return false;
    return true;
  }

  async #isAsSeen(): Promise<boolean> {
    const sha256 = (bytes: Uint8Array) => {
      const hash = this.platform.sha256();
      hash.update(bytes);
      return hash.digest();
    };
    const view = new HostView(this.platform.hostTrees(this.#mounts), sha256);
    for (const [question, answer] of this.#seen) if ((await view.answer(question)) !== answer) return false;
    return this.#isAsPlanned();
  }

  /** The path on the host of a place in the volume. */
  #hostPath(at: string): string | undefined {
    if (at.startsWith(`${ABOVE}/`)) return at.slice(ABOVE.length);
    const mount = this.#mounts.find((mount) => at === mount.at || at.startsWith(`${mount.at}/`));
    return mount && `${mount.host}${at.slice(mount.at.length)}`;
  }
}

/** @throws ArtError CANCELLED */
function rest(ms: number, signal: WebAbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const web = signal as AbortSignal | undefined;
    const end = () => {
      clearTimeout(timer);
      reject(new ArtError('CANCELLED', 'the watch was ended'));
    };
    const timer = setTimeout(() => {
      web?.removeEventListener('abort', end);
      resolve();
    }, ms);
    web?.addEventListener('abort', end, { once: true });
    if (web?.aborted) end();
  });
}
