// A worker's current tool and its last output, for a thread that cannot ask it: a program that runs answers no message.

const PROGRAMS = ['clang', 'ld.lld'] as const;
export type ProgramName = (typeof PROGRAMS)[number];

/** What a worker was at when somebody looked. */
export interface Seen {
  /** Undefined where no program runs. */
  program: ProgramName | undefined;
  /** The end of what it has printed to its standard error. */
  stderr: string;
}

/** Is told a worker's current tool and its last output. */
export interface Tracer {
  /** @param program undefined where none runs any more */
  begin(program: ProgramName | undefined): void;
  /** @param bytes of its standard error */
  print(bytes: Uint8Array): void;
}

const HEADER = 8;
const KEPT = 4096;
export const TRACE_BYTES = HEADER + KEPT;

/**
 * The number of the program, how many bytes it has printed, and the last of these in a ring; in shared memory, unless who
 * looks also writes.
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
    // Only its remainder counts, and whether the ring is full.
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

/** The last lines of what a program printed. */
export const lastLines = (text: string) => text.trimEnd().split('\n').slice(-3).join('\n');
