import { basename, dirname } from 'pathe';
import { ArtError, messageOf } from '../errors.js';
import type { HostFiles } from '../platform/types.js';
import { CONFIG_LIMITS, readBounded, shownBytes } from '../text/limits.js';
import { CONFIG_NAME } from './config-file.js';

/** The directory that source paths are relative to, and the name of its package. */
export interface Project {
  root: string;
  /** name-version from its package.json, else the directory's name. */
  package: string;
}

/** The deepest directory that contains all of the given ones. */
export function commonDirectory(directories: readonly string[]): string {
  const [first = '/', ...rest] = directories.map((d) => d.split('/'));
  const parts = [...first];
  for (const other of rest) {
    const differs = parts.findIndex((part, i) => part !== other[i]);
    if (differs >= 0) parts.length = differs;
  }
  return parts.join('/') || '/';
}

/**
 * Finds the project of some inputs: the nearest directory at or above all of them that has a package.json or an
 * art.config.json, else the deepest directory that contains them all. It depends only on the inputs, so the working
 * directory cannot change an artifact.
 * @param name name of the package, instead of that in package.json
 * @throws ArtError INVALID_OPTION if only the file system's root contains them all; that of packageName
 */
export async function findProject(directories: readonly string[], files: HostFiles, name?: string): Promise<Project> {
  const common = commonDirectory(directories);
  for (let at = common; ; at = dirname(at)) {
    if (dirname(at) === at) break;
    const path = `${at}/package.json`;
    if ((await files.kind(path)) === 'file') return { root: at, package: name ?? (await packageName(path, at, files)) };
    if ((await files.kind(`${at}/${CONFIG_NAME}`)) === 'file') return { root: at, package: name ?? basename(at) };
  }
  if (dirname(common) === common)
    throw new ArtError(
      'INVALID_OPTION',
      `the inputs share no directory but '${common}', and the compiler may not see all of that: build them separately`,
    );
  return { root: common, package: name ?? basename(common) };
}

/**
 * Reads the name from a package.json.
 * @throws ArtError INVALID_OPTION if it is not JSON
 */
export async function packageName(path: string, directory: string, files: HostFiles): Promise<string> {
  let json: unknown;
  try {
    const bytes = await readBounded(files.stream(path), CONFIG_LIMITS);
    if (!bytes) throw new Error(`it is larger than ${shownBytes(CONFIG_LIMITS.bytes)}`);
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new ArtError('INVALID_OPTION', `'${path}' is not readable as JSON (${messageOf(cause)}): correct it`, {
      cause,
    });
  }
  const { name, version } = (json ?? {}) as { name?: unknown; version?: unknown };
  if (typeof name !== 'string' || name === '') return basename(directory);
  return typeof version === 'string' && version !== '' ? `${name}-${version}` : name;
}
