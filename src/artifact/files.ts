// The files of an artifact in any layout, and functions that the layouts share for reading them.
import { ArtError } from '../errors.js';
import type { Folder } from '../platform/types.js';
import { MAX_MANIFEST } from './bounds.js';
import type { ReadManifest } from './manifest.js';
import { MANIFEST_NAME } from './names.js';

/**
 * The layouts of artifacts. `archive`: artifact.json and artifact.tar.gz; `dir`: artifact.json and the entries as
 * files; `json`: a single JSON file; `oci`: an OCI image layout.
 */
export const LAYOUTS = ['archive', 'dir', 'json', 'oci'] as const;
/** How an artifact is stored: `archive`, `dir`, `json` or `oci`; see `LAYOUTS`. */
export type Layout = (typeof LAYOUTS)[number];

/** Reads the files of an artifact, whatever its layout. */
export interface ArtifactFiles {
  layout: Layout;
  /** The artifact's name in messages. */
  name: string;
  manifest(): Promise<Uint8Array>;
  /** The signature beside the manifest; undefined if there is none. */
  bundle(): Promise<Uint8Array | undefined>;
  /** The archive from its beginning. It can be called more than once. */
  archive(manifest: ReadManifest): AsyncIterable<Uint8Array>;
  /** Files that the layout must not contain, one line each. */
  problems?(manifest: ReadManifest): Promise<string[]>;
}

/** @throws ArtError MANIFEST_INVALID if there are more bytes than `limit` */
export async function readWhole(chunks: AsyncIterable<Uint8Array>, name: string, limit: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    pieces.push(chunk);
    size += chunk.length;
    if (size > limit) throw new ArtError('MANIFEST_INVALID', `${name} has more than the ${limit} bytes allowed`);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/**
 * Reads a manifest.
 * @throws ArtError INPUT_NOT_FOUND if it does not exist; MANIFEST_INVALID if it is too large
 */
export async function readFile(folder: Folder, path: string, plain = false): Promise<Uint8Array> {
  const file = await folder.open(path, plain);
  if (!file)
    throw new ArtError(
      'INPUT_NOT_FOUND',
      `${folder.name} has no '${path}': name an artifact's folder or its ${MANIFEST_NAME}`,
    );
  return readWhole(file, path, MAX_MANIFEST);
}

/**
 * Files in a folder that do not belong there, as far as the folder can be listed, one line each.
 * @param known paths of the files that belong there
 * @param listing the name of their list in messages
 */
export async function strangers(folder: Folder, known: readonly string[], listing: string): Promise<string[]> {
  const files = new Set(known);
  const folders = new Set<string>();
  for (const path of files)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) folders.add(path.slice(0, at));
  const problems: string[] = [];
  for await (const { path, kind } of folder.list?.() ?? []) {
    if (kind === 'link') problems.push(`'${path}' is a link`);
    else if (!(kind === 'directory' ? folders : files).has(path)) problems.push(`'${path}' is not in ${listing}`);
    else if (kind === 'other') problems.push(`'${path}' is not a regular file`);
  }
  return problems.sort();
}
