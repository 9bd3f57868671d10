import { joined } from '../text/bytes.js';
import type { Publication, Staging } from './types.js';

/** Published files by name. */
export type Published = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** A staging area in memory. */
export class MemoryStaging implements Staging {
  published: Published | undefined;
  #archive: Uint8Array[] = [];
  readonly #spooled = new Map<string, Uint8Array>();

  async append(bytes: Uint8Array): Promise<void> {
    this.#archive.push(bytes);
  }

  async readBack(): Promise<AsyncIterable<Uint8Array>> {
    const chunks = this.#archive;
    return (async function* () {
      yield* chunks;
    })();
  }

  async spool(name: string, bytes: Uint8Array): Promise<void> {
    this.#spooled.set(name, bytes);
  }

  async unspool(name: string): Promise<Uint8Array> {
    const bytes = await this.peek(name);
    this.#spooled.delete(name);
    return bytes;
  }

  async peek(name: string): Promise<Uint8Array> {
    const bytes = this.#spooled.get(name);
    if (!bytes) throw new Error(`'${name}' was not put aside`);
    return bytes;
  }

  async publish({ archive, files }: Publication): Promise<void> {
    const published = new Map(archive === undefined ? [] : [[archive, joined(this.#archive)]]);
    for (const [name, bytes] of files) published.set(name, new Uint8Array(bytes));
    this.published = published;
  }

  async discard(): Promise<void> {
    this.#archive = [];
    this.#spooled.clear();
  }
}
