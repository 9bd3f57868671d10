import { MAX_DIAGNOSTICS, tooMuchPrinted } from './limits.js';

export const STDIN = 0;
export const STDOUT = 1;
export const STDERR = 2;

/** Collects bytes that arrive in small pieces in one growing buffer. */
class Printed {
  #room = new Uint8Array(256);
  size = 0;

  append(bytes: Uint8Array): void {
    const size = this.size + bytes.length;
    if (size > this.#room.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#room.length));
      larger.set(this.#room.subarray(0, this.size));
      this.#room = larger;
    }
    this.#room.set(bytes, this.size);
    this.size = size;
  }

  take(): Uint8Array {
    return this.#room.slice(0, this.size);
  }
}

/** The standard streams of a program: its input, and what it printed. */
export class StandardStreams {
  readonly #stdin: Uint8Array;
  readonly #onStderr: ((bytes: Uint8Array) => void) | undefined;
  readonly #stdout = new Printed();
  readonly #stderr = new Printed();
  #stdinAt = 0;

  constructor(stdin: Uint8Array, onStderr: ((bytes: Uint8Array) => void) | undefined) {
    this.#stdin = stdin;
    this.#onStderr = onStderr;
  }

  /** Fills `buffers` with the remaining input, and returns the number of bytes. */
  read(buffers: readonly Uint8Array[]): number {
    const start = this.#stdinAt;
    for (const into of buffers) {
      const bytes = this.#stdin.subarray(this.#stdinAt, this.#stdinAt + into.length);
      into.set(bytes);
      this.#stdinAt += bytes.length;
    }
    return this.#stdinAt - start;
  }

  /**
   * Keeps a copy of what was printed, and returns the number of bytes.
   * @throws ProgramStopped if there are more diagnostics than MAX_DIAGNOSTICS
   */
  print(fd: number, buffers: readonly Uint8Array[]): number {
    const printed = fd === STDERR ? this.#stderr : this.#stdout;
    const before = printed.size;
    for (const bytes of buffers) {
      if (fd === STDERR) this.#onStderr?.(bytes);
      if (fd === STDERR && printed.size + bytes.length > MAX_DIAGNOSTICS) {
        printed.append(bytes.subarray(0, MAX_DIAGNOSTICS - printed.size));
        throw tooMuchPrinted();
      }
      printed.append(bytes);
    }
    return printed.size - before;
  }

  /** Number of bytes that were printed to the standard output. */
  get printed(): number {
    return this.#stdout.size;
  }

  output(fd: number): Uint8Array {
    return (fd === STDERR ? this.#stderr : this.#stdout).take();
  }
}
