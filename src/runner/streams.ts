import type { Stream } from './host.js';

/** A standard input with given bytes. */
export function givenInput(bytes: Uint8Array): Stream {
  let at = 0;
  return {
    isTerminal: false,
    read(into) {
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      at += part.length;
      return part.length;
    },
  };
}
