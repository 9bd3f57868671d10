// Compiler commands with a resident process of the tests' own, which ends with them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, onTestFinished } from 'vitest';
import { scratch } from './native.js';
import { art, type CliOptions, type CliResult } from './project.js';

export interface Commands {
  /** The environment that keeps the resident process to these tests. */
  env: Record<string, string>;
  /** Where its socket lies. */
  runtime: string;
  /** Runs a command, such as `cc -c x.c`. */
  run(args: string[], options?: CliOptions): CliResult;
  /** Runs one that must succeed in silence, and gives its standard output. */
  ok(args: string[], options?: CliOptions): string;
  /** The ids of the resident processes. */
  servers(): number[];
  /** The resident process's socket, where there is one. */
  socket(): string | undefined;
  /** Kills the resident processes. */
  endAll(): Promise<void>;
  /** Takes the place of the resident process for one connection, which it ends after these words. */
  impostor(words: string): Promise<void>;
}

/** Said of what is linked with shared libraries, on machines without musl's loader. */
const LOADER_NOTE = /^art: warning: '.*' (loads in programs of musl only|needs musl's loader)\b.*\n/gm;

/** @throws where it does not come to that */
export async function until(condition: () => boolean, seconds = 20): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !condition(); await setTimeout(20))
    if (Date.now() > end) throw new Error('it did not come to that');
}

/** Call where tests are described; @param idle seconds until a resident process ends by itself */
export function commands(idle = 60): Commands {
  const runtime = join(scratch(), 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const env = { XDG_RUNTIME_DIR: runtime, ART_DAEMON_IDLE: String(idle) };
  const servers = () => processesOf(runtime);
  afterAll(() => {
    for (const pid of servers()) process.kill(pid);
  });
  const socket = () => {
    const folder = join(runtime, `art-${process.getuid?.()}`);
    const name = existsSync(folder) ? readdirSync(folder).find((n) => n.endsWith('.sock')) : undefined;
    return name && join(folder, name);
  };
  const endAll = async () => {
    for (const pid of servers()) process.kill(pid, 'SIGKILL');
    await until(() => servers().length === 0);
  };
  const run = (args: string[], options: CliOptions = {}) => art(args, { ...options, env: { ...env, ...options.env } });
  const ok = (args: string[], options?: CliOptions) => {
    const { status, stdout, stderr } = run(args, options);
    if (status !== 0 || stderr.replace(LOADER_NOTE, '') !== '')
      throw new Error(`art ${args.join(' ')}: ${status}\n${stderr}`);
    return stdout;
  };
  const impostor = async (words: string) => {
    await endAll();
    const old = socket();
    if (old) rmSync(old);
    ok(['cc', '--version']);
    const path = socket() as string;
    await endAll();
    rmSync(path, { force: true });
    const server = createServer((connection) => {
      server.close();
      connection.on('error', () => {}).once('data', () => connection.end(words));
    });
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(path, resolve));
  };
  return { env, runtime, run, servers, socket, ok, endAll, impostor };
}

function processesOf(runtime: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandLine(pid).includes(`\0${runtime}/`));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // it ended meanwhile
  }
}
