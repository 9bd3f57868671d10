// The side of `art cc` that must start fast: it imports nothing but Node.
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { IDENTITY, type Request, type Response, socketPath } from './protocol.js';

const START_TIMEOUT_MS = 5000;
const RETRY_MS = 15;

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
  // Detached, so that it outlives this command and its terminal.
  spawn(process.execPath, [fileURLToPath(new URL('./server.js', import.meta.url)), path], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  })
    .on('error', () => {})
    .unref();
  for (const end = performance.now() + START_TIMEOUT_MS; performance.now() < end; ) {
    await setTimeout(RETRY_MS);
    const response = await ask(path, full);
    if (response && !response.stale) return response;
  }
  return undefined;
}

/** Undefined where nobody listens, or the server ended before it answered. */
function ask(path: string, request: Request): Promise<Response | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(path);
    socket.on('error', () => resolve(undefined));
    // This side stays open: the server learns by its end that the client is gone.
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('end', () => {
      try {
        resolve(JSON.parse(Buffer.concat(chunks).toString()));
      } catch {
        resolve(undefined);
      }
    });
  });
}
