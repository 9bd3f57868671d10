// What commands put beside their outputs until these are complete, and what killed ones left of it.
import { rmdirSync, rmSync } from 'node:fs';
import { lstat, readdir, rm, rmdir, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'pathe';
import { PUBLISHED_NAME, PUBLISHING_NAME } from '../names.js';
import { isOwnerAlive, isOwnerName, ownName } from './owner.js';

const KINDS = ['build', 'convert', 'extract', 'sign', 'write'] as const;
const PREFIX = new RegExp(`^\\.art-(?:${KINDS.join('|')})-`);

/** An owner that cannot be asked gives this often a sign of life, and counts as gone after so long without one. */
const SIGN_OF_LIFE_MS = 300_000;
const GIVEN_UP_MS = 3_600_000;

/** Of this process, each with what keeps up its signs of life. */
const own = new Map<string, ReturnType<typeof setInterval>>();

/**
 * A path for a file or a folder that is there for a while only. It says whose it is, so that the next command removes it
 * where this one is killed; `removeTemporary` ends it.
 */
export const temporaryIn = (directory: string, kind: (typeof KINDS)[number]): string =>
  asTemporary(join(directory, `.art-${kind}-${ownName()}`));

/** The same for a path that has an owner's name already. */
export function asTemporary(path: string): string {
  const sign = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, SIGN_OF_LIFE_MS);
  sign.unref();
  own.set(path, sign);
  return path;
}

/** Removes it, with what is in it; harmless where it has been moved to its place. */
export async function removeTemporary(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => {});
  clearInterval(own.get(path));
  own.delete(path);
}

/**
 * Removes at once what this process has begun to write and not completed: for one that a signal ends. Nothing may be under
 * way any more that goes on afterwards.
 */
export function discardUnfinished(): void {
  for (const path of own.keys()) {
    try {
      rmSync(path, { recursive: true, force: true });
      if (basename(dirname(path)) === PUBLISHING_NAME) rmdirSync(dirname(path));
    } catch {} // the next command does
  }
}

/** Whether a name is one of those that commands give to what is there for a while only. */
export const isTemporary = (name: string): boolean =>
  name === PUBLISHING_NAME || (PREFIX.test(name) && isOwnerName(name.replace(PREFIX, '')));

/** Removes what commands left in a directory that were killed. What it cannot remove, it leaves. */
export async function sweep(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter(isTemporary)) {
    const path = join(directory, name);
    if (name === PUBLISHING_NAME) await sweepPublishing(path);
    else if (await isAbandoned(path, name)) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

/** A publication is complete, and for the next one to finish. The lock of a process that is gone is of no use. */
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
