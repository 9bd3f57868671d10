// The compilers and linkers of this machine that tests compare with.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { REPOSITORY } from './project.js';

export const TRIPLES = ['x86_64-unknown-linux-musl', 'aarch64-unknown-linux-musl'] as const;

/**
 * Whether every one of these commands is installed. CI must have them; elsewhere
 * a line says what is not tested.
 */
export function available(...commands: string[]): boolean {
  const missing = commands.filter((c) => spawnSync('sh', ['-c', `command -v ${c}`]).status !== 0);
  if (missing.length === 0) return true;
  const message = `not installed: ${missing.join(', ')}`;
  if (process.env.CI === 'true') throw new Error(message);
  console.log(`skipped, ${message}`);
  return false;
}

/** Runs a command that must succeed and gives its standard output. */
export function run(command: string, args: readonly string[], cwd = REPOSITORY): string {
  const { status, signal, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')}: ${signal ?? status}\n${stderr}${stdout}`);
  return stdout;
}

/** A folder for the tests of one file, removed after them. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'art-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Native clang, set up to see the headers that art's clang sees. Call inside `describe`. */
export function nativeClang(): (path: string, triple: string, flags: readonly string[], cwd: string) => Buffer {
  const folder = scratch();
  const sysroots = join(folder, 'sysroots');
  run('mkdir', [sysroots]);
  run('tar', ['-xzf', 'wasm/sysroot/dist/musl-headers.tar.gz', '-C', sysroots]);
  return (path, triple, flags, cwd) => {
    const object = join(folder, 'native.o');
    const sysroot = `--sysroot=${join(sysroots, triple.replace('gnu', 'musl'))}`;
    const directories = ['-fdebug-compilation-dir=.', '-fcoverage-compilation-dir=.'];
    run('clang-22', [`--target=${triple}`, sysroot, ...directories, '-w', ...flags, '-c', path, '-o', object], cwd);
    return readFileSync(object);
  };
}
