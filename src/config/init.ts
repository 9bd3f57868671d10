import { basename } from 'pathe';
import { ArtError } from '../errors.js';
import type { HostFiles } from '../platform/types.js';
import type { Config } from './config-file.js';
import { findInputs, isSource, readable, SOURCE_ENDINGS } from './inputs.js';
import { packageName } from './project.js';

/** Usual names of folders with a project's sources, and of folders with its public headers. */
const SOURCE_FOLDERS = ['src', 'lib', 'source', 'sources'] as const;
const HEADER_FOLDERS = ['include', 'inc'] as const;
const SCHEMA = 'node_modules/art-aot/schema/config.schema.json';

/** A suggested art.config.json for a directory. */
export interface ConfigSuggestion {
  /** The content of the art.config.json. */
  config: Config;
  /** The name that the package will have, from the suggested config or from package.json. */
  package: string;
}

/**
 * Suggests a config. Its sources are `src` or a folder of a similar name if there is one, else the directory itself; an
 * include folder becomes -Iinclude.
 * @param directory absolute path
 * @throws ArtError NO_SOURCES, INVALID_OPTION (package.json), INPUT_UNREADABLE
 */
export async function suggestConfig(directory: string, files: HostFiles): Promise<ConfigSuggestion> {
  const has = async (name: string, kind: string) => (await files.kind(`${directory}/${name}`)) === kind;
  const headers: string[] = [];
  for (const name of HEADER_FOLDERS) if (await has(name, 'directory')) headers.push(`-I${name}`);
  const manifest = `${directory}/package.json`;
  const named = (await has('package.json', 'file')) ? await packageName(manifest, directory, files) : undefined;
  const config: Config = {
    ...((await has(SCHEMA, 'file')) && { $schema: `./${SCHEMA}` }),
    // A copy of what package.json says would become outdated here.
    ...(named === undefined && { package: basename(directory) }),
    sources: await suggestSources(directory, files),
    targets: ['x86_64', 'aarch64'],
    emit: ['bitcode', 'object'],
    flags: ['-O2', ...headers],
    out: 'artifact',
  };
  return { config, package: named ?? basename(directory) };
}

async function suggestSources(directory: string, files: HostFiles): Promise<string[]> {
  const entries = await readable(directory, files.list(directory));
  const names = (kind: string) => entries.filter((entry) => entry.kind === kind).map((entry) => entry.name);
  const here = names('file').some(isSource);
  const folders: string[] = [];
  for (const name of SOURCE_FOLDERS)
    if (names('directory').includes(name) && (await holdsSources(name, directory, files))) folders.push(name);
  if (folders.length > 0) return [...folders, ...(here ? endingsHere(names('file')) : [])];
  if (here) return endingsHere(names('file'));
  const all = { paths: ['.'], from: directory };
  // Throws if there are no sources.
  await findInputs(all, { paths: [], from: directory }, directory, files);
  return ['.'];
}

/** Globs for the sources directly in the directory; '.' would also select tests and examples. */
function endingsHere(names: readonly string[]): string[] {
  return SOURCE_ENDINGS.filter((ending) => names.some((name) => isSource(name) && name.endsWith(ending))).map(
    (ending) => `*${ending}`,
  );
}

async function holdsSources(name: string, directory: string, files: HostFiles): Promise<boolean> {
  try {
    await findInputs({ paths: [name], from: directory }, { paths: [], from: directory }, directory, files);
    return true;
  } catch (error) {
    if (error instanceof ArtError && error.code === 'NO_SOURCES') return false;
    throw error;
  }
}
