// Which resident process serves which client: one that is the same program, and that sees and may do
// on this machine what the client sees and may do.
//
// The folder that they meet in may be shared with a container or another sandbox of the same user, where a hostile
// program can take any name and tell any lie. So on Linux what lies there is no socket but a link to
// `/proc/<pid>/fd/<n>`, the server's handle on a socket whose own name is gone. The kernel lets only those follow it,
// and read the secret in the server's environment, who may look into the server as a debugger does (ptrace(2),
// PTRACE_MODE_READ_FSCREDS): they reach the server's files at /proc/<pid>/root as well, without its help. A client looks
// at that process before it asks, so that nobody in a sandbox can pretend to those outside to be their server.
//
// It does not protect from programs of the same user that are in no sandbox, nor from being denied: who may write to the
// folder can remove the link, and then there is no resident process, or a new one. On other systems the mode
// of the folder is all the protection, and the name tells roots apart.
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PINNED } from '../../assets/pinned.js';
import { VERSION } from '../../version.js';

/** Whether processes are looked at in proc(5); a Linux without it has no resident process. */
export const HAS_PROC = process.platform === 'linux';
/** The variable that gives the server its secret. */
export const SECRET_VARIABLE = 'ART_RESIDENT_SECRET';
/** Lines of /proc/<pid>/status that change what a process may do or how fast. client.c has the same list. */
const RIGHTS = ['Uid', 'Gid', 'Groups', 'CapEff', 'NoNewPrivs', 'Seccomp', 'Cpus_allowed'];
const MAX_SOCKET_PATH = 104; // bytes, with the zero at the end, on macOS

/** Tells installations apart, versions of this package (while it is developed as well), of Node and of the programs. */
export const INSTALLATION = installation();
/** What this process sees and may do; undefined where it cannot be known. */
export const VIEW = viewOf('self');

/** A server that is the same as this process, and sees the same. */
export interface Server {
  /** What to connect to. */
  path: string;
  /** What to begin a request with. */
  secret: string;
}

function installation(): string {
  const path = fileURLToPath(import.meta.url);
  const programs = createHash('sha256').update(JSON.stringify(PINNED)).digest('hex');
  return `${path} ${statSync(path).mtimeMs} art ${VERSION} Node ${process.version} programs ${programs}`;
}

/** The first part of the names of such servers. */
export const installationName = () => createHash('sha256').update(INSTALLATION).digest('hex').slice(0, 16);

/** What the server is called that is the same as this process; undefined where there can be none. */
export const serverName = () => VIEW && `${installationName()}-${shortHash(VIEW)}.sock`;

/** Namespaces, root and rights of a process, as text; undefined where it may not be looked at. As in client.c. */
function viewOf(pid: string): string | undefined {
  try {
    if (!HAS_PROC) {
      const { dev, ino } = statSync('/', { bigint: true });
      return `${dev}:${ino} ${process.geteuid?.()} ${process.getegid?.()} ${process.getgroups?.()}`;
    }
    const of = `/proc/${pid}`;
    const { dev, ino } = statSync(`${of}/root`, { bigint: true });
    const spaces = ['mnt', 'user', 'pid'].map((name) => readlinkSync(`${of}/ns/${name}`));
    const lines = readFileSync(`${of}/status`, 'latin1').split('\n');
    const rights = lines.filter((line) => RIGHTS.includes(line.replace(/:.*/, '')));
    return [`root:${dev}:${ino}`, ...spaces, ...rights].map((line) => `${line}\n`).join('');
  } catch {
    return undefined;
  }
}

/** FNV-1a of 64 bits in hex; it is a name only, and identities are compared in full. */
function shortHash(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}

/**
 * Where the server lies that is the same as this process, in a folder that only its owner can enter, which is made;
 * undefined where there can be none.
 */
export function serverLink(): string | undefined {
  // Not userInfo(): in a container the user may have no entry in passwd(5).
  const uid = process.getuid?.();
  const name = serverName();
  if (uid === undefined || name === undefined) return undefined;
  // A relative path would mean another folder to each process (XDG: it is to be ignored).
  const { XDG_RUNTIME_DIR, TMPDIR, TMP, TEMP } = process.env;
  const parent = [XDG_RUNTIME_DIR, TMPDIR, TMP, TEMP].find((path) => path?.startsWith('/')) ?? '/tmp';
  const folder = join(parent, `art-${uid}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stat = lstatSync(folder);
    if (!stat.isDirectory() || stat.uid !== uid || (stat.mode & 0o077) !== 0) return undefined;
  } catch {
    return undefined;
  }
  const link = join(folder, name);
  return HAS_PROC || Buffer.byteLength(link) < MAX_SOCKET_PATH ? link : undefined;
}

/** The server that a link leads to; `occupied` where something else lies there, which nobody of us made. */
export function findServer(link: string): Server | 'occupied' | undefined {
  const stat = lstatSync(link, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (!(HAS_PROC ? stat.isSymbolicLink() : stat.isSocket())) return 'occupied';
  if (!HAS_PROC) return { path: link, secret: '' };
  try {
    const path = readlinkSync(link);
    const pid = /^\/proc\/([1-9]\d*)\/fd\/\d+$/.exec(path)?.[1];
    // Another process may have the number by now.
    if (!pid || viewOf(pid) !== VIEW) return undefined;
    const variables = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    const secret = variables.find((variable) => variable.startsWith(`${SECRET_VARIABLE}=`));
    return secret ? { path, secret: secret.slice(SECRET_VARIABLE.length + 1) } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a name leads to a process, which may be one that may not be looked at, by what it is or by a policy. */
export function leadsTo(link: string, pid: number | undefined): boolean {
  try {
    return HAS_PROC && readlinkSync(link).startsWith(`/proc/${pid}/`);
  } catch {
    return false;
  }
}

/** Lets the next client start a new server in place of one that does not answer; that one ends when it finds out. */
export function forget(link: string, { path }: Server): void {
  try {
    if (!HAS_PROC || readlinkSync(link) === path) rmSync(link);
  } catch {
    // Another client was faster.
  }
}
