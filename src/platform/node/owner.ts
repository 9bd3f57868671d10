// Which process something in a shared directory belongs to, and whether that process is gone.
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const said = (read: () => string): string => {
  try {
    return read();
  } catch {
    return ''; // not on this system
  }
};

/** Process ids mean the same processes only on one machine, since it started, in one container. */
function makeMachine(): string {
  const boot = said(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = said(() => readlinkSync('/proc/self/ns/pid'));
  return createHash('sha256').update(`${hostname()}\n${boot}\n${namespace}`).digest('hex').slice(0, 12);
}

let machine: string | undefined;
const thisMachine = () => {
  machine ??= makeMachine();
  return machine;
};

/** A new name that says who gave it. */
export const ownName = () => `${thisMachine()}-${process.pid}-${randomBytes(4).toString('hex')}`;

/** True where the process that gave this name is known to be no more; false where that cannot be told. */
export function isOwnerGone(name: string): boolean {
  const [, where, pid] = /^([0-9a-f]{12})-(\d+)-[0-9a-f]{8}$/.exec(name) ?? [];
  if (where !== thisMachine()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
