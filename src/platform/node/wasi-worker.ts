// The thread that runs one WASI program, so that a program that never ends does not block the others.
import * as fs from 'node:fs';
import { isatty } from 'node:tty';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../errors.js';
import { Directory, type FileFunctions, type FileSystem } from '../../runner/directory.js';
import type { Stream } from '../../runner/host.js';
import { type Ending, runModule } from '../../runner/program.js';
import { givenInput } from '../../runner/streams.js';
import { procPath } from './checked.js';

/** The request to the thread. */
export interface WasiRequest {
  bytes: Uint8Array<ArrayBuffer>;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** The directories: their names for the program, and their paths. */
  directories: readonly { name: string; path: string }[];
  /** Its standard input; null if it uses standard input, output and error of this process. */
  stdin: Uint8Array | null;
}

/** Messages of the thread: first what the program prints, then how it ended. */
export type WasiNews = { printed: Uint8Array; to: 'stdout' | 'stderr' } | { ending: Ending };

const PAUSE_MS = 5;
const clock = new Int32Array(new SharedArrayBuffer(4));
const sleep = (milliseconds: number) => void Atomics.wait(clock, 0, 0, milliseconds);

const { constants } = fs;
const system: FileSystem = {
  fs: fs as unknown as FileFunctions,
  flags: {
    ...constants,
    O_NOFOLLOW: constants.O_NOFOLLOW ?? 0,
    O_DIRECTORY: constants.O_DIRECTORY ?? 0,
    O_NONBLOCK: constants.O_NONBLOCK ?? 0,
  },
  ...(procPath && { pathOf: procPath }),
  isWindows: process.platform === 'win32',
};

/** Repeats a call while a non-blocking pipe or terminal has no data, or no space. */
function patiently(call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EOF') return 0; // Windows
      if (code !== 'EAGAIN') throw error;
      sleep(PAUSE_MS);
    }
  }
}

/** A standard stream of this process. */
const inherited = (fd: number): Stream => ({
  isTerminal: isatty(fd),
  read: (into) => patiently(() => fs.readSync(fd, into, 0, into.length, null)),
  write(bytes) {
    for (let done = 0; done < bytes.length; )
      done += patiently(() => fs.writeSync(fd, bytes, done, bytes.length - done));
  },
});

const tell = (news: WasiNews) => parentPort?.postMessage(news);
const told = (to: 'stdout' | 'stderr'): Stream => ({
  isTerminal: true,
  write: (bytes) => tell({ printed: bytes.slice(), to }),
});

function run({ bytes, args, env, directories, stdin }: WasiRequest): Ending {
  const opened: { name: string; directory: Directory }[] = [];
  for (const { name, path } of directories) {
    try {
      opened.push({ name, directory: Directory.at(system, path) });
    } catch (error) {
      return { problem: `cannot be given the directory '${name}' (${messageOf(error)})` };
    }
  }
  const streams = stdin
    ? ([givenInput(stdin), told('stdout'), told('stderr')] as const)
    : ([inherited(0), inherited(1), inherited(2)] as const);
  return runModule(bytes, { args, env, directories: opened, streams, sleep });
}

tell({ ending: run(workerData as WasiRequest) });
