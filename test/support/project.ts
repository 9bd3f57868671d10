import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { onTestFinished } from 'vitest';

/** The repository. */
export const REPOSITORY = resolve(import.meta.dirname, '../..');

/** A new folder with these files, removed when the test is over. */
export function project(files: Record<string, string | Uint8Array>): string {
  const root = mkdtempSync(join(tmpdir(), 'art-test-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
  return root;
}

export interface CliResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** The Node binary to run it with. */
  node?: string;
  /** A command that runs the command, such as `setpriv`. */
  under?: string[];
  /** Its standard input. Default: empty. */
  input?: string;
}

/**
 * Compiler commands. Tests run many of them, as users do, in the resident process. vitest.config.ts keeps all others
 * from it.
 */
const COMPILER_COMMANDS = /^(cc|c\+\+|ar|ranlib|nm|strip|objcopy|dlltool|clang-scan-deps)$/;

function commandLine(args: string[], { cwd, env, node, under }: CliOptions) {
  const { CI: _, FORCE_COLOR: __, NO_COLOR: ___, SOURCE_DATE_EPOCH: ____, ...own } = process.env;
  const [file, ...rest] = [...(under ?? []), node ?? process.execPath, join(REPOSITORY, 'dist/cli/main.js'), ...args];
  const alone = COMPILER_COMMANDS.test(args[0] ?? '') ? { ART_NO_DAEMON: '' } : {};
  return { file: file as string, args: rest, options: { cwd: cwd ?? REPOSITORY, env: { ...own, ...alone, ...env } } };
}

/** Runs the `art` command as a user would, and waits for it. */
export function art(args: string[], options: CliOptions = {}): CliResult {
  const line = commandLine(args, options);
  const { status, stdout, stderr } = spawnSync(line.file, line.args, {
    ...line.options,
    input: options.input ?? '',
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, stdout, stderr };
}

/** Starts the `art` command without waiting for it; it is killed when the test is over. */
export function startArt(args: string[], options: CliOptions = {}): ChildProcess {
  const line = commandLine(args, options);
  const child = spawn(line.file, line.args, { ...line.options, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

export const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

/** The digests of the two files of an artifact. */
export function digests(artifact: string): { manifest: string; archive: string } {
  const digest = (name: string) => sha256(readFileSync(join(artifact, name)));
  return { manifest: digest('artifact.json'), archive: digest('artifact.tar.gz') };
}

/** Unpacks an artifact's archive with the system's tar and gives the folder. */
export function unpack(artifact: string): string {
  const folder = project({});
  const { status, stderr } = spawnSync('tar', ['-xzf', join(artifact, 'artifact.tar.gz'), '-C', folder], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return folder;
}

export function manifestOf(
  artifact: string,
): { entries: { path: string; sha256: string }[] } & Record<string, unknown> {
  return JSON.parse(readFileSync(join(artifact, 'artifact.json'), 'utf8'));
}
