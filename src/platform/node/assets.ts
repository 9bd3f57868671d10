// Reads the wasm program and the sysroots from disk, and checks their sha256.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { join } from 'pathe';
import { assetFile } from '../../assets/files.js';
import { type AssetName, PINNED } from '../../assets/pinned.js';
import { ArtError, messageOf } from '../../errors.js';
import { packageRoot } from './files.js';

const here = fileURLToPath(import.meta.url).replaceAll('\\', '/');

/** The path of a program or sysroot. */
export function assetPath(name: AssetName): string {
  const folder = PINNED[name].kind === 'program' ? 'wasm/dist' : 'wasm/sysroot/dist';
  return join(packageRoot(here), folder, assetFile(name));
}

/**
 * Reads a program or sysroot.
 * @throws ArtError PROGRAM_CORRUPT if it cannot be read
 */
export function readAsset(name: AssetName): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(assetPath(name)) as Uint8Array<ArrayBuffer>;
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

function unreadable(name: AssetName, cause: unknown): ArtError {
  const message = `cannot read ${name} (${messageOf(cause)}): install this package again`;
  return new ArtError('PROGRAM_CORRUPT', message, { cause });
}

/** A large file is read in pieces of this many bytes, so that one is hashed while others are read. */
const PIECE = 8 << 20;
/** How many pieces are read at once. libuv has four threads; one is left for other work, such as unpacking archives. */
const READERS = 3;

/**
 * Reads and checks a program or sysroot. `release` frees its memory at once: V8 makes a copy of a program that it
 * compiles, and garbage is not collected while threads are busy compiling.
 * @throws ArtError PROGRAM_CORRUPT if it cannot be read, or is not that of this version
 */
export async function borrowAsset(name: AssetName): Promise<Uint8Array<ArrayBuffer>> {
  const hash = createHash('sha256');
  const bytes = await readInPieces(assetPath(name), (piece) => hash.update(piece)).catch((cause) => {
    throw unreadable(name, cause);
  });
  checkDigest(name, hash.digest('hex'));
  return bytes;
}

/** Reads a file. @param onPiece gets its pieces in order, while later ones are read on other threads */
async function readInPieces(path: string, onPiece: (piece: Uint8Array) => void): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path);
  const pieces: Promise<Uint8Array>[] = [];
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(new ArrayBuffer(size, { maxByteLength: size }));
    for (let at = 0; at < size; at += PIECE) {
      const before = pieces.at(-READERS) ?? Promise.resolve();
      const piece = before.then(() => fill(file, bytes.subarray(at, at + PIECE), at));
      piece.catch(() => {}); // one may fail before an earlier one has been awaited
      pieces.push(piece);
    }
    for (const piece of pieces) onPiece(await piece);
    return bytes;
  } finally {
    await Promise.allSettled(pieces);
    await file.close();
  }
}

/** Fills a piece from a file. @throws Error if the file ends before */
async function fill(file: FileHandle, piece: Uint8Array, position: number): Promise<Uint8Array> {
  for (let at = 0; at < piece.length; ) {
    const { bytesRead } = await file.read(piece, at, piece.length - at, position + at);
    if (bytesRead === 0) throw new Error('it became shorter while it was read');
    at += bytesRead;
  }
  return piece;
}

/** Frees what `borrowAsset` returned; it is empty afterwards. */
export function release(bytes: Uint8Array<ArrayBuffer>): void {
  bytes.buffer.resize(0);
}

/** @throws ArtError PROGRAM_CORRUPT if the bytes are not those of this version */
export function checkAsset(name: AssetName, bytes: Uint8Array): void {
  checkDigest(name, createHash('sha256').update(bytes).digest('hex'));
}

function checkDigest(name: AssetName, actual: string): void {
  if (actual !== PINNED[name].sha256)
    throw new ArtError(
      'PROGRAM_CORRUPT',
      `'${assetPath(name)}' is not the ${name} of this version (sha256 ${actual}, expected ${PINNED[name].sha256}): install this package again`,
    );
}

/**
 * The uncompressed tar of a sysroot that only some runs need. It is checked when it is opened.
 * @throws ArtError PROGRAM_CORRUPT
 */
export function openArchive(name: AssetName): Uint8Array {
  const bytes = readAsset(name);
  checkAsset(name, bytes);
  return gunzipSync(bytes);
}
