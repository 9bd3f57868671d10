import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Brings the real sources that tests compile, without running any install script of theirs. */
export default function setup(): void {
  if (existsSync('test/inputs/node_modules/better-sqlite3')) return;
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: 'test/inputs', stdio: 'inherit' });
}
