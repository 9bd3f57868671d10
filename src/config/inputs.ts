import { dirname, join, relative } from 'pathe';
import { ArtError, messageOf } from '../errors.js';
import type { HostFiles } from '../platform/types.js';
import { globBase, isGlob, pathMatcher } from './globs.js';

/** Endings of C++20 module units: those of clang, and that of Visual C++. */
export const MODULE_ENDINGS = ['.cppm', '.ccm', '.cxxm', '.c++m', '.ixx'] as const;
/** Endings of C++ sources, as clang knows them. */
export const CXX_ENDINGS = ['.cc', '.cp', '.cpp', '.cxx', '.c++', '.C', ...MODULE_ENDINGS] as const;
/** Endings of all files that clang compiles. */
export const SOURCE_ENDINGS = ['.c', ...CXX_ENDINGS, '.s', '.S', '.ll', '.bc'] as const;

/** Files, directories and globs, and the directory that relative ones are resolved against. */
export interface PathGroup {
  paths: readonly string[];
  from: string;
}

/** A file to compile. */
export interface InputFile {
  /** Absolute path. */
  path: string;
  /** The path as the user wrote it, or the directory as the user wrote it followed by the path below. */
  shown: string;
  /** Size in bytes. */
  size: number;
}

/** What paths name: the files, and the directories that the project must contain. */
export interface FoundInputs {
  files: InputFile[];
  directories: string[];
}

/** Whether a path has the ending of a source. */
export const isSource = (path: string) =>
  SOURCE_ENDINGS.some((ending) => path.endsWith(ending) && path !== ending && !path.endsWith(`/${ending}`));

/** Adds the path to an error of the system, so that the user knows which input it is about. */
export async function readable<T>(shown: string, work: Promise<T>): Promise<T> {
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

/** Makes a test for the paths that are left out of directories, globs and compile commands. */
export function excluder({ paths, from }: PathGroup, files: Pick<HostFiles, 'resolve'>): (path: string) => boolean {
  const matchers = paths.map((pattern) => pathMatcher(pattern, from, files));
  return (path) => matchers.some((matches) => matches(path));
}

/**
 * Shows a path that is relative to `from` relative to the working directory; unchanged if both are the same directory.
 * @param resolved the absolute path
 */
export const shownFrom = (path: string, resolved: string, { from }: { from: string }, cwd: string) =>
  from === cwd || path.startsWith('/') ? path : relative(cwd, resolved) || '.';

/**
 * Finds the files that paths name: a file stands for itself; a directory for all sources below it, except in hidden
 * folders and node_modules; a glob for the sources that it matches. The result is sorted, each file once.
 * @param cwd the user's working directory
 * @throws ArtError INPUT_NOT_FOUND, INPUT_UNREADABLE, NO_SOURCES, INVALID_OPTION (an ending that is not of a source)
 */
export async function findInputs(
  inputs: PathGroup,
  exclude: PathGroup,
  cwd: string,
  files: HostFiles,
): Promise<FoundInputs> {
  const found = new Map<string, InputFile>();
  const directories: string[] = [];
  const walk: Walk = { files, isExcluded: excluder(exclude, files) };
  for (const written of inputs.paths) {
    const path = files.resolve(inputs.from, written);
    const shown = shownFrom(written, path, inputs, cwd);
    const kind = await readable(shown, files.kind(path));
    if (kind === 'file' && isSource(path)) {
      directories.push(dirname(path));
      found.set(path, { path, shown, size: await readable(shown, files.size(path)) });
      continue;
    }
    const many =
      kind === 'directory'
        ? { top: path, sources: await findBelow(path, shown, walk) }
        : await findMatching(written, shown, kind, inputs, cwd, walk);
    if (many.sources.length === 0) throw noSources(kind === 'directory' ? 'in' : 'match', shown, exclude);
    directories.push(many.top);
    for (const file of many.sources) if (!found.has(file.path)) found.set(file.path, file);
  }
  return { files: [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), directories };
}

function noSources(how: 'in' | 'match', shown: string, exclude: PathGroup): ArtError {
  const outside = ['hidden folders', 'node_modules', ...(exclude.paths.length > 0 ? ["'exclude'"] : [])];
  const last = outside.pop();
  return new ArtError(
    'NO_SOURCES',
    `no sources ${how} '${shown}': expected files ending in ${SOURCE_ENDINGS.join(' ')}, outside ${outside.join(', ')} and ${last}`,
  );
}

interface Walk {
  files: HostFiles;
  isExcluded: (path: string) => boolean;
}

/** The path of a name below a directory, which stays as the user wrote it. */
const below = (directory: string, name: string) =>
  directory === '.' ? name : directory.endsWith('/') ? directory + name : `${directory}/${name}`;

/** Refuses names that cannot be passed on unchanged, before anything else can be said about the file. */
function checkFollowed(name: string, shown: string): void {
  if (/[\\\ufffd]/.test(name))
    throw new ArtError(
      'INVALID_OPTION',
      `the name ${JSON.stringify(shown)} contains a backslash or bytes that are not UTF-8: rename it`,
    );
}

async function findBelow(path: string, shown: string, walk: Walk): Promise<InputFile[]> {
  const found: InputFile[] = [];
  for (const { name, kind } of await readable(shown, walk.files.list(path))) {
    if (name.startsWith('.') || name === 'node_modules') continue;
    const child = { path: join(path, name), shown: below(shown, name) };
    if (walk.isExcluded(child.path)) continue;
    if (kind === 'directory' || (kind === 'file' && isSource(name))) checkFollowed(name, child.shown);
    if (kind === 'directory') found.push(...(await findBelow(child.path, child.shown, walk)));
    else if (kind === 'file' && isSource(name))
      found.push({ ...child, size: await readable(child.shown, walk.files.size(child.path)) });
  }
  return found;
}

/** The sources that a glob matches. */
async function findMatching(
  written: string,
  shown: string,
  kind: string | undefined,
  inputs: PathGroup,
  cwd: string,
  walk: Walk,
): Promise<{ top: string; sources: InputFile[] }> {
  if (kind !== undefined)
    throw new ArtError(
      'INVALID_OPTION',
      kind === 'file'
        ? `'${shown}' is no source: expected one of the endings ${SOURCE_ENDINGS.join(' ')}`
        : `'${shown}' is neither a file nor a directory`,
    );
  const missing = new ArtError('INPUT_NOT_FOUND', `no such file or directory: '${shown}' (looked in '${cwd}')`);
  if (!isGlob(written)) throw missing;
  const base = globBase(written) || '.';
  const top = walk.files.resolve(inputs.from, base);
  if ((await readable(shown, walk.files.kind(top))) !== 'directory') throw missing;
  const matches = pathMatcher(written, inputs.from, walk.files);
  const found = await findBelow(top, shownFrom(base, top, inputs, cwd), walk);
  return { top, sources: found.filter((file) => matches(file.path)) };
}
