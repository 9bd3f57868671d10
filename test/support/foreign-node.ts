import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './project.js';

const FOLDER = join(REPOSITORY, 'test/inputs/foreign');

/** Node for another system, installed when it is first asked for. @param file its program, by the path in node_modules */
export function foreignNode(file: string): string {
  const path = join(FOLDER, 'node_modules', file);
  if (!existsSync(path))
    execFileSync('npm', ['ci', '--force', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: FOLDER,
      stdio: 'ignore',
    });
  return path;
}
