// Claims a folder, in which only one command at a time may work.
import { lstat, mkdir, readlink, rename, rm, rmdir, symlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'pathe';
import { ArtError } from '../../errors.js';
import type { WebAbortSignal } from '../web-types.js';
import { isOwnerAlive, ownName } from './owner.js';

/** A dangling symbolic link. It is created in one step, and its text names its owner. */
export const CLAIM = '.art-claim';
const POLL_MS = 200;
/**
 * How long to wait for an owner in another container or on another machine, since it cannot be known whether that one
 * still runs.
 */
const PATIENCE_MS = 600_000;

/**
 * Makes a folder if it does not exist, and waits until no other command works in it.
 * @param waiting called once if another command works in it
 * @returns a function that releases the folder, and removes it if it is empty
 * @throws ArtError OUTPUT_NOT_WRITABLE, CANCELLED
 */
export async function claimFolder(
  folder: string,
  waiting: () => void,
  signal: WebAbortSignal | undefined,
): Promise<() => Promise<void>> {
  const at = join(folder, CLAIM);
  const own = ownName();
  const until = Date.now() + PATIENCE_MS;
  let isTold = false;
  while (!(await take(folder, at, own))) {
    const owner = await readlink(at).catch(() => undefined);
    if (owner === undefined) {
      if (await lstat(at).catch(() => undefined))
        throw new ArtError('OUTPUT_NOT_WRITABLE', `'${at}' is in the way: remove it`);
      continue;
    }
    const alive = isOwnerAlive(owner);
    if (alive === false) await putAside(at, owner, own);
    else if (alive === undefined && Date.now() > until)
      throw new ArtError(
        'OUTPUT_NOT_WRITABLE',
        `another art has been working in '${folder}' for ${PATIENCE_MS / 60_000} minutes, on another machine or in another container: where none does, remove '${at}'`,
      );
    else {
      if (!isTold) waiting();
      isTold = true;
      await sleep(POLL_MS);
    }
    if (signal?.aborted) throw new ArtError('CANCELLED', 'the build was cancelled');
  }
  return async () => {
    if ((await readlink(at).catch(() => undefined)) === own) await rm(at, { force: true });
    await rmdir(folder).catch(() => {}); // fails if it is not empty
  };
}

async function take(folder: string, at: string, own: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true });
    await symlink(own, at);
    return true;
  } catch (error) {
    // ENOENT: another command has ended and just removed the folder.
    if (/^(EEXIST|ENOENT)$/.test(String((error as NodeJS.ErrnoException).code))) return false;
    throw error;
  }
}

/** Removes the claim of a command that was killed, unless another command has done so and claimed the folder itself. */
async function putAside(at: string, owner: string, own: string): Promise<void> {
  const aside = `${at}-${own}`;
  try {
    await rename(at, aside);
  } catch {
    return; // another command was faster
  }
  const moved = await readlink(aside);
  if (moved !== owner) await symlink(moved, at).catch(() => {});
  await rm(aside, { force: true });
}
