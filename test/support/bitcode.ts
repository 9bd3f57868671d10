// Writes LLVM bitcode by hand, for modules that no compiler of ours would make.

/** A stream of little-endian bit fields, as LLVM's BitstreamWriter makes it; all records are unabbreviated. */
class Bits {
  readonly #bits: number[] = [];

  fixed(value: number, width: number): void {
    for (let i = 0; i < width; i++) this.#bits.push(Math.floor(value / 2 ** i) % 2);
  }

  /** Variable bit rate: chunks of `width - 1` bits, the top bit saying that more follow. */
  vbr(value: number, width: number): void {
    const step = 2 ** (width - 1);
    for (let rest = value; ; rest = Math.floor(rest / step)) {
      this.fixed((rest % step) + (rest >= step ? step : 0), width);
      if (rest < step) return;
    }
  }

  align(): void {
    while (this.#bits.length % 32) this.#bits.push(0);
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#bits.length / 8);
    for (const [i, bit] of this.#bits.entries()) (bytes[i >> 3] as number) |= bit << (i & 7);
    return bytes;
  }
}

export interface Block {
  id: number;
  records: { code: number; operands: number[] }[];
}

export const IDENTIFICATION = 13;
export const MODULE = 8;
const WIDTH = 3;

/** A bitcode file with these blocks. */
export function bitcode(blocks: Block[]): Uint8Array {
  const parts: Uint8Array[] = [new Uint8Array([0x42, 0x43, 0xc0, 0xde])];
  for (const { id, records } of blocks) {
    const body = new Bits();
    for (const { code, operands } of records) {
      body.fixed(3, WIDTH); // UNABBREV_RECORD
      for (const value of [code, operands.length, ...operands]) body.vbr(value, 6);
    }
    body.fixed(0, WIDTH); // END_BLOCK
    body.align();
    const head = new Bits();
    head.fixed(1, 2); // ENTER_SUBBLOCK
    head.vbr(id, 8);
    head.vbr(WIDTH, 4);
    head.align();
    head.fixed(body.bytes().length / 4, 32);
    parts.push(head.bytes(), body.bytes());
  }
  return Buffer.concat(parts);
}

/** The block that says which LLVM wrote the file, and in which epoch of the format. */
export function identification(producer: string, epoch: number): Block {
  const text = [...new TextEncoder().encode(producer)];
  return {
    id: IDENTIFICATION,
    records: [
      { code: 1, operands: text },
      { code: 2, operands: [epoch] },
    ],
  };
}
