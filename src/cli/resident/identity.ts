// Decides which resident process serves which client: it must run the same program, and see and be allowed the same on
// this machine.
//
// Threat: client and server meet in a folder that a container or another sandbox of the same user may share, where a
// hostile program can take any name and claim anything. So on Linux the server does not put a socket there but a symbolic
// link to `/proc/<pid>/fd/<n>`, its handle on a socket whose own name has been removed. The kernel lets only those
// processes follow that link, and read the secret in the server's environment, that may trace the server as a debugger
// does (ptrace(2), PTRACE_MODE_READ_FSCREDS); those could read the server's files through /proc/<pid>/root anyway. A
// client examines the server's process before it sends a request, so a program in a sandbox cannot pretend to be the
// server of clients outside.
//
// This does not protect against programs of the same user outside a sandbox, nor against denial of service: whoever may
// write to the folder can remove the link, and then there is no resident process, or a new one. On other systems than
// Linux the permissions of the folder are the only protection, and the name of the socket distinguishes roots.
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PINNED } from '../../assets/pinned.js';
import { VERSION } from '../../version.js';

/** Whether processes are examined through proc(5). A Linux without /proc has no resident process. */
export const HAS_PROC = process.platform === 'linux';
/** The environment variable that gives the server its secret. */
export const SECRET_VARIABLE = 'ART_RESIDENT_SECRET';
/** Lines of /proc/<pid>/status that affect what a process may do or how fast. client.c has the same list. */
const RIGHTS = ['Uid', 'Gid', 'Groups', 'CapEff', 'NoNewPrivs', 'Seccomp', 'Cpus_allowed'];
const MAX_SOCKET_PATH = 104; // bytes, with the zero at the end, on macOS

/**
 * Identifies the installation: the version of this package (also while it is being developed), of Node and of the wasm
 * programs.
 */
export const INSTALLATION = installation();
/** Describes what this process sees and may do; undefined if that cannot be known. */
export const VIEW = viewOf('self');

/** A server that runs the same program as this process and sees the same files. */
export interface Server {
  /** The path to connect to. */
  path: string;
  /** The secret with which a request must begin. */
  secret: string;
}

function installation(): string {
  const path = fileURLToPath(import.meta.url);
  const programs = createHash('sha256').update(JSON.stringify(PINNED)).digest('hex');
  return `${path} ${statSync(path).mtimeMs} art ${VERSION} Node ${process.version} programs ${programs}`;
}

/** The first part of the name of a server of this installation. */
export const installationName = () => createHash('sha256').update(INSTALLATION).digest('hex').slice(0, 16);

/** The name of the server for this process; undefined if it cannot have one. */
export const serverName = () => VIEW && `${installationName()}-${shortHash(VIEW)}.sock`;

/**
 * Namespaces, root and rights of a process, as text; undefined if this process may not examine it. client.c does the
 * same.
 */
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

/** FNV-1a of 64 bits in hex. It only makes a name; identities are compared in full. */
function shortHash(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}

/**
 * The path of the server for this process, in a folder that only its owner can enter and that is created if it does not
 * exist; undefined if there can be no server.
 */
export function serverLink(): string | undefined {
  // Not userInfo(): in a container the user may be missing in passwd(5).
  const uid = process.getuid?.();
  const name = serverName();
  if (uid === undefined || name === undefined) return undefined;
  // A relative path would be another folder for each process; the XDG specification says to ignore it.
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

/** The server that a link leads to; `occupied` if something else is there that art has not made. */
export function findServer(link: string): Server | 'occupied' | undefined {
  const stat = lstatSync(link, { throwIfNoEntry: false });
  if (!stat) return undefined;
  if (!(HAS_PROC ? stat.isSymbolicLink() : stat.isSocket())) return 'occupied';
  if (!HAS_PROC) return { path: link, secret: '' };
  try {
    const path = readlinkSync(link);
    const pid = /^\/proc\/([1-9]\d*)\/fd\/\d+$/.exec(path)?.[1];
    // The process number may belong to another process by now.
    if (!pid || viewOf(pid) !== VIEW) return undefined;
    const variables = readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
    const secret = variables.find((variable) => variable.startsWith(`${SECRET_VARIABLE}=`));
    return secret ? { path, secret: secret.slice(SECRET_VARIABLE.length + 1) } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a link leads to a process, also if this process is not permitted to examine that one. */
export function leadsTo(link: string, pid: number | undefined): boolean {
  try {
    return HAS_PROC && readlinkSync(link).startsWith(`/proc/${pid}/`);
  } catch {
    return false;
  }
}

/**
 * Removes the link to a server that does not answer, so that the next client starts a new one. The old one notices it
 * and ends.
 */
export function forget(link: string, { path }: Server): void {
  try {
    if (!HAS_PROC || readlinkSync(link) === path) rmSync(link);
  } catch {
    // Another client was faster.
  }
}
