// Lowers the maximum memory size in a program's bytes, for pages that run programs of strangers. Beyond it, malloc
// fails.

const MAGIC_AND_VERSION = 8;
const MEMORY = 5;
const PAGE = 65_536;
const HAS_MAXIMUM = 1;

/**
 * Limits the memory of a module (WebAssembly core specification, "Binary format"). Anything else than a module with one
 * memory is returned unchanged: loading it reports the error.
 * @param bytes limit of its memory; a program that needs more at the start does not start
 */
export function limitMemory(module: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  for (let at = MAGIC_AND_VERSION; at < module.length; ) {
    const size = readNumber(module, at + 1);
    if (!size) return module;
    const end = size.end + size.value;
    if (module[at] === MEMORY) return limited(module, { start: at, body: size.end, end }, Math.floor(bytes / PAGE));
    at = end;
  }
  return module;
}

function limited(
  module: Uint8Array<ArrayBuffer>,
  { start, body, end }: { start: number; body: number; end: number },
  pages: number,
): Uint8Array<ArrayBuffer> {
  const flags = module[body + 1];
  const least = readNumber(module, body + 2);
  if (module[body] !== 1 || (flags !== 0 && flags !== HAS_MAXIMUM) || !least) return module;
  const declared = flags === HAS_MAXIMUM ? readNumber(module, least.end)?.value : undefined;
  const most = Math.max(least.value, Math.min(pages, declared ?? pages));
  const section = [1, HAS_MAXIMUM, ...number(least.value), ...number(most)];
  const changed = [MEMORY, ...number(section.length), ...section];
  const result = new Uint8Array(start + changed.length + module.length - end);
  result.set(module.subarray(0, start));
  result.set(changed, start);
  result.set(module.subarray(end), start + changed.length);
  return result;
}

/** Reads an unsigned LEB128. @returns also the offset of its end */
function readNumber(bytes: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  for (let at = start, scale = 1; at < start + 5; at++, scale *= 128) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    value += (byte & 127) * scale;
    if (byte < 128) return { value, end: at + 1 };
  }
  return undefined;
}

function number(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(Math.floor(value / 128))];
}
