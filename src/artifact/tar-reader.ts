// Reads the tar format of artifacts: POSIX ustar, with pax headers for what does not fit (IEEE Std 1003.1, pax).
// Everything else is refused, since other readers may interpret what this one would ignore.

import { ByteReader } from './byte-reader.js';
import { PATH } from './paths.js';

const BLOCK = 512;
const REGULAR = 0x30;
const PAX = 0x78;
const PAX_KEYS: ReadonlySet<string> = new Set(['path', 'size']);
/** Larger than the records for any path and size. */
const MAX_PAX = 1 << 16;

/** A file of a tar. Its `chunks` must be read to the end before the next file is asked for. */
export interface TarFile {
  path: string;
  /** In bytes. */
  size: number;
  executable: boolean;
  /** Seconds since 1970. */
  mtime: number;
  chunks: AsyncIterable<Uint8Array>;
}

/**
 * Reads the files of a tar, in order.
 * @throws Error saying what is wrong with it
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarFile> {
  const bytes = new ByteReader(source);
  try {
    yield* readFiles(bytes);
    if (!(await bytes.atEnd())) throw new Error('there are bytes after its end');
  } finally {
    await bytes.close();
  }
}

async function* readFiles(bytes: ByteReader): AsyncGenerator<TarFile> {
  let pax = new Map<string, string>();
  for (;;) {
    const header = await bytes.take(BLOCK);
    if (header.every((byte) => byte === 0)) break;
    const { name, size, type, ...file } = parseHeader(header);
    if (type === PAX) {
      if (size > MAX_PAX) throw new Error('a pax header is too large');
      // A pax header is for the file after it. A second one would override the first in some readers, and an endless
      // series would be a denial of service.
      if (size === 0 || pax.size > 0) throw new Error('a pax header stands where a file should');
      pax = parsePax(await bytes.take(size));
      await bytes.skipZeros(padding(size));
      continue;
    }
    const path = pax.get('path') ?? name;
    checkPax(pax, name, size);
    const { mtime, executable } = checkOwner(path, file);
    pax = new Map();
    let left = size;
    yield {
      path,
      size,
      executable,
      mtime,
      chunks: (async function* () {
        while (left > 0) {
          const chunk = await bytes.some(left);
          left -= chunk.length;
          yield chunk;
        }
      })(),
    };
    if (left > 0) throw new Error(`'${path}' was not read to its end`);
    await bytes.skipZeros(padding(size));
  }
  if (pax.size > 0) throw new Error('a pax header stands at the end');
  await bytes.skipZeros(BLOCK);
}

const padding = (size: number) => (BLOCK - (size % BLOCK)) % BLOCK;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Reads text up to the first NUL, after which there may only be NULs. */
function textField(header: Uint8Array, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  if (end < 0) return utf8.decode(field);
  if (field.subarray(end).some((byte) => byte !== 0)) throw new Error('a name has bytes after its end');
  return utf8.decode(field.subarray(0, end));
}

function octalField(header: Uint8Array, at: number, length: number): number {
  const text = /^([0-7]*)[ \0]*$/.exec(String.fromCharCode(...header.subarray(at, at + length)))?.[1];
  if (text === undefined) throw new Error('a number is not written in octal');
  return text === '' ? 0 : Number.parseInt(text, 8);
}

function parseHeader(header: Uint8Array) {
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (octalField(header, 148, 8) !== sum) throw new Error('a header has another checksum');
  if (String.fromCharCode(...header.subarray(257, 265)) !== 'ustar\x0000') throw new Error('a header is not ustar');
  const type = header[156] as number;
  const folder = textField(header, 345, 155);
  const name = (folder ? `${folder}/` : '') + textField(header, 0, 100);
  if (type !== REGULAR && type !== PAX) throw new Error(`'${name}' is not a regular file`);
  if (textField(header, 157, 100) !== '') throw new Error(`'${name}' is a link`);
  return {
    name,
    type,
    size: octalField(header, 124, 12),
    mode: octalField(header, 100, 8),
    owner: [octalField(header, 108, 8), octalField(header, 116, 8)],
    ownerNames: [textField(header, 265, 32), textField(header, 297, 32)],
    mtime: octalField(header, 136, 12),
  };
}

/** Checks permissions and owner, which other readers apply in different ways. */
function checkOwner(
  path: string,
  { mode, owner, ownerNames, mtime }: Omit<ReturnType<typeof parseHeader>, 'name' | 'size' | 'type'>,
) {
  if (mode !== 0o644 && mode !== 0o755)
    throw new Error(`'${path}' has the permissions ${mode.toString(8)}, neither 644 nor 755`);
  if (owner.some((id) => id !== 0)) throw new Error(`'${path}' has the owner ${owner.join(':')}, not 0:0`);
  if (ownerNames.some((name) => name !== '')) throw new Error(`'${path}' has an owner with a name`);
  return { mtime, executable: mode === 0o755 };
}

/** The name that art and tar-stream give to a member whose path is in a pax header. */
const PAX_NAME = 'PaxHeader';
/** Length of the name field in bytes, to which other writers cut such a path. */
const NAME_BYTES = 100;

/**
 * Checks that a header agrees with the pax header before it. Otherwise it would be another file, or one of another
 * length, for readers that ignore pax headers, and a whole archive could be hidden in an entry.
 * @throws Error
 */
function checkPax(pax: ReadonlyMap<string, string>, name: string, size: number): void {
  const path = pax.get('path') ?? name;
  const isCut =
    path.startsWith(name) && new TextEncoder().encode(name).length === NAME_BYTES && PATH.test(name.replace(/\/$/, ''));
  if (name !== path && name !== PAX_NAME && !isCut) throw new Error(`'${name}' is called '${path}' by its pax header`);
  const said = Number(pax.get('size') ?? size);
  if (said !== size) throw new Error(`'${path}' has ${size} bytes, and ${said} by its pax header`);
}

/** Records "length key=value\n" (pax, "Extended Header"). */
function parsePax(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const digits = utf8.decode(bytes.subarray(at, space));
    const length = /^[1-9]\d{0,5}$/.test(digits) ? Number(digits) : Number.NaN;
    const record = utf8.decode(bytes.subarray(space + 1, at + length));
    const [, key = '', value = ''] = /^([a-z]+)=(.*)\n$/s.exec(record) ?? [];
    if (space < 0 || !(at + length <= bytes.length) || !PAX_KEYS.has(key) || records.has(key))
      throw new Error('a pax header holds more than a path and a size');
    if (key === 'size' && !/^\d{1,15}$/.test(value)) throw new Error('a pax header has a bad size');
    records.set(key, value);
    at += length;
  }
  return records;
}
