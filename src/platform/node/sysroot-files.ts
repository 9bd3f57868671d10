// `art sysroot`: the sysroots as files, for programs that look for headers and libraries on the disk.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'pathe';
import { PINNED } from '../../assets/pinned.js';
import { ArtError, messageOf } from '../../errors.js';
import { OWN } from '../../toolchain/paths.js';
import { sysrootTrees } from '../../toolchain/sysroot.js';
import { tarTree } from '../../toolchain/tar-tree.js';
import type { FileTree } from '../../toolchain/volume.js';
import { openArchive } from './assets.js';
import { fromHere } from './files.js';

/** Says in the folder which sysroots it holds, by their digests. */
const STAMP = 'art-sysroot.json';

function stamp(): string {
  const sysroots = Object.entries(PINNED).filter(([, { kind }]) => kind === 'sysroot');
  return `${JSON.stringify(Object.fromEntries(sysroots.map(([name, { sha256 }]) => [name, sha256])), null, 2)}\n`;
}

/** Undefined where no `art sysroot` wrote the directory. */
function readStamp(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, STAMP), 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Writes every sysroot, and clang's own headers and libraries, to a directory that is new, empty, or was written so
 * before: `clang/` is clang's resource directory, `sysroot/<triple>/` has the headers and libraries of a target.
 * It appears in one step. Where this version's files are there already, nothing is written.
 * @returns the absolute path of the directory
 * @throws ArtError OUTPUT_NOT_WRITABLE; PROGRAM_CORRUPT
 */
export async function writeSysroots(directory: string): Promise<string> {
  const to = fromHere(directory);
  const older = readStamp(to);
  if (older === stamp()) return to;
  const suffix = randomBytes(4).toString('hex');
  const beside = (what: string) => join(dirname(to), `.${basename(to)}-${what}-${suffix}`);
  const [fresh, replaced] = [beside('new'), beside('old')];
  try {
    if (older === undefined && isOccupied(to)) throw new Error('it is there, and no earlier art sysroot wrote it');
    writeTrees(fresh);
    writeFileSync(join(fresh, STAMP), stamp());
    if (older !== undefined) renameSync(to, replaced);
    else rmSync(to, { recursive: true, force: true }); // the empty folder that may be there
    renameSync(fresh, to);
  } catch (cause) {
    if (cause instanceof ArtError) throw cause;
    throw new ArtError(
      'OUTPUT_NOT_WRITABLE',
      `cannot write the sysroots to '${directory}' (${messageOf(cause)}): name another place with --out`,
      { cause },
    );
  } finally {
    for (const path of [fresh, replaced]) rmSync(path, { recursive: true, force: true });
  }
  return to;
}

function isOccupied(path: string): boolean {
  try {
    return readdirSync(path).length > 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function writeTrees(directory: string): void {
  const tars = new Map<string, Uint8Array>();
  const trees = sysrootTrees((asset, below) => {
    const tar = tars.get(asset) ?? openArchive(asset);
    tars.set(asset, tar);
    return tarTree(tar, below);
  });
  // Of two places that have a file of one name, the compiler looks into the first; it is written last.
  for (const { at, tree } of [...trees].reverse()) writeTree(tree, '', directory + at.slice(OWN.length));
}

function writeTree(tree: FileTree, path: string, directory: string): void {
  mkdirSync(join(directory, path), { recursive: true });
  for (const name of tree.list?.(path) ?? []) {
    const at = path === '' ? name : `${path}/${name}`;
    const kind = tree.kind(at);
    if (kind === 'directory') writeTree(tree, at, directory);
    else if (kind === 'file') writeFileSync(join(directory, at), tree.read(at));
  }
}

/**
 * The directory that a user names as one of these, such as by ART_SYSROOT.
 * @returns its absolute path
 * @throws ArtError INPUT_NOT_FOUND where it is none of this version
 */
export function findSysroots(directory: string): string {
  const found = readStamp(directory);
  if (found === stamp()) return fromHere(directory);
  throw new ArtError(
    'INPUT_NOT_FOUND',
    found === undefined
      ? `ART_SYSROOT is '${directory}', and no art sysroot wrote that: run art sysroot --out '${directory}', or unset it`
      : `ART_SYSROOT is '${directory}', which another version of art wrote: run art sysroot --out '${directory}' again`,
  );
}
