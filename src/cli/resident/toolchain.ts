// A toolchain whose compilers run in the resident process. Planning, reading and writing files, the terminal, signals
// and keys stay in the command's own process. If the resident process cannot do a request or does not answer, the
// command does it itself.
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import { openToolchainsWith } from '../../platform/node/index.js';
import { openNodeToolchain } from '../../platform/node/toolchain.js';
import type { CompileWorker, Mount, Toolchain } from '../../platform/types.js';
import type { Target } from '../../targets/targets.js';
import type { CommandRequest, CompileRequest, ResultOf } from '../../toolchain/requests.js';
import type { Seen } from '../../toolchain/trace.js';
import { MISSED_BEATS, MISSED_BEATS_PATIENT, reachResident, requestOf } from './client.js';
import type { Server } from './identity.js';
import { BEAT_MS, MessageReader, messageBytes, type Session, WORKER } from './protocol.js';

/** The patience with a process that already works for this command: waiting for it costs less than starting again. */
const MISSED_BEATS_AT_WORK = 10_000 / BEAT_MS;

type AnyRequest = CompileRequest | CommandRequest;

/** Paths that mean something else in another process (proc(5)). */
const OWN_FILES = /(^|[=,:@])\/(proc\/|dev\/(fd|std|tty))/;

/**
 * Makes the toolchains of this process compile in the resident process, unless ART_NO_DAEMON is set. In CI a running
 * process is used, but none is started unless ART_DAEMON is set.
 * @param command its name, for `art daemon status`
 */
export function compileInResident(command: string, { ART_NO_DAEMON, ART_DAEMON, CI }: NodeJS.ProcessEnv): void {
  if (ART_NO_DAEMON) return;
  const isCI = CI !== undefined && !/^(|0|false)$/i.test(CI);
  const starts = !isCI || isSet(ART_DAEMON);
  openToolchainsWith((mounts, targets) => new ResidentToolchain(mounts, targets, command, starts));
}

const isSet = (value: string | undefined) => value !== undefined && !/^(|0|false)$/i.test(value);

class ResidentToolchain implements Toolchain {
  readonly #request;
  readonly #workers = new Set<ResidentWorker>();
  readonly #own: Toolchain;
  /** Whether the process was found or started. One worker does it; the others wait for the result. */
  #found: Promise<boolean> | undefined;

  constructor(
    readonly mounts: readonly Mount[],
    targets: readonly Target[],
    command: string,
    readonly starts: boolean,
  ) {
    this.#own = openNodeToolchain(mounts, targets);
    const session: Session = { id: randomUUID(), mounts, targets: targets.map(({ triple }) => triple), command };
    this.#request = requestOf(WORKER, serialize(session));
  }

  startWorker(): CompileWorker {
    const worker = new ResidentWorker(this.#connect(), () => this.#own.startWorker());
    this.#workers.add(worker);
    return worker;
  }

  /** For this process; the resident one works for others, too. */
  expectLittle(): void {
    this.#own.expectLittle?.();
  }

  async #connect(): Promise<Connection | undefined> {
    // Each process has its own version of this directory.
    if (this.mounts.some(({ host }) => OWN_FILES.test(`${host}/`))) return undefined;
    const reach = () => reachResident(this.#request, openConnection, this.starts);
    if (this.#found) return (await this.#found) ? reach() : undefined;
    const first = reach();
    this.#found = first.then((connection) => connection !== undefined);
    return first;
  }

  async verify(): Promise<void> {
    // The resident process checks its programs before it answers anything.
    await this.#own.verify();
  }

  async close(): Promise<void> {
    for (const worker of this.#workers) void worker.terminate();
    this.#workers.clear();
    await this.#own.close();
  }
}

/** A worker in the resident process, replaced by one in this process as soon as that does not answer. */
class ResidentWorker implements CompileWorker {
  readonly ready: Promise<void>;
  readonly #connected: Promise<Connection | undefined>;
  #connection: Connection | undefined;
  #own: CompileWorker | undefined;
  #isEnded = false;

  constructor(
    connected: Promise<Connection | undefined>,
    readonly here: () => CompileWorker,
  ) {
    this.#connected = connected.then((connection) => {
      this.#connection = connection;
      if (this.#isEnded) connection?.end();
      return connection;
    });
    this.ready = this.#connected.then(
      (connection) => connection?.ready.catch(() => this.#here().ready) ?? this.#here().ready,
    );
    this.ready.catch(() => {}); // whoever compiles reports it
  }

  compile(request: CompileRequest) {
    return this.#ask(request, (worker) => worker.compile(request));
  }

  command(request: CommandRequest) {
    return this.#ask(request, (worker) => worker.command(request));
  }

  async #ask<R extends AnyRequest>(
    request: R,
    here: (worker: CompileWorker) => Promise<ResultOf<R>>,
  ): Promise<ResultOf<R>> {
    const connection = await this.#connected;
    const isOurs = 'program' in request && request.args.some((arg) => OWN_FILES.test(arg));
    if (connection && !isOurs && !this.#own) {
      const answer = await connection.ask(request);
      if (answer) return answer;
    }
    return here(this.#here());
  }

  /** @throws Error if it was terminated */
  #here(): CompileWorker {
    if (this.#isEnded) throw new Error('the worker was ended');
    this.#own ??= this.here();
    return this.#own;
  }

  seen(): Seen {
    return this.#own?.seen() ?? this.#connection?.seen ?? { program: undefined, stderr: '' };
  }

  async terminate(): Promise<void> {
    this.#isEnded = true;
    this.#connection?.end();
    await this.#own?.terminate();
  }
}

/** @returns the connection, after the process has accepted the request */
function openConnection(
  { path, secret }: Server,
  request: Buffer,
): Promise<Connection | 'gone' | 'silent' | undefined> {
  const connection = new Connection(connect(path));
  connection.begin(secret, request);
  return connection.taken;
}

/** A connection to a worker in the resident process. It is closed if there are no signs of life. */
class Connection {
  seen: Seen = { program: undefined, stderr: '' };
  /** Resolves when the process has answered; undefined if it has too much to do. */
  readonly taken: Promise<Connection | 'gone' | 'silent' | undefined>;
  /** Resolves when it has compiled the programs; rejects if that fails. */
  readonly ready: Promise<void>;
  readonly #reader = new MessageReader();
  readonly #beats: NodeJS.Timeout;
  #take: (outcome: Connection | 'gone' | 'silent' | undefined) => void = () => {};
  #begin: () => void = () => {};
  #fail: (error: Error) => void = () => {};
  #answer: ((result: unknown) => void) | undefined;
  #missed = 0;
  #isStarting = false;
  #isTaken = false;
  #isOver = false;

  constructor(readonly socket: Socket) {
    this.taken = new Promise((resolve) => {
      this.#take = resolve;
    });
    this.ready = new Promise((resolve, reject) => {
      [this.#begin, this.#fail] = [resolve, reject];
    });
    this.ready.catch(() => {});
    this.#beats = setInterval(() => this.#beat(), BEAT_MS);
    socket.on('error', () => this.end());
    socket.on('close', () => this.end());
    socket.on('data', (chunk) => this.#receive(chunk));
  }

  begin(secret: string, request: Buffer): void {
    this.socket.on('connect', () => {
      this.socket.cork();
      this.socket.write(secret);
      this.socket.write(request);
      this.socket.uncork();
    });
  }

  /** @returns undefined if there is no answer */
  ask<R extends AnyRequest>(request: R): Promise<ResultOf<R> | undefined> {
    return new Promise((resolve) => {
      if (this.#isOver) return resolve(undefined);
      this.#answer = resolve as (result: unknown) => void;
      this.seen = { program: undefined, stderr: '' };
      try {
        this.socket.cork();
        for (const bytes of messageBytes('request', serialize(request))) this.socket.write(bytes);
        this.socket.uncork();
      } catch {
        this.end(); // it is larger than can be sent
      }
    });
  }

  end(how: 'gone' | 'silent' = 'gone'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearInterval(this.#beats);
    this.socket.destroy();
    this.#take(how);
    this.#fail(new Error('the resident process is gone'));
    this.#answer?.(undefined);
  }

  #beat(): void {
    const patience = this.#isStarting ? MISSED_BEATS_PATIENT : this.#isTaken ? MISSED_BEATS_AT_WORK : MISSED_BEATS;
    if (++this.#missed > patience) this.end('silent');
  }

  #receive(chunk: Buffer): void {
    this.#missed = 0;
    try {
      for (const { kind, body } of this.#reader.read(chunk)) this.#act(kind, body);
    } catch {
      this.end();
    }
  }

  #act(kind: string, body: Buffer): void {
    this.#isStarting = kind === 'starting';
    if (kind === 'busy') {
      this.#take(undefined);
      this.end();
      return;
    }
    this.#isTaken = true;
    this.#take(this);
    if (kind === 'ready') this.#begin();
    else if (kind === 'seen') this.seen = deserialize(body);
    else if (kind === 'answer') {
      const answer = this.#answer;
      this.#answer = undefined;
      answer?.(deserialize(body));
    }
  }
}
