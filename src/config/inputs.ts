import { join, resolve } from 'pathe';
import { ArtError, messageOf } from '../errors.js';
import type { HostFiles } from '../platform/types.js';

/** Endings of what clang and the back end read, in clang's own spelling. */
export const SOURCE_ENDINGS = ['.c', '.cc', '.cp', '.cpp', '.cxx', '.c++', '.C', '.s', '.S', '.ll', '.bc'] as const;

/** A file to compile. */
export interface InputFile {
  /** Absolute path. */
  path: string;
  /** The path as the user wrote it, or below the directory the user wrote. */
  shown: string;
  /** Size in bytes. */
  size: number;
}

/** The system's own error says a code; the user needs to know which of the inputs it is about. */
async function readable<T>(shown: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new ArtError(
      'INPUT_UNREADABLE',
      `cannot read '${shown}' (${messageOf(cause)}): allow it to be read, or leave it out of the build`,
      { cause },
    );
  }
}

const isSource = (name: string) => SOURCE_ENDINGS.some((ending) => name.endsWith(ending) && name !== ending);

/**
 * The files that some paths name: a file is itself, a directory all sources
 * below it, without hidden folders and node_modules. Sorted, each file once.
 * @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE, NO_SOURCES, INVALID_OPTION (an ending that is none of ours)
 */
export async function findInputs(
  paths: readonly string[],
  cwd: string,
  files: HostFiles,
): Promise<{ files: InputFile[]; directories: string[] }> {
  const found = new Map<string, InputFile>();
  const directories: string[] = [];
  for (const shown of paths) {
    const path = resolve(cwd, shown);
    const kind = await readable(shown, files.kind(path));
    if (kind === undefined)
      throw new ArtError('INPUT_NOT_FOUND', `no such file or directory: '${shown}' (looked in '${cwd}')`);
    if (kind === 'directory') {
      directories.push(path);
      const below = await findBelow(path, shown, files);
      if (below.length === 0)
        throw new ArtError(
          'NO_SOURCES',
          `no sources in '${shown}': expected files ending in ${SOURCE_ENDINGS.join(' ')}, outside hidden folders and node_modules`,
        );
      for (const file of below) if (!found.has(file.path)) found.set(file.path, file);
    } else if (kind === 'file' && isSource(path)) {
      directories.push(path.slice(0, path.lastIndexOf('/')) || '/');
      found.set(path, { path, shown, size: await readable(shown, files.size(path)) });
    } else {
      throw new ArtError(
        'INVALID_OPTION',
        kind === 'file'
          ? `'${shown}' is no source: expected one of the endings ${SOURCE_ENDINGS.join(' ')}`
          : `'${shown}' is neither a file nor a directory`,
      );
    }
  }
  return { files: [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), directories };
}

async function findBelow(path: string, shown: string, files: HostFiles): Promise<InputFile[]> {
  const found: InputFile[] = [];
  for (const { name, kind } of await readable(shown, files.list(path))) {
    if (name.startsWith('.') || name === 'node_modules') continue;
    const child = { path: join(path, name), shown: join(shown, name) };
    if (kind === 'directory') found.push(...(await findBelow(child.path, child.shown, files)));
    else if (kind === 'file' && isSource(name))
      found.push({ ...child, size: await readable(child.shown, files.size(child.path)) });
  }
  return found;
}
