// Compiler commands with a resident process of the tests' own, which ends with them.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll } from 'vitest';
import { scratch } from './native.js';
import { art, type CliOptions, type CliResult, REPOSITORY } from './project.js';

export interface Commands {
  /** The environment that keeps the resident process to these tests. */
  env: Record<string, string>;
  /** The folder with its name. */
  runtime: string;
  /** Runs a command, such as `cc -c x.c`. */
  run(args: string[], options?: CliOptions): CliResult;
  /** Runs a command that must succeed and print nothing on standard error. @returns its standard output */
  ok(args: string[], options?: CliOptions): string;
  /** The ids of the resident processes. */
  servers(): number[];
  /** The link with the name of the resident process, if there is one. */
  link(): string | undefined;
  /** What its clients know: the path to connect to, and the secret. */
  server(): { path: string; secret: string };
  /** Kills the resident processes. */
  endAll(): Promise<void>;
  /** Starts test/support/impostor.mjs, @param under a command that runs it */
  impostor(words: string[], then: 'end' | 'silence', under?: string[]): Promise<void>;
  /** What its client has sent. */
  heard(): Buffer;
}

/** Whether mount namespaces can be created here, which the kernel must allow for users. */
export const SANDBOX = spawnSync('unshare', ['-rm', 'true']).status === 0;

/** The words that run a command in a mount namespace in which one folder replaces another. */
export function inSandbox(folder: string, at: string): string[] {
  // cd again, since the working directory is still that of the folder below the mount.
  return [
    'unshare',
    '-rm',
    'sh',
    '-c',
    'mount --bind "$1" "$2" && cd "$PWD" && shift 2 && exec "$@"',
    'sh',
    folder,
    at,
  ];
}

/** The warning for files linked with shared libraries, on machines without musl's loader. */
const LOADER_NOTE = /^art: warning: '.*' (loads in programs of musl only|needs musl's loader)\b.*\n/gm;

/** Waits for a condition. @throws if it does not become true in time */
export async function until(condition: () => boolean, seconds = 20): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !condition(); await setTimeout(20))
    if (Date.now() > end) throw new Error('it did not come to that');
}

/** Call where tests are described; @param idle seconds until a resident process ends by itself */
export function commands(idle = 60): Commands {
  const runtime = join(scratch(), 'run');
  mkdirSync(runtime, { mode: 0o700 });
  const env = { XDG_RUNTIME_DIR: runtime, ART_DAEMON_IDLE: String(idle), ART_NO_DAEMON: '', CI: '' };
  const servers = () => processesOf(runtime);
  const children: ChildProcess[] = [];
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    for (const pid of servers()) process.kill(pid);
  });
  const link = () => {
    const folder = join(runtime, `art-${process.getuid?.()}`);
    const name = existsSync(folder) ? readdirSync(folder).find((n) => n.endsWith('.sock')) : undefined;
    return name && join(folder, name);
  };
  const server = () => {
    const path = readlinkSync(link() as string);
    const variables = readFileSync(`${path.replace(/\/fd\/.*/, '')}/environ`, 'utf8');
    return { path, secret: /ART_RESIDENT_SECRET=(\w+)/.exec(variables)?.[1] as string };
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
  const HEARD = join(runtime, 'heard');
  const impostor: Commands['impostor'] = async (words, then, under = []) => {
    if (!link()) ok(['cc', '--version']);
    const LINK = link() as string;
    await endAll();
    const [file, ...args] = [...under, process.execPath, join(REPOSITORY, 'test/support/impostor.mjs')];
    const own = { LINK, WORDS: JSON.stringify(words), THEN: then, HEARD, ART_RESIDENT_SECRET: 'impostor' };
    const child = spawn(file as string, args, {
      env: { ...process.env, ...own },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    if (String(said) !== 'ready') throw new Error('the impostor ended');
  };
  return { env, runtime, run, servers, link, server, ok, endAll, impostor, heard: () => readFileSync(HEARD) };
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
