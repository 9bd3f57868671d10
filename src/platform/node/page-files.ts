// What a page needs to build in a browser: the modules, the programs and the sysroots, in one folder.
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'pathe';
import { servedFile } from '../../assets/files.js';
import { type AssetName, PINNED } from '../../assets/pinned.js';
import { ArtError, messageOf } from '../../errors.js';
import { checkAsset, readAsset } from './assets.js';
import { packageRoot } from './files.js';

/**
 * Writes the files that a page fetches to a directory, which is made where missing. Files of these names are replaced.
 * @returns their names
 * @throws ArtError PROGRAM_CORRUPT; OUTPUT_NOT_WRITABLE
 */
export async function writePageFiles(directory: string): Promise<string[]> {
  const modules = join(packageRoot(fileURLToPath(import.meta.url).replaceAll('\\', '/')), 'dist/browser');
  const names: string[] = [];
  const place = async (name: string, write: (to: string) => Promise<void>) => {
    const temporary = join(directory, `.${name}.tmp`);
    try {
      await write(temporary);
      await rename(temporary, join(directory, name));
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {});
      throw new ArtError(
        'OUTPUT_NOT_WRITABLE',
        `cannot write to '${directory}' (${messageOf(cause)}): name another place with --out`,
        { cause },
      );
    }
    names.push(name);
  };
  for (const name of Object.keys(PINNED) as AssetName[]) {
    const bytes = readAsset(name);
    checkAsset(name, bytes);
    await mkdir(directory, { recursive: true }).catch(() => {}); // writing says why
    await place(servedFile(name), (to) => writeFile(to, bytes));
  }
  // The modules last: they are what a page finds the rest by.
  for (const name of (await readdir(modules)).sort()) await place(name, (to) => copyFile(join(modules, name), to));
  return names;
}
