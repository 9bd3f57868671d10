import { ArtError } from '../errors.js';
import { readNamedFile } from '../platform/named-file.js';
import type { HostFiles } from '../platform/types.js';
import { parseJson } from '../text/json.js';
import { CONFIG_LIMITS } from '../text/limits.js';
import { explainIssues } from '../text/schema-issues.js';
import type { EmitKind } from '../toolchain/requests.js';
import type { InstrumentLevel } from './options.js';

/** Name of the config file that is read from the working directory if none is named. */
export const CONFIG_NAME = 'art.config.json';

/** The content of an art.config.json. Every key is optional. Paths are relative to the file's directory. */
export interface Config {
  /** The JSON Schema of this file, for editors. */
  $schema?: string | undefined;
  /**
   * Name of the package in the manifest. Default: name-version of the project's package.json, else the directory's
   * name.
   */
  package?: string | undefined;
  /** What to build: files, directories (every source below one is taken), and globs. */
  sources?: string[] | undefined;
  /** Files, directories and globs to leave out of what `sources` and compile commands select. */
  exclude?: string[] | undefined;
  /** Targets, by architecture or triple. Default: x86_64 and aarch64. */
  targets?: string[] | undefined;
  /** What to write for each translation unit. Default: bitcode and object. */
  emit?: EmitKind[] | undefined;
  /** Links the objects of each target into a program of this name. */
  link?: string | undefined;
  /** clang's flags for every unit, such as -O2, -DNDEBUG, -Iinclude. */
  flags?: string[] | undefined;
  /** Flags for some sources only, added after `flags`. The keys are files, directories or globs. */
  fileFlags?: Record<string, string[]> | undefined;
  /** Profiles for the optimiser; several are merged. At most one of withProfile, plan, instrument. */
  withProfile?: string[] | undefined;
  /** Path of a plan that art plan made, instead of profiles. */
  plan?: string | undefined;
  /**
   * Adds counters to the objects, so that a program linked from them writes a profile when it ends: `frontend` by
   * clang, `ir` by LLVM.
   */
  instrument?: InstrumentLevel | undefined;
  /** The cache: a folder for results of compilations, true for the user's own cache folder, or false for no cache. */
  cache?: string | boolean | undefined;
  /** Directory for artifact.json and artifact.tar.gz. Default: artifact in the working directory. */
  out?: string | undefined;
}

/**
 * Reads a config file.
 * @param shown the file in messages
 * @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE; CONFIG_INVALID, naming line and column of a syntax error or every
 *   key at fault
 */
export async function readConfig(path: string, shown: string, files: HostFiles): Promise<Config> {
  const bytes = await readNamedFile(path, shown, files, CONFIG_LIMITS);
  const json = parseJson(bytes, shown, 'CONFIG_INVALID', CONFIG_LIMITS);
  const { configSchema } = await import('./config-schema.js');
  const parsed = configSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const known = Object.keys(configSchema.shape);
  throw new ArtError('CONFIG_INVALID', `'${shown}' is not valid:\n${explainIssues(parsed.error, json, known)}`);
}
