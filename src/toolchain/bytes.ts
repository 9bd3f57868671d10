// What becomes of bytes that programs wrote.
import { objectKind } from '../formats/object.js';

const ELF = [0x7f, 0x45, 0x4c, 0x46];
const ET_REL = 1;

export const isElf = (bytes: Uint8Array): boolean => ELF.every((byte, i) => bytes[i] === byte);

/** Whether these are bytes of a program or shared library, of ELF or of Windows. */
export const isLinked = (bytes: Uint8Array): boolean =>
  (isElf(bytes) && (bytes[16] ?? 0) > ET_REL) || objectKind(bytes)?.image === true;

/** Whether these are the bytes of a text, such as a linker's map. */
export const isText = (bytes: Uint8Array): boolean => !bytes.includes(0);

/** Paths as programs name them, and what the user knows each as. */
export type Spelled = ReadonlyMap<string, string>;

/** Text of a program with paths as the user knows them. */
export function respell(text: string, spelled: Spelled): string {
  let result = text;
  // The longest first: one may be the start of another.
  for (const [placed, written] of [...spelled].sort((a, b) => b[0].length - a[0].length))
    result = result.replaceAll(placed, written);
  return result;
}

/** The same for bytes, whatever their encoding is. */
export function respellBytes(bytes: Uint8Array, spelled: Spelled): Uint8Array {
  const raw = (text: string) => latin1(new TextEncoder().encode(text));
  const before = latin1(bytes);
  const text = respell(before, new Map([...spelled].map(([placed, written]) => [raw(placed), raw(written)])));
  return text === before ? bytes : Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** Every byte as the character of its number; TextDecoder's latin1 is another encoding. */
function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return parts.join('');
}
