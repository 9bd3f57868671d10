// The resident process: it keeps the wasm programs compiled and runs commands for clients, until it has had none for a
// while.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type FSWatcher,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  watch,
} from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { availableParallelism, getPriority, setPriority } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { deserialize, serialize, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openCommandPool } from '../../builder/command.js';
import { messageOf } from '../../errors.js';
import { nodePlatform } from '../../platform/node/index.js';
import { WarmThreads } from '../../platform/node/warm-threads.js';
import type { CompileWorker, Platform, Toolchain } from '../../platform/types.js';
import { DEFAULT_TARGETS, parseTargets, targetOf } from '../../targets/targets.js';
import type { CommandRequest, CommandResult, CompileRequest, CompileResult } from '../../toolchain/requests.js';
import { cacheOf, commandRequest } from './command.js';
import { findServer, HAS_PROC, SECRET_VARIABLE, serverName } from './identity.js';
import {
  ALIVE,
  answerHead,
  BEAT_MS,
  BUSY,
  GO,
  MAX_HEAD_BYTES,
  MessageReader,
  messageBytes,
  READY,
  type Request,
  type Response,
  readRequest,
  requestSizes,
  type Session,
  STARTING,
  STATUS,
  STOP,
  type Status,
  WORKER,
  type Work,
} from './protocol.js';

const IDLE_S = 180;
/** How long a client may take to send its request, to send GO, and to read its answer. */
const CLIENT_MS = 10_000;
/** Interval at which it checks that the link with its name still leads to it. */
const WATCH_MS = 2000;
/** Age at which files left by ended servers are removed. */
const REMAINS_MS = 24 * 3600 * 1000;
/**
 * A build runs as many commands at the same time as it has jobs; commands beyond this number run without the server.
 */
const MAX_CONNECTIONS = 256;
/** Number of workers that builds can have at the same time; a command that gets none compiles in its own process. */
const MAX_WORKERS = Math.max(8, 4 * availableParallelism());
/** Interval at which it reads a worker's current tool and output. */
const LOOK_MS = 100;
/**
 * After this time without work it ends its threads, and then checks that it holds no more memory than MAX_IDLE_BYTES.
 */
const REST_MS = 10_000;
const FORGET_MS = 30_000;
const MAX_IDLE_BYTES = 250e6;
const O_PATH = 0o10000000; // open(2); the same on x86_64 and aarch64
const OWN_UMASK = 0o077; // of the socket

type AnyRequest = CompileRequest | CommandRequest;
type AnyResult = CompileResult | CommandResult;

/** What the workers of a client's toolchain share. */
interface OpenSession {
  id: string;
  toolchain: Toolchain;
  workers: number;
  work: Work;
}

const [link] = process.argv.slice(2) as [string];
const folder = dirname(link);
const temporary = `${randomBytes(8).toString('hex')}.tmp`;
const secret = Buffer.from(HAS_PROC ? (process.env[SECRET_VARIABLE] ?? '') : '');

process.umask(OWN_UMASK);
if (getPriority() < 0) setPriority(0); // its first caller's
const idleMs = (Number(process.env.ART_DAEMON_IDLE) || IDLE_S) * 1000;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const threads = new WarmThreads(availableParallelism());
let pool = openPool();
/** The work that is being done. */
const works = new Set<Work>();
let workers = 0;
const sessions = new Map<string, OpenSession>();
let idle = setTimeout(retire, idleMs);
let resting: NodeJS.Timeout | undefined;
let running = 0;
const since = new Date().toISOString();
/** Whether it has read and compiled the programs. */
let isWarm = false;
/** The result of `mark` when the link was made for this process. */
let own: string | undefined;

/** Distinguishes the servers that have had the same name one after another. */
function mark(path: string): string | undefined {
  try {
    return HAS_PROC ? readlinkSync(path) : String(lstatSync(path).ino);
  } catch {
    return undefined;
  }
}

/** Watches the temporary name of the socket. */
let watcher: FSWatcher | undefined;
let changes = 0;

const isOwn = () => own !== undefined && mark(link) === own;

/** Runs compiler commands, as many at the same time as there are processors. */
function openPool() {
  const openToolchain: Platform['openToolchain'] = (mounts, targets) => threads.open(mounts, targets);
  return openCommandPool(
    { ...nodePlatform, openToolchain },
    availableParallelism(),
    parseTargets([...DEFAULT_TARGETS]),
  );
}

/** Accepts no more commands, and ends when the last one is answered. */
function retire(): void {
  clearTimeout(idle);
  server.close();
  retireName();
  if (running === 0) process.exit(0);
}

/** Removes the link, so that the next client starts another server. */
function retireName(): void {
  if (isOwn()) rmSync(link, { force: true });
}

/** Ends the threads; starting them again is fast. */
async function rest(): Promise<void> {
  await threads.shrink();
  collectGarbage();
  if (running === 0) resting = setTimeout(() => void forget(), FORGET_MS - REST_MS);
}

/** If it still holds too much memory, drops the compiled program: V8 has compiled more of it with every unit. */
async function forget(): Promise<void> {
  if (process.memoryUsage.rss() <= MAX_IDLE_BYTES) return;
  await threads.forget();
  pool = openPool();
  isWarm = false;
  collectGarbage();
  // Memory that allocators keep is freed only when the process ends.
  if (running === 0 && process.memoryUsage.rss() > MAX_IDLE_BYTES) retire();
}

/** Waits for the callback of `begin`; throws if the client disconnects or takes too long. */
function inTime<T>(socket: Socket, begin: (done: (value: T) => void) => void): Promise<T> {
  let fail = () => {};
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    fail = () => reject(new Error('the client is gone'));
    timer = setTimeout(fail, CLIENT_MS);
    socket.once('close', fail);
    if (socket.destroyed) fail();
    else begin(resolve);
  });
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off('close', fail);
  });
}

/** Reads a request. It stops at the request's end, and reads nothing before the secret is correct. */
function receive(socket: Socket): Promise<Request> {
  return inTime(socket, (done) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let sizes: ReturnType<typeof requestSizes>;
    socket.on('data', function take(chunk) {
      chunks.push(chunk);
      size += chunk.length;
      if (!sizes) {
        const bytes = Buffer.concat(chunks.splice(0));
        const end = bytes.indexOf('\n');
        if (end < 0 && size <= MAX_HEAD_BYTES) return void chunks.push(bytes);
        const [given, rest] = [bytes.subarray(0, secret.length), bytes.toString('latin1', secret.length, end)];
        if (end < secret.length || !timingSafeEqual(given, secret)) return void socket.destroy();
        sizes = requestSizes(rest);
        chunks.push(bytes.subarray(end + 1));
        size -= end + 1;
      }
      if (!sizes || size > sizes.words + sizes.stdin) return void socket.destroy();
      if (size < sizes.words + sizes.stdin) return;
      socket.off('data', take);
      const all = Buffer.concat(chunks);
      const request = readRequest(all.subarray(0, sizes.words), all.subarray(sizes.words));
      if (request) done(request);
      else socket.destroy();
    });
  });
}

/** Asks whether the client still waits for the command's files: it may have started to run the command itself. */
function askToWrite(socket: Socket): Promise<void> {
  return inTime(socket, (done) => {
    socket.once('data', (chunk) => (chunk.toString('latin1') === GO ? done() : socket.destroy()));
    socket.write(READY);
  });
}

async function run(request: Request, socket: Socket): Promise<Response> {
  const gone = new AbortController();
  const abort = () => gone.abort();
  socket.once('close', abort);
  if (socket.destroyed) abort();
  let asked: Promise<void> | undefined;
  const { program, args, directory } = request;
  const work: Work = { command: [program, ...args].join(' '), directory, units: [] };
  try {
    const write = async (file: Parameters<typeof pool.write>[0]) => {
      asked ??= askToWrite(socket);
      await asked;
      process.umask(request.umask); // it is read before write returns
      const written = pool.write(file);
      process.umask(OWN_UMASK);
      await written;
    };
    works.add(work);
    const response = await pool.run(commandRequest(request), write, gone.signal, cacheOf(request));
    isWarm = true;
    return response;
  } catch (error) {
    return { status: 1, stdout: new Uint8Array(), stderr: `art: error: ${messageOf(error)}\n` };
  } finally {
    socket.off('close', abort);
    works.delete(work);
  }
}

/** Serves a client. @throws if it is not a client of ours, or disconnects before it has its answer */
async function serve(socket: Socket): Promise<void> {
  const request = await receive(socket);
  if (request.program === STATUS || request.program === STOP) return answerAboutItself(request, socket);
  clearTimeout(idle);
  clearTimeout(resting);
  running++;
  // Sends no further sign of life while the client has not read the last one.
  const beat = () => socket.writableLength === 0 && socket.write(isWarm ? ALIVE : STARTING);
  const beats = setInterval(beat, BEAT_MS);
  try {
    if (request.program === WORKER) await serveWorker(request, socket, beat);
    else await answer(request, socket, beat, () => clearInterval(beats));
  } finally {
    clearInterval(beats);
    running--;
    if (!server.listening) retire();
    else if (running === 0) {
      idle = setTimeout(retire, idleMs);
      resting = setTimeout(() => void rest(), REST_MS);
    }
  }
}

/** Runs a command and answers. */
async function answer(request: Request, socket: Socket, beat: () => void, endBeats: () => void): Promise<void> {
  if (!isWarm) beat(); // clients are patient with a process that starts
  const response = await run(request, socket);
  endBeats();
  await reply(socket, response);
}

function reply(socket: Socket, { status, stdout, stderr }: Response): Promise<void> {
  const errors = Buffer.from(stderr);
  socket.cork();
  socket.write(answerHead(status, stdout.length, errors.length));
  socket.write(stdout);
  return inTime<void>(socket, (done) => {
    socket.end(errors, done);
    socket.uncork();
  });
}

/** Answers with its status. That does not count as work and does not delay its end. */
async function answerAboutItself({ program }: Request, socket: Socket): Promise<void> {
  const { pid } = process;
  const memory = process.memoryUsage.rss();
  const status: Status = { pid, since, memory, threads: threads.count, work: [...works] };
  if (program === STOP) retireName();
  await reply(socket, { status: 0, stdout: Buffer.from(JSON.stringify(status)), stderr: '' });
  if (program === STOP) retire();
}

/** Compiles for a client until it disconnects. @throws if it sends something that is not a request */
async function serveWorker(request: Request, socket: Socket, beat: () => void): Promise<void> {
  if (workers >= MAX_WORKERS) return void socket.end(BUSY);
  socket.pause(); // until its messages are read
  const session = sessionOf(request);
  const worker = session.toolchain.startWorker();
  workers++;
  session.workers++;
  try {
    beat();
    await worker.ready;
    isWarm = true;
    if (!socket.destroyed) socket.write(READY);
    await answerMessages(socket, (asked) => compile(worker, session, asked, socket));
  } finally {
    socket.destroy();
    await worker.terminate();
    workers--;
    if (--session.workers === 0) endSession(session);
  }
}

function sessionOf({ stdin, directory }: Request): OpenSession {
  const { id, mounts, targets, command } = deserialize(stdin) as Session;
  const known = sessions.get(id);
  if (known) return known;
  const toolchain = threads.open(
    mounts,
    targets.map(targetOf).filter((target) => target !== undefined),
  );
  const work = { command: `art ${command}`, directory, units: [] };
  const session: OpenSession = { id, toolchain, workers: 0, work };
  sessions.set(id, session);
  works.add(work);
  return session;
}

function endSession({ id, work }: OpenSession): void {
  sessions.delete(id);
  works.delete(work);
}

/** Answers requests one after another until the connection ends. */
function answerMessages(socket: Socket, work: (request: AnyRequest) => Promise<AnyResult>): Promise<void> {
  const reader = new MessageReader();
  let isAtWork = false;
  const take = async (body: Buffer) => {
    if (isAtWork) throw new Error('one request at a time');
    isAtWork = true;
    const result = await work(deserialize(body));
    isAtWork = false;
    if (!socket.destroyed) send(socket, 'answer', result);
  };
  return new Promise((resolve, reject) => {
    socket.on('data', (chunk) => {
      try {
        for (const { kind, body } of reader.read(chunk)) if (kind === 'request') take(body).catch(reject);
      } catch (error) {
        reject(error as Error);
      }
    });
    socket.once('close', () => resolve());
    if (socket.destroyed) resolve();
    else socket.resume();
  });
}

function send(socket: Socket, kind: string, value: unknown): void {
  socket.cork();
  for (const bytes of messageBytes(kind, serialize(value))) socket.write(bytes);
  socket.uncork();
}

/** Lets a worker carry out a request, and sends the client its current tool and output in the meantime. */
async function compile(
  worker: CompileWorker,
  { toolchain, work }: OpenSession,
  request: AnyRequest,
  socket: Socket,
): Promise<AnyResult> {
  let told = '';
  const looks = setInterval(() => {
    const seen = worker.seen();
    const text = JSON.stringify(seen);
    if (text === told || socket.destroyed) return;
    told = text;
    send(socket, 'seen', seen);
  }, LOOK_MS);
  const isUnit = !('program' in request);
  const unit = isUnit ? { unit: request.shown.unit.shown, target: request.triple } : undefined;
  if (unit) work.units.push(unit);
  try {
    const result = await (isUnit ? worker.compile(request) : worker.command(request));
    // Results must come from the pinned programs only.
    await toolchain.verify();
    return result;
  } finally {
    if (unit) work.units.splice(work.units.indexOf(unit), 1);
    clearInterval(looks);
  }
}

const server = createServer((socket) => {
  socket.on('error', () => socket.destroy());
  serve(socket).catch(() => socket.destroy());
});
server.maxConnections = MAX_CONNECTIONS;
server.on('listening', publish);
server.on('error', () => {
  // The error is about a connection that could not be accepted, such as for lack of descriptors; or, before the server
  // has its name, about the socket.
  if (own === undefined) process.exit(1);
});

/** Gives the socket its name in one step. If another server has the name, that one will notice and end. */
function publish(): void {
  const path = join(folder, temporary);
  try {
    if (HAS_PROC) publishHandle(path, openSync(path, O_PATH));
    else nameIs(path);
  } catch {
    process.exit(1);
  }
}

/** Removes the name of the socket, so that it can be reached only through a handle of this process. */
function publishHandle(path: string, handle: number): void {
  const next = `${path}.link`;
  rmSync(path);
  symlinkSync(`/proc/${readlinkSync('/proc/self')}/fd/${handle}`, next);
  // The events of the folder arrive in order. Expected are two: the socket was created and removed. If there were more,
  // somebody may have put a socket of their own at that name before this process opened it, and would get the requests.
  watcher?.on('change', (_, name) => {
    if (name !== basename(next) || own !== undefined) return;
    watcher?.close();
    if (changes !== 2) {
      rmSync(next, { force: true });
      process.exit(1);
    }
    nameIs(next);
  });
}

function nameIs(path: string): void {
  own = mark(path);
  renameSync(path, link);
  setInterval(() => {
    if (!isOwn()) retire();
  }, WATCH_MS);
  removeRemains();
}

function removeRemains(): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat && !stat.isDirectory() && Date.now() - stat.mtimeMs > REMAINS_MS) rmSync(path, { force: true });
  }
}

function listen(): void {
  if (HAS_PROC)
    watcher = watch(folder, (_, name) => {
      if (name === temporary) changes++;
    });
  watcher?.on('error', () => process.exit(1));
  // Through a handle on the folder, since its path may be longer than that of a socket can be.
  server.listen(HAS_PROC ? `/proc/self/fd/${openSync(folder, 'r')}/${temporary}` : join(folder, temporary));
}

const other = findServer(link);
// Starting may have changed this process's rights so that they differ from those of its clients (capabilities(7)).
if (basename(link) !== serverName() || other === 'occupied') process.exit(1);
// Without a secret it was not started by a client.
if (HAS_PROC && secret.length === 0) process.exit(1);
if (other) {
  connect(other.path)
    .on('connect', () => process.exit(0)) // there is a server, and this one is not needed
    .on('error', listen);
} else listen();
