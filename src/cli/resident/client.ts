// The client of the resident process for `art cc`. It must start fast, so it imports little except Node's modules.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { getPriority, setPriority } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findServer, forget, leadsTo, SECRET_VARIABLE, type Server, serverLink } from './identity.js';
import {
  ALIVE,
  BEAT_MS,
  GO,
  MAX_HEAD_BYTES,
  READY,
  type Request,
  type Response,
  readAnswerHead,
  requestBytes,
  STARTING,
  type STATUS,
  type STOP,
  type Status,
} from './protocol.js';

const START_TIMEOUT_MS = 5000;
const RETRY_MS = 15;
/** Two, since the first start may have found another server that then ended. */
const MAX_STARTS = 2;
/**
 * How many signs of life of the server may be missing. Counted in timer ticks, so that a client that was stopped itself
 * waits again before it gives up.
 */
export const MISSED_BEATS = 2000 / BEAT_MS;
/**
 * The same while the server starts, which takes long on a busy machine, and after GO, when the client can only wait.
 */
export const MISSED_BEATS_PATIENT = 30_000 / BEAT_MS;
/**
 * The variables of the first client that the server keeps in its environment. No others, since they may contain
 * secrets.
 */
const KEPT_VARIABLES = ['ART_DAEMON_IDLE', 'LD_LIBRARY_PATH'];
/** Makes glibc's allocator return free memory to the system (mallopt(3)); otherwise V8's threads keep it. */
const ALLOCATOR = { MALLOC_TRIM_THRESHOLD_: '131072' };
/**
 * Raises the resource limits of the server to what it needs, sizes in KiB. If that is impossible no server is started.
 */
const WITH_LIMITS = `raise() {
  now=$(ulimit -S "$1") || return
  [ "$now" = unlimited ] || { [ "$2" != unlimited ] && [ "$now" -ge "$2" ]; } || ulimit -S "$1" "$2"
}
raise -t unlimited && raise -f unlimited && raise -d unlimited && raise -v unlimited && raise -s 8192 && raise -n 1024 &&
exec "$@"
exit 1`;
const LOST: Response = {
  status: 1,
  stdout: new Uint8Array(),
  stderr:
    'art: error: lost the resident process while it wrote the files of this command: run it again (ART_NO_DAEMON=1 runs commands without that process)\n',
};

/**
 * Lets the resident process run a command, and starts the process if there is none.
 * @returns undefined if it cannot be started or does not answer: the caller then runs the command itself
 */
export function askResident(request: Request): Promise<Response | undefined> {
  return reachResident(request, (server, bytes) => ask(server, bytes), true);
}

/**
 * Asks the resident process for its status; STOP also ends it.
 * @returns undefined if there is none for commands like this one
 */
export async function askAbout(what: typeof STATUS | typeof STOP): Promise<Status | undefined> {
  // It may be busy on all processors and answer late; that is not a reason to start another.
  const patient = (server: Server, bytes: Buffer) => ask(server, bytes, MISSED_BEATS_PATIENT);
  const response = await reachResident(requestOf(what), patient, false);
  return response && JSON.parse(Buffer.from(response.stdout).toString());
}

/** A request to the process itself. */
export const requestOf = (program: string, stdin: Uint8Array = new Uint8Array()): Request => ({
  program,
  args: [],
  directory: process.cwd(),
  stdin,
  env: {},
  color: false,
  umask: process.umask(),
});

/**
 * Does something with the resident process.
 * @param attempt returns `gone` if nobody listens, `silent` if there are no signs of life; in both cases nothing has
 *   been done
 * @param starts whether to start a process if there is none
 * @returns undefined if there is none, or if it does not answer
 */
export async function reachResident<T>(
  request: Request,
  attempt: (server: Server, bytes: Buffer) => Promise<T | 'gone' | 'silent'>,
  starts: boolean,
): Promise<T | undefined> {
  const link = serverLink();
  const bytes = requestBytes(request);
  if (link === undefined || bytes === undefined) return undefined;
  const deadline = performance.now() + START_TIMEOUT_MS;
  let started: Started = { pid: undefined, status: () => 0 };
  for (let tries = 0; ; await setTimeout(RETRY_MS)) {
    const server = findServer(link);
    if (server === 'occupied') return undefined;
    if (server) {
      const answer = await attempt(server, bytes);
      if (answer === 'silent') forget(link, server);
      if (answer !== 'gone') return answer === 'silent' ? undefined : answer;
    }
    const ended = started.status();
    if (!server && leadsTo(link, started.pid)) return undefined;
    if (!starts || ended || performance.now() > deadline) return undefined;
    if (ended === undefined) continue; // it is still starting
    if (tries++ === MAX_STARTS) return undefined;
    const next = startServer(link);
    if (!next) return undefined;
    started = next;
  }
}

interface Started {
  pid: number | undefined;
  /** Its exit status, if it has ended. */
  status(): number | undefined;
}

/** @returns undefined if none can be started */
function startServer(link: string): Started | undefined {
  let status: number | undefined;
  const note = (code: unknown) => {
    status = typeof code === 'number' ? code : 1;
  };
  const kept = KEPT_VARIABLES.flatMap((name) => (process.env[name] ? [[name, process.env[name] as string]] : []));
  const secret = randomBytes(16).toString('hex');
  const niceness = Math.max(0, getPriority());
  try {
    if (niceness > 0) setPriority(0);
  } catch {
    return undefined; // with a lower priority it would be slow for all other clients
  }
  const server = fileURLToPath(new URL('./server.js', import.meta.url));
  // Detached, so that it continues after this command and its terminal have ended.
  const child = spawn('/bin/sh', ['-c', WITH_LIMITS, 'sh', process.execPath, server, link], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
    env: { ...ALLOCATOR, ...Object.fromEntries(kept), [SECRET_VARIABLE]: secret },
  });
  child.on('error', note).on('exit', note).unref();
  if (niceness > 0) setPriority(niceness);
  return { pid: child.pid, status: () => status };
}

/**
 * `gone`: nobody listens, or it ended before it wrote anything. `silent`: it gives no signs of life. In both cases it
 * has written nothing.
 */
function ask(
  { path, secret }: Server,
  request: Buffer,
  patience = MISSED_BEATS,
): Promise<Response | 'gone' | 'silent'> {
  return new Promise((resolve) => {
    let isWriting = false;
    let isStarting = false;
    let missed = 0;
    let head: ReturnType<typeof readAnswerHead>;
    let size = 0;
    let chunks: Buffer[] = [];
    const socket = connect(path);
    const settle = (outcome: Response | 'gone' | 'silent') => {
      clearInterval(beats);
      socket.destroy();
      resolve(isWriting && typeof outcome === 'string' ? LOST : outcome);
    };
    const beats = setInterval(() => {
      if (++missed > (isWriting || isStarting ? MISSED_BEATS_PATIENT : patience)) settle('silent');
    }, BEAT_MS);
    /** Reads the lines before the bytes of the answer. */
    const readLines = () => {
      let text = Buffer.concat(chunks);
      for (let end = text.indexOf('\n'); !head && end >= 0; end = text.indexOf('\n')) {
        const line = text.toString('latin1', 0, end + 1);
        text = text.subarray(end + 1);
        isStarting = line === STARTING;
        if (line === READY) {
          isWriting = true;
          socket.write(GO);
        } else if (line !== ALIVE && line !== STARTING) {
          head = readAnswerHead(line.trimEnd());
          if (!head) return settle('gone');
        }
      }
      chunks = [text];
      size = text.length;
      if (!head && size > MAX_HEAD_BYTES) settle('gone');
    };
    socket.on('error', () => settle('gone'));
    socket.on('close', () => settle('gone'));
    // This side of the connection stays open: when it closes, the server knows that the client has gone.
    socket.on('connect', () => {
      socket.cork();
      socket.write(secret);
      socket.write(request);
      socket.uncork();
    });
    socket.on('data', (chunk) => {
      missed = 0;
      chunks.push(chunk);
      size += chunk.length;
      if (!head) readLines();
      if (!head || size < head.stdout + head.stderr) return;
      const bytes = Buffer.concat(chunks);
      const [stdout, stderr] = [bytes.subarray(0, head.stdout), bytes.subarray(head.stdout)];
      settle({ status: head.status, stdout, stderr: stderr.toString() });
    });
  });
}
