// One build at a time moves its files into an output directory.
import { mkdir, readdir, rename, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'pathe';
import { isOwnerGone, ownName } from './owner.js';

const LOCK = '.art-publishing';
const POLL_MS = 20;
/** Publishing takes milliseconds. */
const WAIT_MS = 30_000;
/** After this an owner is taken for gone that cannot be asked, such as one on another machine. */
const GIVEN_UP_MS = 600_000;

/**
 * Waits until no other process publishes into `directory`, does the work, and lets the next one.
 * The lock is a folder that holds its owner's name. It comes into place whole, by a rename that fails where a name
 * lies in it, and is removed by that name: nobody takes away another lock than the one that was looked at.
 * @param scratch a folder of the caller's own, beside it
 * @throws Error where another process holds it for too long, with what to do
 */
export async function whilePublishing<T>(directory: string, scratch: string, work: () => Promise<T>): Promise<T> {
  const lock = join(directory, LOCK);
  const name = ownName();
  const ready = join(scratch, 'lock');
  await mkdir(ready);
  await writeFile(join(ready, name), '');
  for (const end = Date.now() + WAIT_MS; !(await take(ready, lock)); ) {
    await breakAbandoned(lock);
    if (Date.now() > end)
      throw new Error(`another build has been publishing for ${WAIT_MS / 1000} s; where none runs, remove '${lock}'`);
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await remove(lock, name);
  }
}

async function take(ready: string, lock: string): Promise<boolean> {
  // Where a rename does not replace an empty folder.
  await rmdir(lock).catch(() => {});
  try {
    await rename(ready, lock);
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    const held = ['ENOTEMPTY', 'EEXIST', ...(process.platform === 'win32' ? ['EPERM', 'EACCES'] : [])];
    if (held.includes(code)) return false;
    throw error;
  }
}

async function breakAbandoned(lock: string): Promise<void> {
  try {
    for (const name of await readdir(lock))
      if (isOwnerGone(name) || Date.now() - (await stat(join(lock, name))).mtimeMs > GIVEN_UP_MS)
        await remove(lock, name);
  } catch {
    // It was released meanwhile.
  }
}

async function remove(lock: string, name: string): Promise<void> {
  await unlink(join(lock, name)).catch(() => {});
  await rmdir(lock).catch(() => {});
}
