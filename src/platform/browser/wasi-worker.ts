// The worker that runs one WASI program of a page, on files in memory.
import { createFsFromVolume, Volume } from 'memfs';
import { Directory, type FileFunctions, type FileSystem } from '../../runner/directory.js';
import type { Stream } from '../../runner/host.js';
import { type Ending, runModule } from '../../runner/program.js';
import { givenInput } from '../../runner/streams.js';

/** What it is told. */
export interface WasiRequest {
  bytes: Uint8Array<ArrayBuffer>;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  stdin: Uint8Array;
  /** By their paths below the root, which is the one directory that the program has. */
  files: ReadonlyMap<string, Uint8Array>;
}

/** What it tells: first what the program prints, then how it ended, and which files there are then. */
export type WasiNews =
  | { printed: Uint8Array; to: 'stdout' | 'stderr' }
  | { ending: Ending; files: Map<string, Uint8Array<ArrayBuffer>> };

const fs = createFsFromVolume(new Volume());
const constants = fs.constants as unknown as FileSystem['flags'];
const system: FileSystem = {
  fs: fs as unknown as FileFunctions,
  // A file in memory keeps nobody waiting, and is found without links by walk.ts.
  flags: { ...constants, O_NOFOLLOW: 0, O_NONBLOCK: 0 },
};

/** What the program waits with; pages may have no memory that threads share. */
function sleep(milliseconds: number): void {
  if (typeof SharedArrayBuffer !== 'undefined')
    return void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

const told = (to: 'stdout' | 'stderr'): Stream => ({
  isTerminal: true,
  write: (bytes) => self.postMessage({ printed: bytes.slice(), to } satisfies WasiNews),
});

function* filesBelow(folder: string): Generator<string> {
  for (const name of fs.readdirSync(folder) as string[]) {
    const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
    const stat = fs.lstatSync(path);
    if (stat.isDirectory()) yield* filesBelow(path);
    else if (stat.isFile()) yield path;
  }
}

self.onmessage = ({ data: { bytes, args, env, stdin, files } }: MessageEvent<WasiRequest>) => {
  for (const [path, content] of files) {
    fs.mkdirSync(`/${path}`.slice(0, `/${path}`.lastIndexOf('/')) || '/', { recursive: true });
    fs.writeFileSync(`/${path}`, content);
  }
  const directories = [{ name: '/', directory: Directory.at(system, '/') }];
  const streams = [givenInput(stdin), told('stdout'), told('stderr')] as const;
  const ending = runModule(bytes, { args, env, directories, streams, sleep });
  const after = new Map([...filesBelow('/')].map((path) => [path.slice(1), new Uint8Array(fs.readFileSync(path) as Uint8Array)]));
  self.postMessage({ ending, files: after } satisfies WasiNews, { transfer: [...after.values()].map(({ buffer }) => buffer) });
};
