// Changes archives and keeps their checksums valid, so that only the intended error is wrong.
import { createHash } from 'node:crypto';
// pako's bytes are the same everywhere; those of node:zlib are not.
import { gzip, ungzip } from 'pako';

const BLOCK = 512;

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
export const pack = (tar) => Buffer.from(gzip(tar, { level: 6 }));
export const unpack = (archive) => Buffer.from(ungzip(archive));

/** Copies a tar and changes its first header. */
export function withHeader(tar, change) {
  const copy = Buffer.from(tar);
  const header = copy.subarray(0, BLOCK);
  change(header);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}

/** Replaces the contents of a member of a tar. */
export function withContents(member, bytes) {
  const header = withHeader(member.subarray(0, BLOCK), (h) =>
    h.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1'),
  );
  return Buffer.concat([header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
}

export const named = (name) => (header) => header.fill(0, 0, 100).write(name, 0);

/** The name and the size of the first member of a tar. */
export const nameOf = (tar) => tar.toString('latin1', 0, 100).replace(/\0.*/s, '');
export const sizeOf = (tar) => Number.parseInt(tar.toString('latin1', 124, 135), 8);

/** Makes a pax record, whose length includes itself. */
export function record(key, value) {
  const rest = ` ${key}=${value}\n`;
  const digits = String(rest.length + 1).length;
  return `${rest.length + String(rest.length + digits).length}${rest}`;
}

/** Splits a tar into its first member with padding, and the rest. */
export function split(tar) {
  const end = BLOCK + Math.ceil(sizeOf(tar) / BLOCK) * BLOCK;
  return [tar.subarray(0, end), tar.subarray(end)];
}

/**
 * Makes a pax header for the member after it, from records "length key=value
 * ".
 */
export function pax(tar, records) {
  const body = Buffer.alloc(BLOCK);
  const length = body.write(records);
  const header = withHeader(tar.subarray(0, BLOCK), (h) => {
    named('PaxHeader')(h);
    h.write(`${length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    h.write('x', 156);
  });
  return Buffer.concat([header, body]);
}
