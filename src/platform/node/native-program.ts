// Runs native programs as processes: those of this machine directly, others with an emulator if there is one.
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, chmodSync, constants, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants as system, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ArtError, messageOf } from '../../errors.js';
import type { ObjectKind } from '../../formats/object.js';
import { type Listener, stopped } from './wasi-program.js';

const ARCHITECTURES: Readonly<Record<string, ObjectKind['architecture']>> = { x64: 'x86_64', arm64: 'aarch64' };
const FORMATS: Readonly<Record<string, ObjectKind['format']>> = { linux: 'ELF', darwin: 'Mach-O', win32: 'COFF' };

/** The programs that this machine runs without an emulator. */
export const machine = { architecture: ARCHITECTURES[process.arch], format: FORMATS[process.platform] };

/** A request to run a program. */
export interface NativeRequest {
  /** The path of the program, or its bytes. */
  program: string | Uint8Array;
  kind: ObjectKind;
  /** Its name in messages. */
  shown: string;
  args: readonly string[];
  /** Environment variables, in addition to those of this process. */
  env: Readonly<Record<string, string>>;
  /** Its standard input; null if it uses standard input, output and error of this process. */
  stdin: Uint8Array | null;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** A shell's exit status for a program that a signal ended is this plus the signal's number. */
const BY_SIGNAL = 128;

/**
 * Runs a program and waits for its end.
 * @returns its exit status, or 128 plus the number of the signal that ended it
 * @throws ArtError CANNOT_RUN; CANCELLED
 */
export async function runNative(request: NativeRequest, listener: Listener): Promise<number> {
  if (listener.signal?.aborted) throw stopped();
  const emulator = emulatorFor(request);
  if (typeof request.program === 'string') return runFile(request.program, emulator, request, listener);
  const folder = mkdtempSync(join(tmpdir(), 'art-run-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  try {
    const file = join(folder, request.kind.format === 'COFF' ? 'program.exe' : 'program');
    writeFileSync(file, request.program, { mode: 0o700 });
    chmodSync(file, 0o700);
    return await runFile(file, emulator, request, listener);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

async function runFile(
  file: string,
  emulator: readonly string[],
  { args, env, shown, stdin }: NativeRequest,
  { onStdout, onStderr, signal }: Listener,
): Promise<number> {
  if (emulator.length === 0) checkExecutable(file, shown);
  const [command = '', ...words] = [...emulator, file, ...args];
  const child = spawn(command, words, {
    env: { ...process.env, ...env },
    stdio: stdin ? 'pipe' : 'inherit',
  });
  child.stdout?.on('data', (bytes: Uint8Array) => onStdout?.(bytes));
  child.stderr?.on('data', (bytes: Uint8Array) => onStderr?.(bytes));
  child.stdin?.on('error', () => {}); // it need not read all of it
  child.stdin?.end(stdin);
  let isStopped = false;
  const stop = () => {
    isStopped = true;
    child.kill('SIGKILL');
  };
  signal?.addEventListener('abort', stop);
  try {
    const status = await passingSignals(child, () => endOf(child, shown));
    if (isStopped) throw stopped();
    return status;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function endOf(child: ChildProcess, shown: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', (cause) =>
      reject(
        new ArtError('CANNOT_RUN', `cannot start '${shown}' (${messageOf(cause)}): ${adviceFor(cause)}`, { cause }),
      ),
    );
    child.on('close', (code, signal) => resolve(code ?? BY_SIGNAL + (signal ? system.signals[signal] : 0)));
  });
}

function adviceFor(error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT'
    ? 'the loader that it names is not on this machine; link it without shared libraries'
    : 'allow it to be run here';
}

/** Passes signals to the program, which decides what to do. */
async function passingSignals<T>(child: ChildProcess, run: () => Promise<T>): Promise<T> {
  const pass = (signal: NodeJS.Signals) => {
    // A terminal sends Ctrl-C to both.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, pass);
  try {
    return await run();
  } finally {
    for (const signal of SIGNALS) process.off(signal, pass);
  }
}

function checkExecutable(file: string, shown: string): void {
  try {
    accessSync(file, constants.X_OK);
  } catch (cause) {
    throw new ArtError('CANNOT_RUN', `'${shown}' may not be run: chmod +x '${shown}'`, { cause });
  }
}

/**
 * The command that runs the program here; empty if this machine runs it directly.
 * @throws ArtError CANNOT_RUN
 */
function emulatorFor({ kind: { format, architecture }, shown }: NativeRequest): readonly string[] {
  if (format === machine.format && (architecture === machine.architecture || architecture === undefined)) return [];
  const found = (names: readonly string[]) => names.map(find).find((path) => path !== undefined);
  if (format === 'ELF' && process.platform === 'linux') {
    const names = [`qemu-${architecture}-static`, `qemu-${architecture}`];
    const qemu = architecture && found(names);
    if (qemu) return [qemu];
    throw new ArtError(
      'CANNOT_RUN',
      architecture
        ? `'${shown}' is for ${architecture}, and this machine is ${machine.architecture ?? process.arch}: install qemu (qemu-user-static), whose ${names.join(' or ')} runs it`
        : `'${shown}' is for a machine that art does not know: run it there`,
    );
  }
  if (format === 'COFF' && process.platform !== 'win32') {
    const wine = found(['wine', 'wine64']);
    if (wine) return [wine];
    throw new ArtError('CANNOT_RUN', `'${shown}' is a program for Windows: install wine, which runs it`);
  }
  const systems = { ELF: 'Linux', COFF: 'Windows', 'Mach-O': 'macOS', WebAssembly: 'WASI' };
  throw new ArtError(
    'CANNOT_RUN',
    `'${shown}' is a program for ${systems[format]} on ${architecture ?? 'another machine'}: run it there`,
  );
}

/** The path of a command, if this machine has it. */
function find(command: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, command);
    try {
      accessSync(path, constants.X_OK);
      if (folder !== '' && statSync(path).isFile()) return path;
    } catch {} // not there
  }
  return undefined;
}
