// The web worker that runs one WASI program, on files in memory.
import { createFsFromVolume, Volume } from 'memfs';
import { Directory, type FileFunctions, type FileSystem } from '../../runner/directory.js';
import { Exit, type Stream } from '../../runner/host.js';
import { limitMemory } from '../../runner/memory-limit.js';
import { type Ending, runModule, TRAPPED } from '../../runner/program.js';
import { givenInput } from '../../runner/streams.js';

/** The request to the worker. */
export interface WasiRequest {
  bytes: Uint8Array<ArrayBuffer>;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  stdin: Uint8Array;
  /** The files by path below the root, which is the only directory of the program. */
  files: ReadonlyMap<string, Uint8Array>;
  /** Limit on its memory, in bytes. */
  maxMemory: number | undefined;
  /** Limit on what it prints, in bytes; a program that prints more is ended. */
  maxOutput: number | undefined;
}

/** Messages of the worker: first what the program prints, then how it ended, with its files at that time. */
export type WasiNews =
  | { printed: Uint8Array; to: 'stdout' | 'stderr' }
  | { ending: Ending; files: Map<string, Uint8Array<ArrayBuffer>> };

const fs = createFsFromVolume(new Volume());
const constants = fs.constants as unknown as FileSystem['flags'];
const system: FileSystem = {
  fs: fs as unknown as FileFunctions,
  // Files in memory never block, and walk.ts follows links itself.
  flags: { ...constants, O_NOFOLLOW: 0, O_NONBLOCK: 0 },
};

/** Lets the program wait. Without Atomics.wait, since many pages may not use shared memory. */
function sleep(milliseconds: number): void {
  if (typeof SharedArrayBuffer !== 'undefined')
    return void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

/** How many messages a page can handle during how many milliseconds without becoming slow. */
const [BURST, MOMENT] = [100, 50];
/** So many bytes are sent at once instead of waiting for more. */
const LARGE = 1 << 16;

/** Sends what a program prints to the page; many small pieces are combined. */
class Printer {
  #parts: Uint8Array[] = [];
  #to: 'stdout' | 'stderr' = 'stdout';
  #held = 0;
  #left: number;
  #told = 0;
  #since = performance.now();
  /** Whether the program has printed more than its limit. */
  isFull = false;

  constructor(maxOutput = Number.POSITIVE_INFINITY) {
    this.#left = maxOutput;
  }

  stream(to: 'stdout' | 'stderr'): Stream {
    return { isTerminal: true, write: (bytes) => this.#print(bytes, to) };
  }

  #print(bytes: Uint8Array, to: 'stdout' | 'stderr'): void {
    if (to !== this.#to) this.flush();
    this.#to = to;
    const shown = bytes.slice(0, this.#left);
    this.#left -= shown.length;
    this.#parts.push(shown);
    this.#held += shown.length;
    const now = performance.now();
    if (now - this.#since > MOMENT) [this.#since, this.#told] = [now, 0];
    if (this.#told < BURST || this.#held >= LARGE) this.flush();
    if (shown.length < bytes.length) {
      this.isFull = true;
      throw new Exit(TRAPPED);
    }
  }

  flush(): void {
    if (this.#held === 0) return;
    const printed = new Uint8Array(this.#held);
    let at = 0;
    for (const part of this.#parts) {
      printed.set(part, at);
      at += part.length;
    }
    [this.#parts, this.#held] = [[], 0];
    this.#told++;
    self.postMessage({ printed, to: this.#to } satisfies WasiNews, { transfer: [printed.buffer] });
  }
}

function* filesBelow(folder: string): Generator<string> {
  for (const name of fs.readdirSync(folder) as string[]) {
    const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
    const stat = fs.lstatSync(path);
    if (stat.isDirectory()) yield* filesBelow(path);
    else if (stat.isFile()) yield path;
  }
}

self.onmessage = ({ data }: MessageEvent<WasiRequest>) => {
  const { args, env, stdin, files, maxMemory, maxOutput } = data;
  const bytes = maxMemory === undefined ? data.bytes : limitMemory(data.bytes, maxMemory);
  for (const [path, content] of files) {
    fs.mkdirSync(`/${path}`.slice(0, `/${path}`.lastIndexOf('/')) || '/', { recursive: true });
    fs.writeFileSync(`/${path}`, content);
  }
  const directories = [{ name: '/', directory: Directory.at(system, '/') }];
  const printer = new Printer(maxOutput);
  const streams = [givenInput(stdin), printer.stream('stdout'), printer.stream('stderr')] as const;
  const ended = runModule(bytes, { args, env, directories, streams, sleep });
  printer.flush();
  const ending = printer.isFull ? { trapped: `it printed more than ${maxOutput} bytes` } : ended;
  const after = new Map(
    [...filesBelow('/')].map((path) => [path.slice(1), new Uint8Array(fs.readFileSync(path) as Uint8Array)]),
  );
  self.postMessage({ ending, files: after } satisfies WasiNews, {
    transfer: [...after.values()].map(({ buffer }) => buffer),
  });
};
