import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** Installs the real sources that tests compile, without running their install scripts. */
export default function setup(): void {
  const { dependencies } = JSON.parse(readFileSync('test/inputs/package.json', 'utf8'));
  if (Object.keys(dependencies).every((name) => existsSync(`test/inputs/node_modules/${name}`))) return;
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: 'test/inputs', stdio: 'inherit' });
}
