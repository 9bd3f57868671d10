// `art sysroot`: writes the sysroots as files, for programs that look for headers and libraries on the disk.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'pathe';
import { type AssetName, PINNED } from '../../assets/pinned.js';
import { ArtError, messageOf } from '../../errors.js';
import type { Sysroot } from '../../targets/table.js';
import { archivesOf, DEFAULT_TARGETS, parseTargets, sysrootsOf, type Target } from '../../targets/targets.js';
import type { FileTree } from '../../toolchain/mounts.js';
import { OWN } from '../../toolchain/paths.js';
import { sysrootPieces } from '../../toolchain/sysroot.js';
import { tarTree } from '../../toolchain/tar-tree.js';
import { openArchive } from './assets.js';
import { fromHere } from './files.js';

/** A file in the folder that says which sysroots are there, by their digests. */
const STAMP = 'art-sysroot.json';

interface Stamp {
  /** The sha256 of each archive, by name. */
  archives: Record<string, string>;
  /** The folders below sysroot/. */
  sysroots: string[];
}

function stampOf(targets: readonly Target[]): Stamp {
  return {
    archives: Object.fromEntries(archivesOf(targets).map((name) => [name, PINNED[name].sha256])),
    sysroots: sysrootsOf(targets).map(({ name }) => name),
  };
}

/** Reads this file; undefined if the directory was not written by `art sysroot`. */
function readStamp(directory: string): Partial<Stamp> | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, STAMP), 'utf8')) as Partial<Stamp>;
  } catch {
    return undefined;
  }
}

/** Whether a folder has what this version would write for these sysroots. */
const isCurrent = ({ archives = {}, sysroots = [] }: Partial<Stamp>, { archives: ours, sysroots: wanted }: Stamp) =>
  Object.entries(ours).every(([name, sha256]) => archives[name] === sha256) &&
  wanted.every((name) => sysroots.includes(name));

/**
 * Writes the sysroots of some targets, and clang's own headers and libraries, to a directory that does not exist, is
 * empty, or was written by an earlier call: `clang/` is clang's resource directory, `sysroot/<triple>/` has the headers
 * and libraries of a target. It appears in one step. If this version's files are there already, nothing is written.
 * @param targets architectures or triples
 * @returns the absolute path of the directory
 * @throws ArtError OUTPUT_NOT_WRITABLE; PROGRAM_CORRUPT; UNKNOWN_TARGET; INVALID_OPTION if art has no headers and
 *   libraries for a target
 */
export async function writeSysroots(directory: string, targets: readonly string[] = DEFAULT_TARGETS): Promise<string> {
  const to = fromHere(directory);
  const meant = parseTargets(targets);
  const without = meant.find(({ sysroot }) => sysroot === undefined);
  if (without) throw new ArtError('INVALID_OPTION', `art has no headers and libraries for '${without.triple}'`);
  const stamp = stampOf(meant);
  const older = readStamp(to);
  if (older && isCurrent(older, stamp)) return to;
  const suffix = randomBytes(4).toString('hex');
  const beside = (what: string) => join(dirname(to), `.${basename(to)}-${what}-${suffix}`);
  const [fresh, replaced] = [beside('new'), beside('old')];
  try {
    if (older === undefined && isOccupied(to)) throw new Error('it is there, and no earlier art sysroot wrote it');
    writeTrees(fresh, sysrootsOf(meant));
    writeFileSync(join(fresh, STAMP), `${JSON.stringify(stamp, null, 2)}\n`);
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

function writeTrees(directory: string, sysroots: readonly Sysroot[]): void {
  const tars = new Map<string, Uint8Array>();
  const trees = sysrootPieces(sysroots, (asset, below) => {
    const tar = tars.get(asset) ?? openArchive(asset);
    tars.set(asset, tar);
    return tarTree(tar, below);
  });
  // If two trees have a file of the same name, the compiler uses that of the first tree, which is written last.
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
 * Checks a directory that is said to be written by `art sysroot`, such as that of ART_SYSROOT.
 * @returns its absolute path
 * @throws ArtError INPUT_NOT_FOUND if this version of art has not written it
 */
export function findSysroots(directory: string): string {
  const found = readStamp(directory);
  const archives = Object.entries(found?.archives ?? {});
  const isOurs = ([name, sha256]: [string, string]) => PINNED[name as AssetName]?.sha256 === sha256;
  if (archives.length > 0 && archives.every(isOurs)) return fromHere(directory);
  throw new ArtError(
    'INPUT_NOT_FOUND',
    found === undefined
      ? `ART_SYSROOT is '${directory}', and no art sysroot wrote that: run art sysroot --out '${directory}', or unset it`
      : `ART_SYSROOT is '${directory}', which another version of art wrote: run art sysroot --out '${directory}' again`,
  );
}
