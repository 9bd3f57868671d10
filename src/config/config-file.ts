import type { z } from 'zod';
import { ArtError } from '../errors.js';
import { readNamedFile } from '../platform/named-file.js';
import type { HostFiles } from '../platform/types.js';
import { parseJson } from '../text/json.js';
import { CONFIG_LIMITS } from '../text/limits.js';
import { explainIssues } from '../text/schema-issues.js';
import type { configSchema } from './config-schema.js';

/** The config file that is read without being named. */
export const CONFIG_NAME = 'art.config.json';

/** What art.config.json may say; every key may be left out. */
export type Config = z.infer<typeof configSchema>;

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
