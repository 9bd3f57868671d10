import { concat } from './bytes.js';

export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;
/** Clang prints megabytes of diagnostics only about input that is no source. */
const MAX_DIAGNOSTICS = 1 << 24;

/** A program's standard streams: what it may read, and what it printed. */
export class StandardStreams {
  readonly #stdin: Uint8Array;
  readonly #onStderr: ((bytes: Uint8Array) => void) | undefined;
  readonly #printed = new Map<number, Uint8Array[]>();
  #stdinAt = 0;
  #diagnosticsLeft = MAX_DIAGNOSTICS;

  constructor(stdin: Uint8Array, onStderr: ((bytes: Uint8Array) => void) | undefined) {
    this.#stdin = stdin;
    this.#onStderr = onStderr;
  }

  /** Fills `buffers` as far as there is input, and returns the bytes read. */
  read(buffers: readonly Uint8Array[]): number {
    const start = this.#stdinAt;
    for (const into of buffers) {
      const bytes = this.#stdin.subarray(this.#stdinAt, this.#stdinAt + into.length);
      into.set(bytes);
      this.#stdinAt += bytes.length;
    }
    return this.#stdinAt - start;
  }

  /** Keeps a copy of what was printed, of diagnostics no more than MAX_DIAGNOSTICS, and returns its bytes. */
  print(fd: number, buffers: readonly Uint8Array[]): number {
    const list = this.#printed.get(fd) ?? [];
    this.#printed.set(fd, list);
    for (const bytes of buffers) {
      let kept = bytes;
      if (fd === STDERR) {
        this.#onStderr?.(bytes);
        kept = bytes.subarray(0, this.#diagnosticsLeft);
        this.#diagnosticsLeft -= kept.length;
      }
      if (kept.length > 0) list.push(kept.slice());
    }
    return buffers.reduce((total, bytes) => total + bytes.length, 0);
  }

  output(fd: number): Uint8Array {
    return concat(this.#printed.get(fd) ?? []);
  }
}
