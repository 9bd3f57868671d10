// The side of `art cc` that must start fast: it imports little but Node.
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
/** Two: the first may have found another, which ended meanwhile. */
const MAX_STARTS = 2;
/** Beats that may be missed. One timer's tick each, so that a client that was stopped itself looks before it judges. */
export const MISSED_BEATS = 2000 / BEAT_MS;
/** While it starts, which may take long on a busy machine; and after GO, where there is no other way than to wait. */
export const MISSED_BEATS_PATIENT = 30_000 / BEAT_MS;
/** What the server's environment has of the first caller's: no word of it that may be a secret. */
const KEPT_VARIABLES = ['ART_DAEMON_IDLE', 'LD_LIBRARY_PATH'];
/** Has glibc's allocator give memory back that is free (mallopt(3)); V8's threads would keep it. */
const ALLOCATOR = { MALLOC_TRIM_THRESHOLD_: '131072' };
/** Gives a server the limits that it needs, in KiB where they are sizes; where they cannot be had it is not started. */
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
    'art: error: lost the resident process while it wrote the files of this command: run it again (ART_NO_DAEMON=1 does without that process)\n',
};

/**
 * Lets the resident process run a command, starting it where there is none.
 * @returns undefined where there can be none, or it does not answer: the caller runs the command itself
 */
export function askResident(request: Request): Promise<Response | undefined> {
  return reachResident(request, (server, bytes) => ask(server, bytes), true);
}

/**
 * What the resident process says of itself; STOP ends it as well.
 * @returns undefined where there is none for commands like this one
 */
export async function askAbout(what: typeof STATUS | typeof STOP): Promise<Status | undefined> {
  // It may be at work on all processors: that is no reason to forget it.
  const patient = (server: Server, bytes: Buffer) => ask(server, bytes, MISSED_BEATS_PATIENT);
  const response = await reachResident(requestOf(what), patient, false);
  return response && JSON.parse(Buffer.from(response.stdout).toString());
}

/** A request that is for the process itself. */
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
 * @param attempt gives `gone` where nobody listens, `silent` where there is no sign of life; nothing was done by then
 * @param starts it where there is none
 * @returns undefined where there is none, or it does not answer
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
    if (ended === undefined) continue; // it is not there yet
    if (tries++ === MAX_STARTS) return undefined;
    const next = startServer(link);
    if (!next) return undefined;
    started = next;
  }
}

interface Started {
  pid: number | undefined;
  /** How it ended, if it did. */
  status(): number | undefined;
}

/** @returns undefined where none can be started */
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
    return undefined; // it would be as slow for all others
  }
  const server = fileURLToPath(new URL('./server.js', import.meta.url));
  // Detached, so that it outlives this command and its terminal.
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

/** `gone`: nobody listens, or it ended before it wrote anything. `silent`: it gives no sign of life. Neither wrote anything. */
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
    /** Reads the lines before the answer's bytes. */
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
    // This side stays open: the server learns by its end that the client is gone.
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
