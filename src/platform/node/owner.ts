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
  const name = boot && namespace ? `${boot}\n${namespace}` : hostname();
  return createHash('sha256').update(name).digest('hex').slice(0, 12);
}

interface Life {
  state: string;
  /** In ticks since the machine started, so that an id that is used again is known; '0' where it cannot be had. */
  start: string;
}

/** proc(5): the fields after the name, which may itself hold spaces and brackets; undefined where it cannot be read. */
function lifeOf(pid: number | 'self'): Life | undefined {
  const stat = said(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  return state && start ? { state, start } : undefined;
}

let prefix: string | undefined;

function ownPrefix(): string {
  prefix ??= `${makeMachine()}-${process.pid}-${lifeOf('self')?.start ?? '0'}`;
  return prefix;
}

/** A new name that says who gave it. */
export const ownName = () => `${ownPrefix()}-${randomBytes(4).toString('hex')}`;

const NAME = /^([0-9a-f]{12})-(\d{1,10})-(\d{1,20})-[0-9a-f]{8}$/;

/** Whether a name is one that `ownName` gives, here or elsewhere. */
export const isOwnerName = (name: string): boolean => NAME.test(name);

/**
 * Whether the process that gave this name is still there; undefined where that cannot be told, since it is or was on
 * another machine or in another container.
 */
export function isOwnerAlive(name: string): boolean | undefined {
  const [, where, pid, start] = NAME.exec(name) ?? [];
  if (where !== ownPrefix().slice(0, 12)) return undefined;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const life = lifeOf(Number(pid));
  if (!life) return true; // other users' processes may be hidden
  // A zombie has ended, and waits for its parent to ask.
  return life.start === start && !/[ZX]/.test(life.state);
}
