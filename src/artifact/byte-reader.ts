/** Takes bytes off a stream in pieces of a wanted size. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Ends the source, which may hold a file open. */
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

  /** What is there, at most `limit` bytes. */
  async some(limit: number): Promise<Uint8Array> {
    if (await this.atEnd()) throw new Error('it ends too early');
    const taken = this.#chunk.subarray(this.#at, this.#at + limit);
    this.#at += taken.length;
    return taken;
  }

  /** Takes back the last bytes of what `some` gave. */
  putBack(count: number): void {
    this.#at -= count;
  }

  /** The next byte, which stays where it is; undefined at the end. */
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
