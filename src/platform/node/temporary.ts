// Temporary files of commands beside their outputs, and the removal of those that killed commands left behind.
import { rmdirSync, rmSync } from 'node:fs';
import { lstat, readdir, rm, rmdir, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'pathe';
import { PUBLISHED_NAME, PUBLISHING_NAME } from '../names.js';
import { isOwnerAlive, isOwnerName, ownName } from './owner.js';

const KINDS = ['build', 'convert', 'extract', 'sign', 'write'] as const;
const PREFIX = new RegExp(`^\\.art-(?:${KINDS.join('|')})-`);

/**
 * An owner on another machine updates its file at this interval, and counts as ended after such a time without an
 * update.
 */
const SIGN_OF_LIFE_MS = 300_000;
const GIVEN_UP_MS = 3_600_000;

/** The temporary files of this process, each with the timer that updates it. */
const own = new Map<string, ReturnType<typeof setInterval>>();

/**
 * A path for a temporary file or folder. Its name identifies this process, so that the next command removes it if this
 * one is killed. `removeTemporary` removes it.
 */
export const temporaryIn = (directory: string, kind: (typeof KINDS)[number]): string =>
  asTemporary(join(directory, `.art-${kind}-${ownName()}`));

/** The same for a path whose name already identifies its owner. */
export function asTemporary(path: string): string {
  const sign = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, SIGN_OF_LIFE_MS);
  sign.unref();
  own.set(path, sign);
  return path;
}

/** Removes a temporary file, or a folder with its content; does nothing if it has been moved to its place. */
export async function removeTemporary(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => {});
  arrived(path);
}

/** Forgets a temporary file that has been moved to its place. */
export function arrived(path: string): void {
  clearInterval(own.get(path));
  own.delete(path);
}

/**
 * Removes at once everything that this process has begun to write and not completed, for a process that a signal ends.
 * Nothing that still writes may be running.
 */
export function discardUnfinished(): void {
  for (const path of own.keys()) {
    try {
      rmSync(path, { recursive: true, force: true });
      if (basename(dirname(path)) === PUBLISHING_NAME) rmdirSync(dirname(path));
    } catch {} // the next command removes it
  }
}

/** Whether a name is that of a temporary file of a command. */
export const isTemporary = (name: string): boolean =>
  name === PUBLISHING_NAME || (PREFIX.test(name) && isOwnerName(name.replace(PREFIX, '')));

/** Removes temporary files of killed commands from a directory. What cannot be removed stays. */
export async function sweep(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter(isTemporary)) {
    const path = join(directory, name);
    if (name === PUBLISHING_NAME) await sweepPublishing(path);
    else if (await isAbandoned(path, name)) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** Removes the lock of a process that has ended. A publication stays: it is complete, and the next one finishes it. */
async function sweepPublishing(path: string): Promise<void> {
  for (const id of await readdir(path).catch(() => [])) {
    const at = join(path, id);
    const names = await readdir(at).catch(() => undefined);
    const isLock = names !== undefined && !names.includes(PUBLISHED_NAME);
    if (isLock && isOwnerAlive(id) === false) await rm(at, { recursive: true, force: true }).catch(() => {});
  }
  await rmdir(path).catch(() => {});
}

async function isAbandoned(path: string, name: string): Promise<boolean> {
  const alive = isOwnerAlive(name.replace(PREFIX, ''));
  if (alive !== undefined) return !alive;
  const there = await lstat(path).catch(() => undefined);
  return there !== undefined && Date.now() - there.mtimeMs > GIVEN_UP_MS;
}
