// Compiler commands with a resident process of the tests' own, which ends with them.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll } from 'vitest';
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
  const run = (args: string[], options: CliOptions = {}) => art(args, { ...options, env: { ...env, ...options.env } });
  return {
    env,
    runtime,
    run,
    servers,
    ok(args, options) {
      const { status, stdout, stderr } = run(args, options);
      if (status !== 0 || stderr !== '') throw new Error(`art ${args.join(' ')}: ${status}\n${stderr}`);
      return stdout;
    },
  };
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
