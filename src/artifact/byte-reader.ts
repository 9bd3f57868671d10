/** Reads pieces of a wanted size from a stream. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Closes the source, which may have a file open. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async atEnd(): Promise<boolean> {
    while (this.#at === this.#chunk.length) {
      const { value, done } = await this.#source.next();
      if (done) return true;
      this.#chunk = value;
      this.#at = 0;
    }
    return false;
  }

  /** Returns the bytes that are available, at most `limit`. */
  async some(limit: number): Promise<Uint8Array> {
    if (await this.atEnd()) throw new Error('it ends too early');
    const taken = this.#chunk.subarray(this.#at, this.#at + limit);
    this.#at += taken.length;
    return taken;
  }

  /** Puts the last bytes from `some` back. */
  putBack(count: number): void {
    this.#at -= count;
  }

  /** The next byte, without consuming it; undefined at the end. */
  async peek(): Promise<number | undefined> {
    return (await this.atEnd()) ? undefined : this.#chunk[this.#at];
  }

  async take(length: number): Promise<Uint8Array> {
    const all = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const piece = await this.some(length - at);
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  async skipZeros(length: number): Promise<void> {
    if ((await this.take(length)).some((byte) => byte !== 0)) throw new Error('its padding is not empty');
  }
}
