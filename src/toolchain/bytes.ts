// Functions on bytes that programs wrote.
import { objectKind } from '../formats/object.js';

const ELF = [0x7f, 0x45, 0x4c, 0x46];
const ET_REL = 1;

export const isElf = (bytes: Uint8Array): boolean => ELF.every((byte, i) => bytes[i] === byte);

/** Whether bytes are a linked program or shared library, ELF or PE. */
export const isLinked = (bytes: Uint8Array): boolean =>
  (isElf(bytes) && (bytes[16] ?? 0) > ET_REL) || objectKind(bytes)?.image === true;

/** Whether bytes are text, such as a linker's map. */
export const isText = (bytes: Uint8Array): boolean => !bytes.includes(0);

/** Paths inside the compiler's file system, and the path that the user knows for each. */
export type Spelled = ReadonlyMap<string, string>;

/** Replaces paths in a program's text by those that the user knows. */
export function respell(text: string, spelled: Spelled): string {
  let result = text;
  // The longest first, since one may be the beginning of another.
  for (const [placed, written] of [...spelled].sort((a, b) => b[0].length - a[0].length))
    result = result.replaceAll(placed, written);
  return result;
}

/** The same for bytes in any encoding. */
export function respellBytes(bytes: Uint8Array, spelled: Spelled): Uint8Array {
  const raw = (text: string) => latin1(new TextEncoder().encode(text));
  const before = latin1(bytes);
  const text = respell(before, new Map([...spelled].map(([placed, written]) => [raw(placed), raw(written)])));
  return text === before ? bytes : Uint8Array.from(text, (c) => c.charCodeAt(0));
}

/** Decodes each byte to the character with its number. TextDecoder's latin1 is windows-1252, which differs. */
function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return parts.join('');
}
