// Changes to an archive that keep its checksums sound, so that only what is meant to be wrong is wrong.
import { createHash } from 'node:crypto';
// Its bytes are the same everywhere, which node:zlib's are not.
import { gzip, ungzip } from 'pako';

const BLOCK = 512;

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
export const pack = (tar) => Buffer.from(gzip(tar, { level: 6 }));
export const unpack = (archive) => Buffer.from(ungzip(archive));

/** A copy of a tar whose first header is another. */
export function withHeader(tar, change) {
  const copy = Buffer.from(tar);
  const header = copy.subarray(0, BLOCK);
  change(header);
  header.fill(0x20, 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return copy;
}

/** A member of a tar with other contents. */
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

/** A pax record, whose length counts itself. */
export function record(key, value) {
  const rest = ` ${key}=${value}\n`;
  const digits = String(rest.length + 1).length;
  return `${rest.length + String(rest.length + digits).length}${rest}`;
}

/** The first member of a tar, with its padding; and the rest. */
export function split(tar) {
  const end = BLOCK + Math.ceil(sizeOf(tar) / BLOCK) * BLOCK;
  return [tar.subarray(0, end), tar.subarray(end)];
}

/** A pax header for the member after it, of the records "length key=value\n". */
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
