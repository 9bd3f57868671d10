// Reads the wasm program and the sysroots from disk, and checks their sha256.
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
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
  return reading(name, (path) => readFileSync(path) as Uint8Array<ArrayBuffer>);
}

function reading<T>(name: AssetName, read: (path: string) => T): T {
  try {
    return read(assetPath(name));
  } catch (cause) {
    throw new ArtError('PROGRAM_CORRUPT', `cannot read ${name} (${messageOf(cause)}): install this package again`, {
      cause,
    });
  }
}

/**
 * Reads a program or sysroot into memory that `release` frees at once: V8 makes a copy of a program that it compiles,
 * and garbage is not collected while threads are busy compiling.
 * @throws ArtError PROGRAM_CORRUPT if it cannot be read
 */
export function borrowAsset(name: AssetName): Uint8Array<ArrayBuffer> {
  return reading(name, (path) => {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const bytes = new Uint8Array(new ArrayBuffer(size, { maxByteLength: size }));
      for (let at = 0, read = 0; at < size; at += read) {
        read = readSync(file, bytes, at, size - at, at);
        if (read === 0) throw new Error('it became shorter while it was read');
      }
      return bytes;
    } finally {
      closeSync(file);
    }
  });
}

/** Frees what `borrowAsset` returned; it is empty afterwards. */
export function release(bytes: Uint8Array<ArrayBuffer>): void {
  bytes.buffer.resize(0);
}

/** @throws ArtError PROGRAM_CORRUPT if the bytes are not those of this version */
export function checkAsset(name: AssetName, bytes: Uint8Array): void {
  const actual = createHash('sha256').update(bytes).digest('hex');
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
