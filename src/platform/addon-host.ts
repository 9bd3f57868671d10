// What building add-ons asks of the machine, beyond what compiling asks. platform/node implements it.
import type { Platform } from './types.js';
import type { WebAbortSignal } from './web-types.js';

/** What a command is run with. */
export interface Execution {
  /** The program and its arguments. */
  words: readonly string[];
  directory: string;
  signal?: WebAbortSignal | undefined;
}

/** How a command ended; `problem` where it did not start. */
export interface Executed {
  status: number;
  /** Standard output and error, as they came. */
  output: string;
  problem?: string;
}

/** Asks GYP to evaluate a build file. */
export interface GypRequest {
  /** The packages that do it, as `findPackage` gives them. */
  pyodide: string;
  nodeGyp: string;
  /** Text of the Python program that runs, and of the module that GYP hands the evaluated targets to. */
  driver: string;
  generator: string;
  /** GYP's own arguments; '{generator}' stands for the module's path. */
  args: readonly string[];
  directory: string;
  signal?: WebAbortSignal | undefined;
}

/** What GYP said. */
export interface GypAnswer {
  status: number;
  /** What it and the commands that it ran printed. */
  output: string;
  /** What the generator was given, as JSON; undefined where GYP refused the build file. */
  evaluated: string | undefined;
}

/** The Node that runs, as far as add-ons depend on it. */
export interface RunningNode {
  /** Such as '20.20.2'. */
  version: string;
  /** As process.platform and process.arch say. */
  platform: string;
  arch: string;
  libc: 'glibc' | 'musl' | undefined;
  /** The program itself. */
  path: string;
  /** Where it is installed, and where it was meant to be. */
  prefixes: readonly string[];
  /** The folder in which node-gyp keeps headers, unless told another. */
  cache: string;
  /** process.config */
  config: { target_defaults?: object; variables?: object };
}

export interface AddonHost extends Platform {
  node: RunningNode;
  /**
   * The folder of an npm package: beside the project, beside art, or among those of npm itself.
   * @param from the project's directory
   */
  findPackage(name: string, from: string): string | undefined;
  /** @throws ArtError CANNOT_RUN where the packages are not what they are called */
  evaluateGyp(request: GypRequest): Promise<GypAnswer>;
  execute(execution: Execution): Promise<Executed>;
  /** @throws ArtError OUTPUT_NOT_WRITABLE, and so do those below */
  makeDirectory(path: string): Promise<void>;
  /** Removes a file, or a folder with all that it holds; nothing where nothing is there. */
  remove(path: string): Promise<void>;
  /** Copies a file, or a folder with all that it holds. */
  copy(from: string, to: string): Promise<void>;
  /**
   * Makes a folder where it is missing, and waits until no other command works in it.
   * @param waiting is told once, where there is one
   * @returns what gives it back, and removes it where it is empty
   * @throws ArtError CANCELLED
   */
  claim(folder: string, waiting: () => void, signal: WebAbortSignal | undefined): Promise<() => Promise<void>>;
  /** Removes all that a folder holds but the claim. */
  empty(folder: string): Promise<void>;
  /** @throws Error where it cannot be had */
  fetch(url: string): Promise<Uint8Array>;
}
