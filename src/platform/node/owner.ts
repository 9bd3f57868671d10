// Names that tell to which process a file in a shared directory belongs, and whether that process still exists.
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

/** Identifies the machine, its boot and the container, since only within these a process id names the same process. */
function makeMachine(): string {
  const boot = said(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const namespace = said(() => readlinkSync('/proc/self/ns/pid'));
  const name = boot && namespace ? `${boot}\n${namespace}` : hostname();
  return createHash('sha256').update(name).digest('hex').slice(0, 12);
}

interface Life {
  state: string;
  /** Start time in ticks since boot, to recognise a process id that is used again; '0' if it is not known. */
  start: string;
}

/** proc(5): the fields after the name, which can contain spaces and brackets; undefined if it cannot be read. */
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

/** A new name that identifies this process. */
export const ownName = () => `${ownPrefix()}-${randomBytes(4).toString('hex')}`;

const NAME = /^([0-9a-f]{12})-(\d{1,10})-(\d{1,20})-[0-9a-f]{8}$/;

/** Whether a name was made by `ownName`, in this process or another. */
export const isOwnerName = (name: string): boolean => NAME.test(name);

/**
 * Whether the process that made a name still exists; undefined if that is unknown, because it was on another machine or
 * in another container.
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
  // A zombie has ended and only waits for its parent.
  return life.start === start && !/[ZX]/.test(life.state);
}
