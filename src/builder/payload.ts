import { ArchiveWriter } from '../artifact/archive-writer.js';
import type { ArchiveDigest, ManifestEntry } from '../artifact/manifest.js';
import type { Platform, Staging } from '../platform/types.js';
import type { Target } from '../targets/targets.js';
import type { EmitKind } from '../toolchain/requests.js';
import { type Job, type PlannedEntry, unitName } from './plan.js';

/** A planned entry as the manifest lists it; digest and size are null where nothing is built. */
export function manifestEntry(planned: PlannedEntry, sha256: string | null, size: number | null): ManifestEntry {
  const { path, type, target, from } = planned;
  const variant = from && from.job.unit.variant > 1 ? { variant: from.job.unit.variant } : {};
  return { path, type, sha256, size, target: target.triple, source: from?.job.unit.path ?? null, ...variant };
}

/**
 * Brings outputs, which come in any order, into the archive in the planned one:
 * what is next in order goes straight in, the rest waits on disk.
 */
export class Payload {
  readonly entries: ManifestEntry[] = [];
  readonly #writer: ArchiveWriter;
  readonly #spooled = new Set<PlannedEntry>();
  #turn: Promise<void> = Promise.resolve();
  #next = 0;

  constructor(
    readonly planned: readonly PlannedEntry[],
    readonly staging: Staging,
    platform: Platform,
    sourceDateEpoch: number,
  ) {
    this.#writer = new ArchiveWriter(
      { append: (bytes) => staging.append(bytes), sha256: () => platform.sha256() },
      sourceDateEpoch,
    );
  }

  /** Takes a finished job's outputs; they are written, or put aside, when this resolves. */
  async add(job: Job, outputs: Partial<Record<EmitKind, Uint8Array>>): Promise<void> {
    // One at a time: the archive has one end.
    const turn = this.#turn.then(() => this.#add(job, outputs));
    this.#turn = turn.catch(() => {});
    await turn;
  }

  /** Takes an entry that was built elsewhere. */
  async addBuilt(entry: PlannedEntry, bytes: Uint8Array): Promise<void> {
    await this.#place(new Map([[entry, bytes]]));
  }

  /** Takes a linked program. */
  async addLinked(target: Target, bytes: Uint8Array): Promise<void> {
    await this.#place(new Map(this.planned.filter((e) => !e.from && e.target === target).map((e) => [e, bytes])));
  }

  /** The objects of a target, in archive order. They wait until what is linked from them is there. */
  async objects(target: Target): Promise<{ path: string; bytes: Uint8Array }[]> {
    await this.#turn;
    const wanted = this.planned.filter((e) => e.from?.emit === 'object' && e.target === target);
    return Promise.all(
      wanted.map(async (entry) => ({
        path: `${entry.from && unitName(entry.from.job.unit)}.o`,
        bytes: await this.staging.peek(this.#spoolName(entry)),
      })),
    );
  }

  async finish(): Promise<ArchiveDigest> {
    await this.#turn;
    return this.#writer.finish();
  }

  async #add(job: Job, outputs: Partial<Record<EmitKind, Uint8Array>>): Promise<void> {
    await this.#place(
      new Map(
        this.planned.flatMap((entry) =>
          entry.from?.job === job ? [[entry, outputs[entry.from.emit] as Uint8Array] as const] : [],
        ),
      ),
    );
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
    const sha256 = await this.#writer.add(entry.path, bytes, entry.type.startsWith('executable/'));
    this.entries.push(manifestEntry(entry, sha256, bytes.length));
  }

  #spoolName(entry: PlannedEntry): string {
    return `entry-${this.planned.indexOf(entry)}`;
  }
}
