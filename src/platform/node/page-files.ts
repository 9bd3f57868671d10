// Writes what a page needs to build in a browser into one folder: the modules, the program and the sysroots.
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'pathe';
import { servedFile } from '../../assets/files.js';
import { type AssetName, PINNED } from '../../assets/pinned.js';
import { ArtError, messageOf } from '../../errors.js';
import { checkAsset, readAsset } from './assets.js';
import { fromHere, packageRoot } from './files.js';

/**
 * Writes the files that a page fetches to a directory, which is created if it does not exist. Existing files of these
 * names are replaced.
 * @returns their names
 * @throws ArtError PROGRAM_CORRUPT; OUTPUT_NOT_WRITABLE
 */
export async function writePageFiles(directory: string): Promise<string[]> {
  const modules = join(packageRoot(fileURLToPath(import.meta.url).replaceAll('\\', '/')), 'dist/browser');
  const to = fromHere(directory);
  const names: string[] = [];
  const place = async (name: string, write: (file: string) => Promise<void>) => {
    const temporary = join(to, `.${name}.tmp`);
    try {
      await write(temporary);
      await rename(temporary, join(to, name));
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
    await mkdir(to, { recursive: true }).catch(() => {}); // writing says why
    await place(servedFile(name), (file) => writeFile(file, bytes));
  }
  // The modules last, since they refer to the other files.
  for (const name of (await readdir(modules)).sort()) await place(name, (file) => copyFile(join(modules, name), file));
  return names;
}
