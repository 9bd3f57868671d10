// What becomes of bytes that programs wrote.
import { respell, type Spelled } from './place-arguments.js';

const ELF = [0x7f, 0x45, 0x4c, 0x46];
const ET_REL = 1;

export const isElf = (bytes: Uint8Array): boolean => ELF.every((byte, i) => bytes[i] === byte);

/** Whether these are bytes of an ELF program or shared library. */
export const isLinked = (bytes: Uint8Array): boolean => isElf(bytes) && (bytes[16] ?? 0) > ET_REL;

export function concat(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const all = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/** Output of a program with paths as the user wrote them, whatever its encoding is. */
export function respellBytes(bytes: Uint8Array, spelled: Spelled): Uint8Array {
  if (spelled.size === 0) return bytes;
  const raw = (text: string) => latin1(new TextEncoder().encode(text));
  const text = respell(latin1(bytes), new Map([...spelled].map(([placed, written]) => [raw(placed), raw(written)])));
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** Every byte as the character of its number; TextDecoder's latin1 is another encoding. */
function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return parts.join('');
}
