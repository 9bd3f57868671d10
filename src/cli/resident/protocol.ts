// The protocol between `art cc` and the resident process: one connection for each command.
//
//   client: <secret> <size of the words> <size of stdin>\n, the words, each ended by a zero byte, and stdin
//   server: starting\n, if it has to read and compile the programs first and can send nothing else during that time
//   server: alive\n, every half second until it answers
//   server: ready\n, if the command writes files        client: one byte, GO
//   server: <status> <size of stdout> <size of stderr>\n, stdout, stderr
//
// Requests with three other names are for the process itself:
//
//   WORKER  compiles for a command that does everything else itself. Its stdin is a Session. After it both sides send
//           messages, `<kind>\n` or `<kind> <size>\n` and that many bytes, which v8.serialize has made of a value:
//           server: `starting` or `alive`, as above and at once; `ready`, when the programs are compiled
//           client: `request`: a CompileRequest or a CommandRequest; the next one after this one is answered
//           server: `seen`: the worker's current tool and last output, if they have changed; `answer`: the result
//           Either side may close the connection at any time. Nothing has been written then, so the client can do the
//           work itself. A server that has too much to do answers the request with `busy` and closes the connection.
//   STATUS  is answered like a command; its stdout is a Status, in JSON.
//   STOP    is answered like STATUS; the server then accepts nothing more, and ends when its work is done.
//
// Sizes are in bytes. The server writes files only after GO, so a client that gave up before can run the command itself.
// After GO it must not, since the command may be one that must not be done twice, such as `ar q`.
import { isAbsolute } from 'node:path';
import type { Mount } from '../../platform/types.js';
import { INSTALLATION, VIEW } from './identity.js';

/** A command, as the client received it. */
export interface Request {
  program: string;
  args: readonly string[];
  directory: string;
  stdin: Uint8Array;
  /** The variables of VARIABLES that are set. */
  env: Readonly<Record<string, string>>;
  color: boolean;
  umask: number;
}

/** Names of requests to the process itself. No program has such a name. */
export const WORKER = '@worker';
export const STATUS = '@status';
export const STOP = '@stop';

/** Tells the server what a worker is used for. */
export interface Session {
  /** Identifies a toolchain of a client. Its workers share what they have read, so each file is read once. */
  id: string;
  mounts: readonly Mount[];
  /** The triples that it mostly compiles for. */
  targets: readonly string[];
  /** Name of the command, such as `build`. */
  command: string;
}

/** A piece of work of the process. */
export interface Work {
  /** A command of art, such as `art build`, or a compiler command with its arguments. */
  command: string;
  directory: string;
  /** The units that are being compiled, each with its target. */
  units: { unit: string; target: string }[];
}

/** The status of the process. */
export interface Status {
  pid: number;
  /** When it started, in ISO 8601. */
  since: string;
  /** Its memory in bytes (resident set size). */
  memory: number;
  /** Number of threads that compile or wait for work. */
  threads: number;
  work: readonly Work[];
}

/** The result of a command. */
export interface Response {
  status: number;
  stdout: Uint8Array;
  stderr: string;
}

/** The environment variables that clang and art read. client.c has the same list. */
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
/** Interval at which the server sends a sign of life. */
export const BEAT_MS = 500;

/**
 * Linux limits a command line with its environment to 6 MiB; response files can make it larger. client.c has the same
 * limit.
 */
const MAX_WORDS_BYTES = 8 << 20;
const MAX_WORDS = 1 << 18;
const MAX_STDIN_BYTES = 64 << 20;
/** The largest value that Node can deserialise. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1;
/** The largest length of the first line of a request. */
export const MAX_HEAD_BYTES = 128;

/** The bytes of a request after the secret; undefined if it is too large for a server. */
export function requestBytes(request: Request): Buffer | undefined {
  const { program, directory, umask, color, env, args, stdin } = request;
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const start = [INSTALLATION, VIEW ?? '', program, directory, String(umask), color ? '1' : '0'];
  const words = [...start, ...variables, '', ...args];
  const bytes = Buffer.from(words.map((word) => `${word}\0`).join(''));
  const isBounded = words.length <= MAX_WORDS && bytes.length <= MAX_WORDS_BYTES && stdin.length <= MAX_STDIN_BYTES;
  return isBounded ? Buffer.concat([Buffer.from(` ${bytes.length} ${stdin.length}\n`), bytes, stdin]) : undefined;
}

/** Parses the sizes in the first line of a request; undefined if it is not such a line, or if they are too large. */
export function requestSizes(line: string): { words: number; stdin: number } | undefined {
  const match = /^ (\d{1,9}) (\d{1,9})$/.exec(line);
  const [words, stdin] = [Number(match?.[1]), Number(match?.[2])];
  if (!(words <= MAX_WORDS_BYTES && stdin <= MAX_STDIN_BYTES)) return undefined;
  return { words, stdin };
}

/** Parses the bytes of a request; undefined if they are not a request, or one for another identity. */
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

/** The line before the bytes of an answer. */
export const answerHead = (status: number, stdout: number, stderr: number) => `${status} ${stdout} ${stderr}\n`;

/** Parses such a line; undefined if it is not one. */
export function readAnswerHead(line: string): { status: number; stdout: number; stderr: number } | undefined {
  const [, status, stdout, stderr] = (/^(\d{1,3}) (\d{1,10}) (\d{1,10})$/.exec(line) ?? []).map(Number);
  return status === undefined ? undefined : { status, stdout: stdout as number, stderr: stderr as number };
}

/** A message between a worker and its client. */
export interface Message {
  kind: string;
  body: Buffer;
}

/** The bytes of a message. @throws RangeError if its body is too large */
export function messageBytes(kind: string, body: Buffer): Buffer[] {
  if (body.length > MAX_MESSAGE_BYTES) throw new RangeError('the message is too large');
  return [Buffer.from(`${kind} ${body.length}\n`), body];
}

/** Parses messages from bytes that arrive in chunks. */
export class MessageReader {
  #chunks: Buffer[] = [];
  #size = 0;
  #head: { kind: string; size: number } | undefined;

  /** Adds a chunk and returns the messages that are now complete. @throws Error if the bytes are not messages */
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
