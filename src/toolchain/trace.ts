// Shares a worker's current tool and last output with other threads: a busy program answers no messages.

const PROGRAMS = ['clang', 'ld.lld'] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** What a worker is doing. */
export interface Seen {
  /** The program that runs; undefined if none does. */
  program: ProgramName | undefined;
  /** The end of its standard error so far. */
  stderr: string;
}

/** Receives a worker's current tool and its output. */
export interface Tracer {
  /** @param program the program that starts; undefined when none runs any more */
  begin(program: ProgramName | undefined): void;
  /** @param bytes that it printed to its standard error */
  print(bytes: Uint8Array): void;
}

const HEADER = 8;
const KEPT = 4096;
export const TRACE_BYTES = HEADER + KEPT;

/**
 * The number of the program, the number of bytes that it has printed, and the last of these in a ring buffer. They are
 * in shared memory, unless reader and writer are the same thread.
 */
export class Trace implements Tracer {
  readonly #counts: Int32Array;
  readonly #ring: Uint8Array;

  constructor(readonly memory: ArrayBufferLike = new SharedArrayBuffer(TRACE_BYTES)) {
    this.#counts = new Int32Array(memory, 0, 2);
    this.#ring = new Uint8Array(memory, HEADER);
  }

  begin(program: ProgramName | undefined): void {
    this.#counts[1] = 0;
    this.#counts[0] = program === undefined ? 0 : PROGRAMS.indexOf(program) + 1;
  }

  print(bytes: Uint8Array): void {
    let at = this.#counts[1] as number;
    for (const byte of bytes.subarray(-KEPT)) this.#ring[at++ % KEPT] = byte;
    // Needed are only the position in the ring and whether the ring is full, so the number is kept small.
    this.#counts[1] = at < 2 * KEPT ? at : KEPT + (at % KEPT);
  }

  look(): Seen {
    const [program = 0, printed = 0] = this.#counts;
    const end = printed % KEPT;
    const parts = printed > KEPT ? [this.#ring.slice(end), this.#ring.slice(0, end)] : [this.#ring.slice(0, printed)];
    const all = parts.map((part) => String.fromCharCode(...part)).join('');
    const stderr = new TextDecoder().decode(Uint8Array.from(all, (c) => c.charCodeAt(0)));
    return { program: PROGRAMS[program - 1], stderr };
  }
}

/** The last three lines of what a program printed. */
export const lastLines = (text: string) => text.trimEnd().split('\n').slice(-3).join('\n');
