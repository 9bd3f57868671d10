// The side of `art cc` that must start fast: it imports nothing but Node.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { IDENTITY, type Request, type Response, socketPath, WRITING } from './protocol.js';

const START_TIMEOUT_MS = 5000;
const RETRY_MS = 15;
/** A server that ends at once found another, or one that is about to be; it is not to be a storm of them. */
const RESTART_MS = 250;
const LOST: Response = {
  status: 1,
  stdout: '',
  stderr:
    'art: error: the resident process ended while it wrote the files of this command: run it again (ART_NO_DAEMON=1 does without that process)\n',
};

/**
 * Lets the resident process run a command, starting it where there is none.
 * @returns undefined where there can be none: the caller runs the command itself
 */
export async function askResident(request: Omit<Request, 'identity'>): Promise<Response | undefined> {
  const path = socketPath();
  if (path === undefined) return undefined;
  const full = { identity: IDENTITY, ...request };
  const first = await ask(path, full);
  if (first && !first.stale) return first;
  let ended = startServer(path);
  let started = performance.now();
  for (const end = started + START_TIMEOUT_MS; performance.now() < end; ) {
    await setTimeout(RETRY_MS);
    const response = await ask(path, full);
    if (response && !response.stale) return response;
    if (!ended() || performance.now() - started < RESTART_MS) continue;
    ended = startServer(path);
    started = performance.now();
  }
  return undefined;
}

/** Gives a function that says whether the server has ended. */
function startServer(path: string): () => boolean {
  let ended = false;
  const note = () => {
    ended = true;
  };
  // Detached, so that it outlives this command and its terminal.
  spawn(process.execPath, [fileURLToPath(new URL('./server.js', import.meta.url)), path], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  })
    .on('error', note)
    .on('exit', note)
    .unref();
  return () => ended;
}

/** Undefined where nobody listens, or the server ended before it wrote anything: the command can be run again. */
function ask(path: string, request: Request): Promise<Response | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const settle = () => {
      const text = Buffer.concat(chunks).toString();
      const isWriting = text.startsWith(WRITING);
      try {
        resolve(JSON.parse(isWriting ? text.slice(WRITING.length) : text));
      } catch {
        resolve(isWriting ? LOST : undefined);
      }
    };
    const socket = connect(path);
    socket.on('error', settle);
    // This side stays open: the server learns by its end that the client is gone.
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', settle);
  });
}
