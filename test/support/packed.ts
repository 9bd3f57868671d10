import { execFileSync } from 'node:child_process';
import { REPOSITORY } from './project.js';

let paths: string[] | undefined;

/** The files that `npm pack` puts into the package, as dist is now. */
export function packed(): string[] {
  if (!paths) {
    const report = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: REPOSITORY,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    paths = (JSON.parse(report)[0].files as { path: string }[]).map(({ path }) => path);
  }
  return paths;
}
