// Wine, which runs programs for Windows on this machine.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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
export function windows(): (
  program: string,
  args?: readonly string[],
  cwd?: string,
  variables?: Readonly<Record<string, string>>,
) => WindowsResult {
  const folder = scratch();
  const prefix = join(folder, 'windows');
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
  return (program, args = [], cwd, variables = {}) => {
    // One server for all programs, each of which would start one that ends with it.
    if (!started) spawnSync('wineserver', ['-p'], { env });
    started = true;
    // Into files: Node for Windows takes wine's pipes for something else.
    const [out, err] = [join(folder, 'stdout'), join(folder, 'stderr')];
    const command = `exec wine "$@" </dev/null >'${out}' 2>'${err}'`;
    const { status } = spawnSync('sh', ['-c', command, 'sh', program, ...args], { env: { ...env, ...variables }, cwd });
    const text = (path: string) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
    return { status, stdout: text(out), stderr: text(err) };
  };
}
