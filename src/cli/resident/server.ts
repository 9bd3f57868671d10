// The process that keeps the programs warm for `art cc`: it answers commands
// until it has had none for a while.
import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { messageOf } from '../../errors.js';
import { openCommands } from '../../index.js';
import { commandRequest } from './command.js';
import { IDENTITY, type Request, type Response, WRITING } from './protocol.js';

const IDLE_S = 180;
/** How long a process may take to take over a socket before another believes that it died at that. */
const TAKE_OVER_MS = 10_000;
const [path] = process.argv.slice(2) as [string];
const lock = `${path}.lock`;

const OWN_UMASK = 0o077; // of the socket
process.umask(OWN_UMASK);
const idleMs = (Number(process.env.ART_DAEMON_IDLE) || IDLE_S) * 1000;
const pool = openCommands(availableParallelism());
let idle = setTimeout(retire, idleMs);
let running = 0;

/** Takes no more commands, and ends when the last one is answered. */
function retire(): void {
  clearTimeout(idle);
  server.close();
  if (running === 0) process.exit(0);
}

/** @param announce tells the client that files are being written */
async function answer(request: Request, announce: () => Promise<void>, signal: AbortSignal): Promise<Response> {
  if (request.identity !== IDENTITY) return { status: 1, stdout: '', stderr: '', stale: true };
  let announced: Promise<void> | undefined;
  try {
    const write = async (file: Parameters<typeof pool.write>[0]) => {
      announced ??= announce();
      await announced;
      process.umask(request.umask); // it is read before write returns
      const written = pool.write(file);
      process.umask(OWN_UMASK);
      await written;
    };
    const outcome = await pool.run(commandRequest(request), write, signal);
    return { ...outcome, stdout: Buffer.from(outcome.stdout).toString('base64') };
  } catch (error) {
    return { status: 1, stdout: '', stderr: `art: error: ${messageOf(error)}\n` };
  }
}

async function serve(socket: Socket, text: string): Promise<void> {
  clearTimeout(idle);
  running++;
  const gone = new AbortController();
  socket.on('close', () => gone.abort());
  try {
    const announce = () => new Promise<void>((resolve) => socket.write(WRITING, () => resolve()));
    const response = await answer(JSON.parse(text), announce, gone.signal);
    await new Promise<void>((resolve) => socket.end(JSON.stringify(response), resolve).on('close', resolve));
    if (response.stale) server.close();
  } finally {
    running--;
    if (!server.listening) retire();
    else if (running === 0) idle = setTimeout(retire, idleMs);
  }
}

const server = createServer((socket) => {
  const chunks: Buffer[] = [];
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    chunks.push(chunk);
    if (chunk.at(-1) !== 0x0a) return;
    void serve(socket, Buffer.concat(chunks).toString()).catch(() => socket.destroy());
  });
});

server.on('listening', () => rmSync(lock, { force: true }));
server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') process.exit(1);
  connect(path)
    .on('connect', () => process.exit(0)) // there is a server, and this one is not needed
    .on('error', takeOver);
});

/** Removes a socket whose server is gone; one process at a time, or it could be the socket of the one before. */
function takeOver(): void {
  if (!takeLock()) process.exit(0);
  connect(path)
    .on('connect', () => {
      rmSync(lock, { force: true });
      process.exit(0);
    })
    .on('error', () => {
      rmSync(path, { force: true });
      server.listen(path);
    });
}

function takeLock(): boolean {
  try {
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (since !== undefined && Date.now() - since > TAKE_OVER_MS) rmSync(lock, { force: true });
    closeSync(openSync(lock, 'wx'));
    return true;
  } catch {
    return false;
  }
}

server.listen(path);
