// What a layout needs of the place it lies at, and of the place it is written to.
import { ArtError } from '../../errors.js';
import { MANIFEST_NAME } from '../names.js';

/** archive: artifact.json and artifact.tar.gz; json and dir: options 2 and 3 of RFC 0005; oci: an OCI image layout. */
export const LAYOUTS = ['archive', 'dir', 'json', 'oci'] as const;
export type Layout = (typeof LAYOUTS)[number];

/** Something that a folder holds, by its path below the folder. */
export interface Found {
  path: string;
  kind: 'file' | 'directory' | 'link' | 'other';
}

/** A place that holds files: a folder on a disk, or a URL. */
export interface Folder {
  /** For messages. */
  name: string;
  /**
   * A file, by its path below the folder; undefined where nothing is there.
   * @param plain a link, at any step below the folder, is an error; without it links are followed
   * @throws ArtError INPUT_NOT_FOUND where there is something else than a file, which could keep its reader waiting
   */
  open(path: string, plain?: boolean): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** All that lies below; left out where it cannot be known, as on the web. */
  list?(): AsyncIterable<Found>;
}

/** A place that a layout is written to. */
export interface LayoutTarget {
  /** Begins a file; the one before it is complete. */
  file(path: string, executable?: boolean): Promise<void>;
  /** Appends to the file that was begun last. */
  write(bytes: Uint8Array): Promise<void>;
}

/** A manifest larger than this is not read, nor a signature: 64 MiB. */
export const MAX_MANIFEST = 1 << 26;

/** @throws ArtError MANIFEST_INVALID where there are more bytes than `limit` */
export async function readWhole(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  limit = MAX_MANIFEST,
): Promise<Uint8Array> {
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

/** @throws ArtError INPUT_NOT_FOUND where it is not there; MANIFEST_INVALID where it is too large */
export async function readFile(folder: Folder, path: string, plain = false): Promise<Uint8Array> {
  const file = await folder.open(path, plain);
  if (!file)
    throw new ArtError(
      'INPUT_NOT_FOUND',
      `${folder.name} has no '${path}': name an artifact's folder or its ${MANIFEST_NAME}`,
    );
  return readWhole(file, path);
}

/**
 * What lies in a folder, as far as that can be known, and does not belong there, a line each.
 * @param known paths of the files that may be there
 * @param listing what lists them, for messages
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
