// Finds the target triple of a bitcode module (LLVM Bitcode File Format).

const MAGIC = 0xdec04342;
const WRAPPER_MAGIC = 0x0b17c0de;
const END_BLOCK = 0;
const ENTER_SUBBLOCK = 1;
const UNABBREV_RECORD = 3;
const MODULE_BLOCK = 8;
const MODULE_CODE_TRIPLE = 2;

/**
 * Finds the target triple of a bitcode module.
 * @param bytes a file, or its beginning
 * @param size of the whole file
 * @returns the triple; null if these bytes end before it and the file goes on; '' if there is none, or if something
 *   comes before it that LLVM does not write; undefined if the bytes are not bitcode
 */
export function bitcodeTriple(bytes: Uint8Array, size = bytes.length): string | null | undefined {
  if (bytes.length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let start = 0;
  if (view.getUint32(0, true) === WRAPPER_MAGIC) {
    if (bytes.length < 20) return undefined;
    start = view.getUint32(8, true);
    if (start + 4 > bytes.length) return undefined;
  }
  if (view.getUint32(start, true) !== MAGIC) return undefined;
  try {
    return findTriple(new BitReader(bytes.subarray(start + 4), size - start - 4));
  } catch (error) {
    if (error instanceof RangeError) return bytes.length < size ? null : '';
    if (error instanceof SyntaxError) return '';
    throw error;
  }
}

function findTriple(bits: BitReader): string {
  let width = 2;
  for (;;) {
    const id = bits.fixed(width);
    if (id === ENTER_SUBBLOCK) {
      const block = bits.vbr(8);
      const inner = bits.vbr(4);
      bits.align();
      const words = bits.fixed(32);
      // Enters the module block and skips all others.
      if (block === MODULE_BLOCK) width = inner;
      else if (!bits.skip(words * 32)) return '';
    } else if (id === UNABBREV_RECORD) {
      const code = bits.vbr(6);
      const count = bits.vbr(6);
      const values = Array.from({ length: Math.min(count, 1 << 16) }, () => bits.vbr(6));
      if (code === MODULE_CODE_TRIPLE) return String.fromCharCode(...values.slice(0, 256));
    } else if (id === END_BLOCK) {
      return '';
    } else {
      return '';
    }
  }
}

/** Reads bits. Throws RangeError at the end, SyntaxError if something is malformed. */
class BitReader {
  #at = 0;

  constructor(
    readonly bytes: Uint8Array,
    readonly size: number,
  ) {}

  fixed(width: number): number {
    let value = 0;
    for (let i = 0; i < width; i++, this.#at++) {
      const byte = this.bytes[this.#at >> 3];
      if (byte === undefined) throw new RangeError('end of bits');
      if ((byte >> (this.#at & 7)) & 1) value += 2 ** i;
    }
    return value;
  }

  /** Reads a variable bit rate number: chunks of `width` bits, whose highest bit says that more follow. */
  vbr(width: number): number {
    const more = 2 ** (width - 1);
    let value = 0;
    for (let scale = 1; ; scale *= more) {
      const chunk = this.fixed(width);
      value += (chunk % more) * scale;
      if (chunk < more) return value;
      if (scale > 2 ** 53) throw new SyntaxError('a number that is too large');
    }
  }

  align(): void {
    this.#at = Math.ceil(this.#at / 32) * 32;
  }

  /** Skips bits. @returns false if that would be beyond the end of the file */
  skip(bits: number): boolean {
    this.#at += bits;
    return this.#at <= this.size * 8;
  }
}
