// How `art cc` speaks to the resident process: one connection a command.
//
//   client: <secret> <size of the words> <size of stdin>\n, the words, each ended by a zero byte, and stdin
//   server: starting\n, where it is about to read and compile the programs and can say nothing else meanwhile
//   server: alive\n, at once and every half second until it answers
//   server: ready\n, where the command writes files        client: one byte, GO
//   server: <status> <size of stdout> <size of stderr>\n, stdout, stderr
//
// Requests of three other names are for the process itself:
//
//   WORKER  compiles for a command that does all else itself. Its stdin is a Session. From then on both send messages,
//           `<kind>\n` or `<kind> <size>\n` and so many bytes, which hold what v8.serialize makes of a value:
//           server: `starting` or `alive`, as above; `ready`, when the programs are compiled
//           client: `request`: a CompileRequest or a CommandRequest; the next one when this is answered
//           server: `seen`: the worker's current tool and last output, where they have changed; `answer`: the result
//           Either ends the connection at any time. Nothing was written then, so the client can do the work itself.
//           A server that has too much to do answers the request with `busy` and ends the connection.
//   STATUS  is answered like a command: what it prints is a Status, in JSON.
//   STOP    as well; the server takes nothing more, and ends when its work is done.
//
// Sizes are in bytes. Without GO nothing is written, so a client that gave up before can do the command itself; after it
// nobody else may, since it may be one that cannot be done twice, such as `ar q`.
import { isAbsolute } from 'node:path';
import type { Mount } from '../../platform/types.js';
import { INSTALLATION, VIEW } from './identity.js';

/** A command, as the client was given it. */
export interface Request {
  program: string;
  args: readonly string[];
  directory: string;
  stdin: Uint8Array;
  /** Those of VARIABLES that are set. */
  env: Readonly<Record<string, string>>;
  color: boolean;
  umask: number;
}

/** Names of requests that are for the process itself; no program is called so. */
export const WORKER = '@worker';
export const STATUS = '@status';
export const STOP = '@stop';

/** What a worker is for. */
export interface Session {
  /** The same for all workers of one toolchain, and of that alone: they read a file once. */
  id: string;
  mounts: readonly Mount[];
  /** Triples that it mostly compiles for. */
  targets: readonly string[];
  /** Of the command, such as `build`. */
  command: string;
}

/** Something that the process works on. */
export interface Work {
  /** A command of art's, such as `art build`, or a compiler command with its arguments. */
  command: string;
  directory: string;
  /** The units that it compiles now, each with its target. */
  units: { unit: string; target: string }[];
}

/** What the process says of itself. */
export interface Status {
  pid: number;
  /** When it was started, in ISO 8601. */
  since: string;
  /** Bytes of memory that it holds (its resident set). */
  memory: number;
  /** Threads that compile, or wait for work. */
  threads: number;
  work: readonly Work[];
}

/** What became of it. */
export interface Response {
  status: number;
  stdout: Uint8Array;
  stderr: string;
}

/** What clang reads from the environment, and what art does. client.c has the same list. */
export const VARIABLES = [
  'CPATH',
  'C_INCLUDE_PATH',
  'CPLUS_INCLUDE_PATH',
  'LIBRARY_PATH',
  'SOURCE_DATE_EPOCH',
  'ART_TIMEOUT',
  'ART_MAX_MEMORY',
  'ART_SYSROOT',
  'ART_NO_CACHE',
  'ART_CACHE_DIR',
  'ART_CACHE_SIZE',
  'XDG_CACHE_HOME',
  'HOME',
] as const;

export const STARTING = 'starting\n';
export const ALIVE = 'alive\n';
export const READY = 'ready\n';
export const BUSY = 'busy\n';
export const GO = 'g';
/** The server says so often that it is alive. */
export const BEAT_MS = 500;

/** What Linux lets a command line and an environment have at most is 6 MiB; response files may make it more. client.c knows it. */
const MAX_WORDS_BYTES = 8 << 20;
const MAX_WORDS = 1 << 18;
const MAX_STDIN_BYTES = 64 << 20;
/** What Node reads of a value at most. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1;
/** Of the first line. */
export const MAX_HEAD_BYTES = 128;

/** The bytes of a request after the secret; undefined where it is too large for a server. */
export function requestBytes(request: Request): Buffer | undefined {
  const { program, directory, umask, color, env, args, stdin } = request;
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const start = [INSTALLATION, VIEW ?? '', program, directory, String(umask), color ? '1' : '0'];
  const words = [...start, ...variables, '', ...args];
  const bytes = Buffer.from(words.map((word) => `${word}\0`).join(''));
  const isBounded = words.length <= MAX_WORDS && bytes.length <= MAX_WORDS_BYTES && stdin.length <= MAX_STDIN_BYTES;
  return isBounded ? Buffer.concat([Buffer.from(` ${bytes.length} ${stdin.length}\n`), bytes, stdin]) : undefined;
}

/** The sizes in the rest of a request's first line; undefined where it is no such line, or they are too large. */
export function requestSizes(line: string): { words: number; stdin: number } | undefined {
  const match = /^ (\d{1,9}) (\d{1,9})$/.exec(line);
  const [words, stdin] = [Number(match?.[1]), Number(match?.[2])];
  if (!(words <= MAX_WORDS_BYTES && stdin <= MAX_STDIN_BYTES)) return undefined;
  return { words, stdin };
}

/** Reads what a client sent; undefined where it is none of ours, or of another identity. */
export function readRequest(bytes: Uint8Array, stdin: Uint8Array): Request | undefined {
  let count = 0;
  for (const byte of bytes) if (byte === 0) count++;
  if (count > MAX_WORDS || bytes.at(-1) !== 0) return undefined;
  const words = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length - 1)
    .toString()
    .split('\0');
  const [installation, view, program = '', directory = '', umask = '', color = '', ...rest] = words;
  if (installation !== INSTALLATION || view !== VIEW) return undefined;
  const end = rest.indexOf('');
  if (program === '' || !isAbsolute(directory) || !/^\d{1,3}$/.test(umask) || !/^[01]$/.test(color) || end < 0)
    return undefined;
  const env: Record<string, string> = {};
  for (const variable of rest.slice(0, end)) {
    const name = VARIABLES.find((known) => variable.startsWith(`${known}=`));
    if (!name) return undefined;
    env[name] = variable.slice(name.length + 1);
  }
  return {
    program,
    directory,
    umask: Number(umask) & 0o777,
    color: color === '1',
    env,
    args: rest.slice(end + 1),
    stdin: Uint8Array.from(stdin),
  };
}

/** The line before an answer's bytes. */
export const answerHead = (status: number, stdout: number, stderr: number) => `${status} ${stdout} ${stderr}\n`;

/** What such a line says; undefined where it is none. */
export function readAnswerHead(line: string): { status: number; stdout: number; stderr: number } | undefined {
  const [, status, stdout, stderr] = (/^(\d{1,3}) (\d{1,10}) (\d{1,10})$/.exec(line) ?? []).map(Number);
  return status === undefined ? undefined : { status, stdout: stdout as number, stderr: stderr as number };
}

/** A message between a worker and its client. */
export interface Message {
  kind: string;
  body: Buffer;
}

/** The bytes of a message. @throws RangeError where its body is too large */
export function messageBytes(kind: string, body: Buffer): Buffer[] {
  if (body.length > MAX_MESSAGE_BYTES) throw new RangeError('the message is too large');
  return [Buffer.from(`${kind} ${body.length}\n`), body];
}

/** Reads messages as their bytes come. */
export class MessageReader {
  #chunks: Buffer[] = [];
  #size = 0;
  #head: { kind: string; size: number } | undefined;

  /** The messages that are complete now. @throws Error where the bytes are none of ours */
  *read(chunk: Buffer): Generator<Message> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    for (;;) {
      this.#head ??= this.#readHead();
      if (!this.#head || this.#size < this.#head.size) return;
      const { kind, size } = this.#head;
      this.#head = undefined;
      yield { kind, body: this.#take(size) };
    }
  }

  #readHead(): { kind: string; size: number } | undefined {
    const bytes = Buffer.concat(this.#chunks);
    const end = bytes.indexOf('\n');
    this.#chunks = [bytes];
    if (end < 0 && bytes.length <= MAX_HEAD_BYTES) return undefined;
    const [, kind, size = '0'] =
      /^([a-z]{1,9})(?: (\d{1,10}))?$/.exec(bytes.toString('latin1', 0, Math.max(end, 0))) ?? [];
    if (kind === undefined || Number(size) > MAX_MESSAGE_BYTES) throw new Error('this is no message');
    this.#take(end + 1);
    return { kind, size: Number(size) };
  }

  #take(size: number): Buffer {
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    const rest = bytes.subarray(size);
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
    return bytes.subarray(0, size);
  }
}
