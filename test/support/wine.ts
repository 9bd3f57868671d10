// Wine, which runs programs for Windows on this machine.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { scratch } from './native.js';

/** Wine makes its folder when it first runs, which takes a minute on a slow machine. */
export const WINE_MINUTES = 10 * 60_000;

export interface WindowsResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A Windows of the tests' own, which ends with them. Call inside `describe`. */
export function windows(): (program: string, args?: readonly string[], cwd?: string) => WindowsResult {
  const prefix = join(scratch(), 'windows');
  const env = {
    ...process.env,
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    // Without these it would ask for Mono and Gecko, and put menus on a desktop.
    WINEDLLOVERRIDES: 'mscoree,mshtml=;winemenubuilder.exe=d',
    LC_ALL: 'C.UTF-8',
  };
  afterAll(() => {
    spawnSync('wineserver', ['-k'], { env });
    spawnSync('wineserver', ['-w'], { env });
  });
  let started = false;
  return (program, args = [], cwd) => {
    // One server for all programs, each of which would start one that ends with it.
    if (!started) spawnSync('wineserver', ['-p'], { env });
    started = true;
    const { status, stdout, stderr } = spawnSync('wine', [program, ...args], { env, cwd, encoding: 'utf8', input: '' });
    return { status, stdout: stdout.replaceAll('\r\n', '\n'), stderr };
  };
}
