// The interfaces through which building add-ons uses the machine, besides those of types.ts. platform/node implements
// them.
import type { CacheChoice, Platform } from './types.js';
import type { WebAbortSignal } from './web-types.js';

/** How a command is run. */
export interface Execution {
  /** The program and its arguments. */
  words: readonly string[];
  directory: string;
  signal?: WebAbortSignal | undefined;
}

/** How a command ended; `problem` is why it could not be started. */
export interface Executed {
  status: number;
  /** Standard output and standard error together. */
  output: string;
  problem?: string;
}

/** A request to GYP to evaluate a build file. */
export interface GypRequest {
  /** The folders of the packages that do it, from `findPackage`. */
  pyodide: string;
  nodeGyp: string;
  /**
   * The Python programs: the first loads GYP and is the same for every package, the second evaluates the build file, and
   * the third is the module to which GYP passes the evaluated targets.
   */
  preparation: string;
  driver: string;
  generator: string;
  /** Arguments of GYP; '{generator}' is replaced by the module's path. */
  args: readonly string[];
  directory: string;
  /** Where Python's memory is stored after the first program; undefined if nowhere. A remote cache is not used. */
  cache: CacheChoice | undefined;
  signal?: WebAbortSignal | undefined;
}

/** The result of GYP. */
export interface GypAnswer {
  status: number;
  /** What GYP and the commands that it ran have printed. */
  output: string;
  /** What GYP passed to the generator, as JSON; undefined if GYP rejected the build file. */
  evaluated: string | undefined;
}

/** The running Node, as far as add-ons depend on it. */
export interface RunningNode {
  /** Its version, such as '20.20.2'. */
  version: string;
  /** `process.platform` and `process.arch`. */
  platform: string;
  arch: string;
  libc: 'glibc' | 'musl' | undefined;
  /** Path of the executable. */
  path: string;
  /** The folder in which it is installed, and the prefix that it was configured with. */
  prefixes: readonly string[];
  /** The folder in which node-gyp stores headers by default. */
  cache: string;
  /** process.config */
  config: { target_defaults?: object; variables?: object };
}

export interface AddonHost extends Platform {
  node: RunningNode;
  /**
   * Finds the folder of an npm package: in the project, beside art, or among the packages of npm itself.
   * @param from the project's directory
   */
  findPackage(name: string, from: string): string | undefined;
  /** Runs GYP. @throws ArtError CANNOT_RUN if the packages do not work */
  evaluateGyp(request: GypRequest): Promise<GypAnswer>;
  execute(execution: Execution): Promise<Executed>;
  /** Creates a directory. @throws ArtError OUTPUT_NOT_WRITABLE, as the methods below */
  makeDirectory(path: string): Promise<void>;
  /** Removes a file, or a folder with its content, if it exists. */
  remove(path: string): Promise<void>;
  /** Copies a file, or a folder with its content. */
  copy(from: string, to: string): Promise<void>;
  /**
   * Makes a folder if it does not exist, and waits until no other command works in it.
   * @param waiting called once if another command works in it
   * @returns a function that releases the folder, and removes it if it is empty
   * @throws ArtError CANCELLED
   */
  claim(folder: string, waiting: () => void, signal: WebAbortSignal | undefined): Promise<() => Promise<void>>;
  /** Removes everything in a folder except the claim. */
  empty(folder: string): Promise<void>;
  /**
   * Fetches a URL.
   * @param most how many bytes it may have
   * @throws Error if that fails, if there are more bytes, or if the server sends nothing for 30 s
   */
  fetch(url: string, most: number, signal: WebAbortSignal | undefined): Promise<Uint8Array>;
}
