// Opens folders on the disk, from which artifacts are read.
import { constants } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { basename, dirname, join } from 'pathe';
import { ArtError, messageOf } from '../../errors.js';
import type { Folder, Found, NamedFolder } from '../types.js';
import { folderByURL } from '../web-folder.js';
import { chunksOf } from './chunks.js';
import { fromHere } from './files.js';
import { atOneMoment } from './one-moment.js';
import { publishedIn } from './publishing.js';
import { isTemporary } from './temporary.js';

/**
 * The path that a source names, or that a file: URL names; undefined for other URLs.
 * @throws ArtError INPUT_NOT_FOUND for a file: URL of another host
 */
function pathOf(source: string | URL): string | undefined {
  if (!/^(?:https?|file):/i.test(String(source))) return typeof source === 'string' ? source : undefined;
  if (!/^file:/i.test(String(source))) return undefined;
  try {
    return fileURLToPath(source);
  } catch (cause) {
    throw new ArtError('INPUT_NOT_FOUND', `'${source}' names no file of this machine (${messageOf(cause)})`, { cause });
  }
}

/**
 * Opens the folder that a path or URL names, on the disk or on the web; if it names a file, the folder of the file.
 * @throws ArtError INPUT_NOT_FOUND
 */
export async function openFolder(source: string | URL): Promise<NamedFolder> {
  const path = pathOf(source);
  if (path === undefined) return folderByURL(new URL(source));
  const found = (await stat(path).catch(() => undefined)) ?? (await unplaced(path));
  if (!found) throw new ArtError('INPUT_NOT_FOUND', `no such artifact: '${path}'`);
  // In paths built from this one, '..' is resolved as text.
  const at = path.split('/').includes('..') ? fromHere(path) : path;
  const root = found.isDirectory() ? at : dirname(at);
  const folder: Folder = {
    name: `'${path}'`,
    open: (name, plain) => openFile(root, name, plain),
    list: () => below(root, ''),
    atOneMoment: (paths) => atOneMoment(folder, root, paths),
  };
  return { folder, named: found.isDirectory() ? undefined : basename(path) };
}

/** Finds a file that is being published and has not been moved to its place yet. */
async function unplaced(path: string) {
  const whole = publishedIn(dirname(path));
  return whole === undefined ? undefined : stat(join(whole, basename(path))).catch(() => undefined);
}

async function openFile(root: string, name: string, plain = false): Promise<AsyncIterable<Uint8Array> | undefined> {
  const at = join(root, name);
  try {
    const steps = name.split('/');
    for (let i = 1; plain && i <= steps.length; i++) {
      const step = steps.slice(0, i).join('/');
      if ((await lstat(join(root, step))).isSymbolicLink()) throw new Error(`'${step}' is a link`);
    }
    // Opening a pipe or a device could block.
    if (!(await stat(at)).isFile()) throw new Error('it is not a regular file');
    return readable(at, constants.O_RDONLY | (plain ? constants.O_NOFOLLOW : 0));
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(at, cause);
  }
}

async function* readable(at: string, flags: number): AsyncGenerator<Uint8Array> {
  try {
    yield* chunksOf(at, flags);
  } catch (cause) {
    throw unreadable(at, cause);
  }
}

function unreadable(at: string, cause: unknown): ArtError {
  return new ArtError('INPUT_NOT_FOUND', `cannot read '${at}' (${messageOf(cause)})`, { cause });
}

async function* below(root: string, folder: string): AsyncGenerator<Found> {
  for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
    if (folder === '' && isTemporary(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const kind = entry.isSymbolicLink()
      ? 'link'
      : entry.isDirectory()
        ? 'directory'
        : entry.isFile()
          ? 'file'
          : 'other';
    yield { path, kind };
    if (kind === 'directory') yield* below(root, path);
  }
}
