import { ArtError } from '../errors.js';
import { readNamedFile } from '../platform/named-file.js';
import type { HostFiles } from '../platform/types.js';
import { parseJson } from '../text/json.js';
import { CONFIG_LIMITS } from '../text/limits.js';
import { explainIssues } from '../text/schema-issues.js';
import type { EmitKind } from '../toolchain/requests.js';
import type { InstrumentLevel } from './options.js';

/** The config file that is read without being named. */
export const CONFIG_NAME = 'art.config.json';

/** What art.config.json may say; every key may be left out. Paths start at its directory. */
export interface Config {
  /** Where editors find the schema of this file. */
  $schema?: string | undefined;
  /** Name in the manifest. Default: name-version of the project's package.json, else the directory's name. */
  package?: string | undefined;
  /** What to build: files, directories of which every source below is taken, and globs. */
  sources?: string[] | undefined;
  /** Files, directories and globs that are left out of what directories, globs and compile commands give. */
  exclude?: string[] | undefined;
  /** Targets by name or triple. Default: x86_64 and aarch64. */
  targets?: string[] | undefined;
  /** What to write. Default: bitcode and object. */
  emit?: EmitKind[] | undefined;
  /** Name of a program that the objects of each target are linked to. */
  link?: string | undefined;
  /** clang's flags for every unit, such as -O2, -DNDEBUG, -Iinclude. */
  flags?: string[] | undefined;
  /** Further flags for the sources that a glob, a file or a directory names, after those for every unit. */
  fileFlags?: Record<string, string[]> | undefined;
  /** Profiles that steer the optimiser; several are merged. At most one of withProfile, plan, instrument. */
  withProfile?: string[] | undefined;
  /** A plan of art plan, in place of profiles. */
  plan?: string | undefined;
  /** Programs of the objects write a profile when they end: counters of the front end, or of the optimiser. */
  instrument?: InstrumentLevel | undefined;
  /** A folder where results are kept for the next build, true for the user's own, or false for none. */
  cache?: string | boolean | undefined;
  /** Directory for artifact.json and artifact.tar.gz. Default: artifact in the working directory. */
  out?: string | undefined;
}

/**
 * Reads a config file.
 * @param shown the file as messages name it
 * @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE; CONFIG_INVALID, naming line and column of a syntax error
 *   or every key at fault
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
