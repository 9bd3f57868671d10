import { examineArchive } from '../artifact/archive-reader.js';
import { ArchiveWriter } from '../artifact/archive-writer.js';
import type { ArchiveDigest, ManifestEntry } from '../artifact/manifest.js';
import type { Platform, Staging } from '../platform/types.js';
import type { Target } from '../targets/targets.js';
import { concat } from '../text/bytes.js';
import type { EmitKind } from '../toolchain/requests.js';
import { type Job, type PlannedEntry, unitName } from './plan.js';

const isExecutable = (type: string) => type.startsWith('executable/');

/** Makes the manifest's entry of a planned entry; digest and size are null if nothing is built. */
export function manifestEntry(planned: PlannedEntry, sha256: string | null, size: number | null): ManifestEntry {
  const { path, type, target, from } = planned;
  const variant = from && from.job.unit.variant > 1 ? { variant: from.job.unit.variant } : {};
  return { path, type, sha256, size, target: target.triple, source: from?.job.unit.path ?? null, ...variant };
}

/** How many bytes are kept in memory until it is known whether the cache has the archive. */
const MAX_HELD = 64 << 20;

/** An archive of an earlier build. It is not known yet whether it is the right one. */
interface FoundArchive {
  bytes: Uint8Array;
  digest: ArchiveDigest;
}

/** Finds archives of earlier builds, and stores new ones. */
export interface ArchiveMemory {
  /** @param entries their paths, sha256s and whether they are executable, in archive order, and the time of all */
  find(entries: unknown): Promise<FoundArchive | undefined>;
  keep(entries: unknown, bytes: Uint8Array, digest: ArchiveDigest): Promise<void>;
}

/**
 * Writes outputs, which arrive in any order, to the archive in the planned order: the next entry is written at once,
 * others wait on disk.
 */
export class Payload {
  readonly entries: ManifestEntry[] = [];
  /** The archive is one of an earlier build; all of it was read, and it has the right entries. */
  isExamined = false;
  readonly #writer: ArchiveWriter;
  readonly #spooled = new Set<PlannedEntry>();
  #turn: Promise<void> = Promise.resolve();
  #next = 0;
  /** The outputs so far, as long as all of them may be those of an archive in the cache. */
  #held: Map<PlannedEntry, Uint8Array> | undefined;
  #heldBytes = 0;
  #madeBytes = 0;
  /** The bytes of the archive, while it is small. */
  #made: Uint8Array[] | undefined;

  /** @param memory left out if archives are not cached */
  constructor(
    readonly planned: readonly PlannedEntry[],
    readonly staging: Staging,
    readonly platform: Platform,
    readonly sourceDateEpoch: number,
    readonly memory?: ArchiveMemory,
  ) {
    if (memory) this.#held = new Map();
    if (memory) this.#made = [];
    this.#writer = new ArchiveWriter(
      { append: (bytes) => this.#append(bytes), sha256: () => platform.sha256() },
      sourceDateEpoch,
    );
  }

  /** Something is compiled, so the archive is not in the cache. */
  begin(): void {
    if (!this.#held) return;
    const turn = this.#turn.then(() => this.#release());
    this.#turn = turn.catch(() => {}); // the next write reports it
  }

  /**
   * Adds the outputs of a finished job. When this resolves they have been written to the archive, or stored until their
   * turn.
   */
  async add(job: Job, outputs: Partial<Record<EmitKind, Uint8Array>>): Promise<void> {
    // One after another, since the archive is written sequentially.
    const turn = this.#turn.then(() => this.#add(job, outputs));
    this.#turn = turn.catch(() => {});
    await turn;
  }

  /** Adds an entry that was built elsewhere. */
  async addBuilt(entry: PlannedEntry, bytes: Uint8Array): Promise<void> {
    await this.#place(new Map([[entry, bytes]]));
  }

  /** Adds a linked program. */
  async addLinked(target: Target, bytes: Uint8Array): Promise<void> {
    await this.#take(new Map(this.planned.filter((e) => !e.from && e.target === target).map((e) => [e, bytes])));
  }

  /** The objects of a target, in archive order. They are kept until the program linked from them is added. */
  async objects(target: Target): Promise<{ path: string; bytes: Uint8Array }[]> {
    await this.#turn;
    const wanted = this.planned.filter((e) => e.from?.emit === 'object' && e.target === target);
    return Promise.all(
      wanted.map(async (entry) => ({
        path: `${entry.from && unitName(entry.from.job.unit)}.o`,
        bytes: this.#held?.get(entry) ?? (await this.staging.peek(this.#spoolName(entry))),
      })),
    );
  }

  async finish(): Promise<ArchiveDigest> {
    await this.#turn;
    const known = this.#held && (await this.#recall(this.#held));
    if (known) return known;
    await this.#release();
    const digest = await this.#writer.finish();
    if (this.memory && this.#made) {
      const bytes = concat(this.#made);
      await this.memory.keep(this.#identity(this.entries), bytes, digest);
    }
    return digest;
  }

  /** Uses the archive of the same entries from the cache. */
  async #recall(held: ReadonlyMap<PlannedEntry, Uint8Array>): Promise<ArchiveDigest | undefined> {
    const entries = this.planned.map((entry) => {
      const bytes = held.get(entry) as Uint8Array;
      const hash = this.platform.sha256();
      hash.update(bytes);
      return manifestEntry(entry, hash.digest(), bytes.length);
    });
    const found = await this.memory?.find(this.#identity(entries));
    if (!found || !(await this.#isSound(found, entries))) return undefined;
    this.isExamined = true;
    this.entries.push(...entries);
    await this.staging.append(found.bytes);
    return found.digest;
  }

  /** Checks that an archive has the right entries, since the cache may contain another one in its place. */
  async #isSound({ bytes, digest }: FoundArchive, entries: ManifestEntry[]): Promise<boolean> {
    const manifest = { entries, archive: digest, provenance: { source_date_epoch: this.sourceDateEpoch } };
    const source = (async function* () {
      yield bytes;
    })();
    return (await examineArchive(manifest, source, { sha256: () => this.platform.sha256() })).length === 0;
  }

  #identity(entries: readonly ManifestEntry[]): unknown {
    return {
      archive: entries.map(({ path, type, sha256 }) => [path, isExecutable(type), sha256]),
      time: this.sourceDateEpoch,
    };
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#madeBytes += bytes.length;
    if (this.#madeBytes > MAX_HELD) this.#made = undefined;
    this.#made?.push(bytes);
    await this.staging.append(bytes);
  }

  async #release(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    if (held) await this.#place(held);
  }

  async #add(job: Job, outputs: Partial<Record<EmitKind, Uint8Array>>): Promise<void> {
    const fresh = new Map(
      this.planned.flatMap((entry) =>
        entry.from?.job === job ? [[entry, outputs[entry.from.emit] as Uint8Array] as const] : [],
      ),
    );
    await this.#take(fresh);
  }

  async #take(fresh: Map<PlannedEntry, Uint8Array>): Promise<void> {
    if (!this.#held) return this.#place(fresh);
    for (const [entry, bytes] of fresh) {
      this.#held.set(entry, bytes);
      this.#heldBytes += bytes.length;
    }
    if (this.#heldBytes > MAX_HELD) await this.#release();
  }

  async #place(fresh: Map<PlannedEntry, Uint8Array>): Promise<void> {
    for (let entry = this.planned[this.#next]; entry; entry = this.planned[++this.#next]) {
      const bytes =
        fresh.get(entry) ?? (this.#spooled.has(entry) ? await this.staging.unspool(this.#spoolName(entry)) : undefined);
      if (!bytes) break;
      fresh.delete(entry);
      this.#spooled.delete(entry);
      await this.#write(entry, bytes);
    }
    for (const [entry, bytes] of fresh) {
      await this.staging.spool(this.#spoolName(entry), bytes);
      this.#spooled.add(entry);
    }
  }

  async #write(entry: PlannedEntry, bytes: Uint8Array): Promise<void> {
    const sha256 = await this.#writer.add(entry.path, bytes, isExecutable(entry.type));
    this.entries.push(manifestEntry(entry, sha256, bytes.length));
  }

  #spoolName(entry: PlannedEntry): string {
    return `entry-${this.planned.indexOf(entry)}`;
  }
}
