// The process that keeps the programs warm for `art cc`: it answers commands
// until it has had none for a while.
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
/** How long a client may take to send its request, to say GO, and to read its answer. */
const CLIENT_MS = 10_000;
/** So often it looks whether its name is still its own. */
const WATCH_MS = 2000;
/** What ended servers left is removed when it is so old. */
const REMAINS_MS = 24 * 3600 * 1000;
/** A build has as many commands at once as it has jobs; the rest do without. */
const MAX_CONNECTIONS = 256;
/** Workers of builds at once; a command that finds more does its work itself. */
const MAX_WORKERS = Math.max(8, 4 * availableParallelism());
/** How often it looks at a worker's current tool and output. */
const LOOK_MS = 100;
/** Without work for so long it ends its threads, and then holds no more memory than that. */
const REST_MS = 10_000;
const FORGET_MS = 30_000;
const MAX_IDLE_BYTES = 250e6;
const O_PATH = 0o10000000; // open(2); the same on x86_64 and aarch64
const OWN_UMASK = 0o077; // of the socket

type AnyRequest = CompileRequest | CommandRequest;
type AnyResult = CompileResult | CommandResult;

/** What the workers of a toolchain have together. */
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
/** What it works on. */
const works = new Set<Work>();
let workers = 0;
const sessions = new Map<string, OpenSession>();
let idle = setTimeout(retire, idleMs);
let resting: NodeJS.Timeout | undefined;
let running = 0;
const since = new Date().toISOString();
/** It has read and compiled the programs. */
let isWarm = false;
/** What `mark` gave when the name was this process's. */
let own: string | undefined;

/** What tells the servers apart that have the name one after another. */
function mark(path: string): string | undefined {
  try {
    return HAS_PROC ? readlinkSync(path) : String(lstatSync(path).ino);
  } catch {
    return undefined;
  }
}

/** Sees what happens to the socket's first name. */
let watcher: FSWatcher | undefined;
let changes = 0;

const isOwn = () => own !== undefined && mark(link) === own;

/** Runs compiler commands, as many at once as there are processors. */
function openPool() {
  const openToolchain: Platform['openToolchain'] = (mounts, targets) => threads.open(mounts, targets);
  return openCommandPool(
    { ...nodePlatform, openToolchain },
    availableParallelism(),
    parseTargets([...DEFAULT_TARGETS]),
  );
}

/** Takes no more commands, and ends when the last one is answered. */
function retire(): void {
  clearTimeout(idle);
  server.close();
  retireName();
  if (running === 0) process.exit(0);
}

/** Lets the next client start another. */
function retireName(): void {
  if (isOwn()) rmSync(link, { force: true });
}

/** Ends the threads, which are soon started again. */
async function rest(): Promise<void> {
  await threads.shrink();
  collectGarbage();
  if (running === 0) resting = setTimeout(() => void forget(), FORGET_MS - REST_MS);
}

/** Where it holds too much all the same, forgets the program: V8 has compiled more of it the more units there were. */
async function forget(): Promise<void> {
  if (process.memoryUsage.rss() <= MAX_IDLE_BYTES) return;
  await threads.forget();
  pool = openPool();
  isWarm = false;
  collectGarbage();
  // What allocators keep to themselves only ending gives back.
  if (running === 0 && process.memoryUsage.rss() > MAX_IDLE_BYTES) retire();
}

/** Gives what `begin` calls back with; throws where the client goes, or takes too long. */
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

/** Reads a request; no more of it than belongs to one, and nothing before the secret is right. */
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

/** Asks whether the client still wants the command's files, for by now it may be doing the command itself. */
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

/** Does what a client wants. @throws where it is none, or goes before it has its answer */
async function serve(socket: Socket): Promise<void> {
  const request = await receive(socket);
  if (request.program === STATUS || request.program === STOP) return answerAboutItself(request, socket);
  clearTimeout(idle);
  clearTimeout(resting);
  running++;
  // One that is not read is enough.
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

/** Answers a command. */
async function answer(request: Request, socket: Socket, beat: () => void, endBeats: () => void): Promise<void> {
  beat();
  const response = await run(request, socket);
  endBeats();
  await reply(socket, response);
}

function reply(socket: Socket, { status, stdout, stderr }: Response): Promise<void> {
  const errors = Buffer.from(stderr);
  socket.write(answerHead(status, stdout.length, errors.length));
  socket.write(stdout);
  return inTime<void>(socket, (done) => socket.end(errors, done));
}

/** Says what it works on; that is no work, and does not keep it from ending. */
async function answerAboutItself({ program }: Request, socket: Socket): Promise<void> {
  const { pid } = process;
  const memory = process.memoryUsage.rss();
  const status: Status = { pid, since, memory, threads: threads.count, work: [...works] };
  if (program === STOP) retireName();
  await reply(socket, { status: 0, stdout: Buffer.from(JSON.stringify(status)), stderr: '' });
  if (program === STOP) retire();
}

/** Compiles for a client until it goes. @throws where it sends what is no request */
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

/** Answers one request after another until the connection ends. */
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

/** Lets a worker do what its client asks, and tells the client meanwhile its current tool and output. */
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
    // Nobody is given what other programs than the pinned ones made.
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
  // Of a connection that cannot be taken, such as for want of descriptors; before there is a name, of the socket.
  if (own === undefined) process.exit(1);
});

/** Gives the socket its name, in one step; where another server has it, that one will find out and end. */
function publish(): void {
  const path = join(folder, temporary);
  try {
    if (HAS_PROC) publishHandle(path, openSync(path, O_PATH));
    else nameIs(path);
  } catch {
    process.exit(1);
  }
}

/** Removes the name of the socket, so that it is reached by a handle of this process only. */
function publishHandle(path: string, handle: number): void {
  const next = `${path}.link`;
  rmSync(path);
  symlinkSync(`/proc/${readlinkSync('/proc/self')}/fd/${handle}`, next);
  // By now the folder's changes are told in their order. The socket came and went; if more happened to its name, somebody
  // may have put a socket of his own in its place before it was opened, and would be asked instead.
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
  // By a handle on the folder: its path may be longer than a socket's can be.
  server.listen(HAS_PROC ? `/proc/self/fd/${openSync(folder, 'r')}/${temporary}` : join(folder, temporary));
}

const other = findServer(link);
// What starting did to this process's rights may make it another than its clients (capabilities(7)).
if (basename(link) !== serverName() || other === 'occupied') process.exit(1);
// Somebody started it by hand.
if (HAS_PROC && secret.length === 0) process.exit(1);
if (other) {
  connect(other.path)
    .on('connect', () => process.exit(0)) // there is a server, and this one is not needed
    .on('error', listen);
} else listen();
