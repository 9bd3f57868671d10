// Large files in memory that is given back at once. Garbage may stay for long: V8 collects none while threads are busy
// compiling, and large buffers that malloc has freed make it keep more of everything else (mallopt(3), M_MMAP_THRESHOLD).
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The bytes of a file, until `release`. A Buffer, since memfs makes one of whatever is none. */
export function borrowFile(path: string): Buffer<ArrayBuffer> {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.from(new ArrayBuffer(size, { maxByteLength: size }));
    for (let at = 0, read = 0; at < size; at += read) {
      read = readSync(file, bytes, at, size - at, at);
      if (read === 0) throw new Error('it became shorter meanwhile');
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

/** Frees what `borrowFile` returned, which is empty afterwards; other bytes stay as they are. */
export function release(bytes: Uint8Array): void {
  if (bytes.buffer instanceof ArrayBuffer && bytes.buffer.resizable) bytes.buffer.resize(0);
}
