// Removes dist, since files of an earlier build would end up in the package.
import { rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

rmSync(join(resolve(dirname(fileURLToPath(import.meta.url)), '..'), 'dist'), { recursive: true, force: true });
