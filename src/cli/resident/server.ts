// The process that keeps the programs warm for `art cc`: it answers commands
// until it has had none for a while.
import { unlinkSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { messageOf } from '../../errors.js';
import { openCommands } from '../../index.js';
import { commandRequest } from './command.js';
import { IDENTITY, type Request, type Response } from './protocol.js';

const IDLE_MS = 180_000;
const [path] = process.argv.slice(2) as [string];

const OWN_UMASK = 0o077; // of the socket
process.umask(OWN_UMASK);
const pool = openCommands(availableParallelism());
let idle = setTimeout(end, IDLE_MS);
let running = 0;

function end(): void {
  server.close();
  process.exit(0);
}

async function answer(request: Request, gone: () => boolean): Promise<Response> {
  if (request.identity !== IDENTITY) return { status: 1, stdout: '', stderr: '', stale: true };
  try {
    const outcome = await pool.run(commandRequest(request), (file) => {
      // A command that was broken off leaves nothing behind.
      if (gone()) return Promise.resolve();
      process.umask(request.umask); // it is read before write returns
      const written = pool.write(file);
      process.umask(OWN_UMASK);
      return written;
    });
    return { ...outcome, stdout: Buffer.from(outcome.stdout).toString('base64') };
  } catch (error) {
    return { status: 1, stdout: '', stderr: `art: error: ${messageOf(error)}\n` };
  }
}

async function serve(socket: Socket, text: string): Promise<void> {
  clearTimeout(idle);
  running++;
  const response = await answer(JSON.parse(text), () => socket.destroyed);
  socket.end(JSON.stringify(response));
  running--;
  if (response.stale) setImmediate(end);
  else if (running === 0) idle = setTimeout(end, IDLE_MS);
}

const server = createServer({ allowHalfOpen: true }, (socket) => {
  const chunks: Buffer[] = [];
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('end', () => void serve(socket, Buffer.concat(chunks).toString()).catch(() => socket.destroy()));
});

/** Takes over a socket whose server is gone; where one lives, this process is not needed. */
server.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') process.exit(1);
  connect(path)
    .on('connect', () => process.exit(0))
    .on('error', () => {
      unlinkSync(path);
      server.listen(path);
    });
});
server.listen(path);
