// Reads the tokens of a JSON text (RFC 8259) from a stream, for a caller that knows which token must come next.
import { ByteReader } from '../byte-reader.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BLANK: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d]);
/** Base64 (RFC 4648, section 4) is decoded in pieces of this many characters, a multiple of four. */
const PIECE = 1 << 16;
/** How much white space is allowed between two tokens. */
const MAX_BLANK = 1 << 16;

const latin1 = new TextDecoder('latin1');
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A scanner. Every method throws an Error that says what was expected if something else comes. */
export class JsonScanner {
  readonly #bytes: ByteReader;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#bytes = new ByteReader(source);
  }

  close(): Promise<void> {
    return this.#bytes.close();
  }

  /** The first character of the next token; undefined at the end. */
  async next(): Promise<string | undefined> {
    for (let skipped = 0; !(await this.#bytes.atEnd()); ) {
      const piece = await this.#bytes.some(PIECE);
      let end = 0;
      while (end < piece.length && BLANK.has(piece[end])) end++;
      this.#bytes.putBack(piece.length - end);
      if (end < piece.length) return String.fromCharCode(piece[end] as number);
      skipped += end;
      if (skipped > MAX_BLANK)
        throw new Error(`there is more white space than the ${MAX_BLANK} bytes allowed in a row`);
    }
    return undefined;
  }

  /** Consumes punctuation, or a literal such as null. */
  async expect(...tokens: string[]): Promise<void> {
    for (const token of tokens) {
      await this.next();
      for (const character of token) {
        const byte = await this.#bytes.peek();
        if (byte !== character.charCodeAt(0)) throw new Error(`expected ${token}`);
        await this.#bytes.take(1);
      }
    }
  }

  /** Consumes a key and its colon. */
  async key(name: string): Promise<void> {
    if ((await this.next()) !== '"' || (await this.text(100)) !== name) throw new Error(`expected the key "${name}"`);
    await this.expect(':');
  }

  /** Reads a string of at most `limit` bytes in its JSON form. */
  async text(limit: number): Promise<string> {
    await this.expect('"');
    const pieces: Uint8Array[] = [];
    let size = 0;
    for (let escaped = false; ; ) {
      const piece = await this.#bytes.some(PIECE);
      let end = 0;
      while (end < piece.length && (escaped || piece[end] !== QUOTE)) {
        escaped = !escaped && piece[end] === BACKSLASH;
        end++;
      }
      pieces.push(piece.slice(0, end));
      size += end;
      if (size > limit) throw new Error(`a string has more than the ${limit} bytes allowed`);
      if (end === piece.length) continue;
      this.#bytes.putBack(piece.length - end - 1);
      break;
    }
    const all = new Uint8Array(size);
    let at = 0;
    for (const piece of pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return JSON.parse(`"${utf8.decode(all)}"`);
  }

  /** Decodes a string of base64 with padding and without escapes; each content has exactly one form. */
  async *base64(): AsyncGenerator<Uint8Array> {
    await this.expect('"');
    let kept = '';
    for (let ended = false; !ended; ) {
      const piece = await this.#bytes.some(PIECE);
      const quote = piece.indexOf(QUOTE);
      ended = quote >= 0;
      if (ended) this.#bytes.putBack(piece.length - quote - 1);
      kept += latin1.decode(ended ? piece.subarray(0, quote) : piece);
      const whole = ended ? kept.length : Math.max(0, kept.length - (kept.length % 4) - 4);
      if (whole > 0) yield decode(kept.slice(0, whole));
      kept = kept.slice(whole);
    }
  }
}

function decode(text: string): Uint8Array {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text))
    throw new Error('a blob is not base64');
  const binary = atob(text);
  // Unused bits must be zero; otherwise one content would have several forms.
  if (text.endsWith('=') && btoa(binary.slice(-(binary.length % 3))) !== text.slice(-4))
    throw new Error('a blob is not base64 in its one spelling');
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Encodes bytes that come in pieces as base64. */
export class Base64Writer {
  #left = '';

  /** Returns what is complete; the rest waits for more bytes. */
  push(chunk: Uint8Array): string {
    let out = '';
    for (let at = 0; at < chunk.length; at += PIECE) {
      const binary = this.#left + latin1Text(chunk.subarray(at, at + PIECE));
      const whole = binary.length - (binary.length % 3);
      out += btoa(binary.slice(0, whole));
      this.#left = binary.slice(whole);
    }
    return out;
  }

  end(): string {
    const rest = btoa(this.#left);
    this.#left = '';
    return rest;
  }
}

/** Decodes latin1. Not with TextDecoder, whose latin1 is windows-1252. */
function latin1Text(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 1 << 13) text += String.fromCharCode(...bytes.subarray(at, at + (1 << 13)));
  return text;
}
