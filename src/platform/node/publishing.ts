// How the files of an artifact replace older ones in one step.
//
// A publication is the folder .art-publishing/<owner>/ in the output directory, with two folders:
//   whole/  the files, complete, checked and flushed to the disk. While they exist, they are the artifact: art's readers
//           take it from here, whatever is outside.
//   place/  hard links to the same files; each is moved from here to its place in the directory.
// The publication appears by one rename, which fails while another one exists: at that moment the artifact is replaced. It
// disappears by one rename, when every file is at its place. A process that finds the publication of a process that has
// ended finishes it. Two processes may do so at the same time, and one may be suspended meanwhile: every move begins or
// ends below <owner>, a name that is never used again, so that nothing is moved any more for a publication that is gone.
//
// Without whole/ it is only a lock, for replacing one file beside an artifact, such as its signature.
import { constants, readdirSync } from 'node:fs';
import { copyFile, link, lstat, mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'pathe';
import { ArtError, messageOf } from '../../errors.js';
import { PUBLISHING_NAME, PUBLISHED_NAME as WHOLE } from '../names.js';
import { fromHere } from './files.js';
import { isOwnerAlive, ownName } from './owner.js';
import { asTemporary, removeTemporary, sweep, temporaryIn } from './temporary.js';

const PLACE = 'place';

const POLL_MS = 20;
/** How long to wait for others to finish; each publication takes milliseconds. */
const WAIT_MS = 60_000;
/** After this time, others finish the publication of a process that may still exist, or take its lock. */
const PATIENCE_MS = { publication: 2_000, lock: 10_000 };

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException)?.code ?? '';

/** Undefined if the file does not exist (any more). */
async function ifThere<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Flushes a file to the disk. */
async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  await handle.sync().finally(() => handle.close());
}

/** Writes a new file and flushes it to the disk. */
export async function writeLasting(path: string, bytes: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx');
  await file.writeFile(bytes);
  await file.sync().finally(() => file.close());
}

/** Flushes the names in a directory to the disk, if the system can do that. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {}
}

/** Replaces a file. On Windows that fails while somebody has it open. */
async function moveOver(from: string, to: string): Promise<void> {
  for (let tries = process.platform === 'win32' ? 100 : 1; ; ) {
    try {
      await rename(from, to);
      return;
    } catch (error) {
      if (--tries <= 0 || !['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error))) throw error;
      await sleep(POLL_MS);
    }
  }
}

/** Gives a file a second name; makes a copy if the file system has no hard links. */
async function sameFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await syncFile(to);
  }
}

/** @throws Error if a folder is at the place of a file; it is not moved, since art did not make it */
async function checkPlaces(directory: string, names: readonly string[]): Promise<void> {
  for (const name of names)
    if ((await ifThere(lstat(join(directory, name))))?.isDirectory())
      throw Object.assign(new Error(`'${join(directory, name)}' is a directory, where a file goes`), {
        code: 'EISDIR',
      });
}

/**
 * Replaces files of a directory in one step.
 * @param scratch the caller's own folder in that directory
 * @param files by name, the paths in `scratch` of the new files, complete and flushed to the disk; each is moved
 * @param removed names that must not exist afterwards
 */
export async function publish(
  directory: string,
  scratch: string,
  files: ReadonlyMap<string, string>,
  removed: readonly string[],
): Promise<void> {
  const names = [...files.keys(), ...removed];
  await checkPlaces(directory, names);
  const id = ownName();
  const [ready, own] = [join(scratch, 'ready'), join(scratch, 'ready', id)];
  for (const folder of [WHOLE, PLACE]) await mkdir(join(own, folder), { recursive: true });
  for (const [name, from] of files) {
    await rename(from, join(own, WHOLE, name));
    await sameFile(join(own, WHOLE, name), join(own, PLACE, name));
  }
  for (const folder of [join(own, WHOLE), join(own, PLACE), own, ready]) await syncDirectory(folder);
  await take(directory, scratch, ready, names);
  await syncDirectory(directory);
  await finish(directory, scratch, id, names);
}

/**
 * Writes a file beside an artifact, while nothing is published.
 * @param names of all files that are published there
 * @param isCurrent tells whether the artifact that the file belongs to is still there; if not, nothing is written
 * @returns whether it was written
 * @throws ArtError OUTPUT_NOT_WRITABLE; whatever `isCurrent` throws
 */
export async function writeBeside(
  shown: string,
  name: string,
  bytes: Uint8Array,
  names: readonly string[],
  isCurrent: () => Promise<boolean>,
): Promise<boolean> {
  const directory = fromHere(shown);
  await sweep(directory);
  const scratch = temporaryIn(directory, 'sign');
  const id = ownName();
  const own = asTemporary(join(directory, PUBLISHING_NAME, id));
  const ready = join(scratch, 'ready');
  try {
    await checkPlaces(directory, [name]);
    await mkdir(join(ready, id), { recursive: true });
    await writeLasting(join(ready, id, name), bytes);
    await take(directory, scratch, ready, names);
    try {
      if (!(await isCurrent())) return false;
      await moveOver(join(own, name), join(directory, name));
      await syncDirectory(directory);
      return true;
    } finally {
      await takeAway(directory, scratch, id);
    }
  } catch (cause) {
    if (cause instanceof ArtError) throw cause;
    const why =
      codeOf(cause) === 'ENOSPC' || codeOf(cause) === 'EDQUOT' ? 'the disk is full: free some space' : messageOf(cause);
    throw new ArtError('OUTPUT_NOT_WRITABLE', `cannot write '${shown}/${name}': ${why}`, { cause });
  } finally {
    await removeTemporary(own);
    await removeTemporary(scratch);
  }
}

/**
 * Moves `ready` to its place when nothing else is there.
 * @throws Error if that takes too long, saying what to do
 */
async function take(directory: string, scratch: string, ready: string, names: readonly string[]): Promise<void> {
  const lock = join(directory, PUBLISHING_NAME);
  const met = new Map<string, number>();
  for (const end = performance.now() + WAIT_MS; ; await sleep(POLL_MS)) {
    // Needed on systems where a rename does not replace an empty folder.
    await rmdir(lock).catch(() => {});
    try {
      await rename(ready, lock);
      return;
    } catch (error) {
      const held = ['ENOTEMPTY', 'EEXIST', ...(process.platform === 'win32' ? ['EPERM', 'EACCES'] : [])];
      if (!held.includes(codeOf(error))) throw error;
    }
    if (performance.now() > end)
      throw new Error(
        `other builds have been publishing for ${WAIT_MS / 1000} s; if none is running, remove '${lock}'`,
      );
    for (const id of (await ifThere(readdir(lock))) ?? []) await help(directory, scratch, id, names, met);
  }
}

/** Finishes what a process has begun that has ended or does not continue. */
async function help(
  directory: string,
  scratch: string,
  id: string,
  names: readonly string[],
  met: Map<string, number>,
): Promise<void> {
  const there = join(directory, PUBLISHING_NAME, id);
  const isPublication = namesIn(there).includes(WHOLE);
  const now = performance.now();
  if (!met.has(id)) met.set(id, now);
  const patience = isOwnerAlive(id) === false ? 0 : PATIENCE_MS[isPublication ? 'publication' : 'lock'];
  if (now - (met.get(id) as number) < patience) return;
  if (isPublication) await finish(directory, scratch, id, names);
  else await takeAway(directory, scratch, id);
}

/** Moves the files of a publication to their places, unless they are there already, and removes the publication. */
async function finish(directory: string, scratch: string, id: string, names: readonly string[]): Promise<void> {
  const own = join(directory, PUBLISHING_NAME, id);
  const whole = await ifThere(readdir(join(own, WHOLE)));
  if (!whole) return; // another process has done it
  for (const name of names) {
    const to = join(directory, name);
    if (whole.includes(name)) await ifThere(moveOver(join(own, PLACE, name), to));
    else await ifThere(rename(to, join(own, `${name}-${ownName()}`)));
  }
  await syncDirectory(directory);
  await takeAway(directory, scratch, id);
}

/** Removes a publication in one step, so that no process sees a part of it. */
async function takeAway(directory: string, scratch: string, id: string): Promise<void> {
  const lock = join(directory, PUBLISHING_NAME);
  const away = join(scratch, ownName());
  await ifThere(moveOver(join(lock, id), away));
  await rmdir(lock).catch(() => {});
  await rm(away, { recursive: true, force: true });
}

/** The names in a directory; none if it does not exist. */
function namesIn(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error))) return [];
    throw error;
  }
}

/**
 * The folder that has the artifact of a directory while it is being published. Only for reading.
 * @returns undefined if nothing is being published: the artifact is in the directory itself
 */
export function publishedIn(directory: string): string | undefined {
  const lock = join(directory, PUBLISHING_NAME);
  const id = namesIn(lock).find((name) => namesIn(join(lock, name)).includes(WHOLE));
  return id && join(lock, id, WHOLE);
}
