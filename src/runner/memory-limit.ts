// A program says in its own bytes how large its memory may become. For a page that lets a stranger's program run, these
// are changed: what would be more, malloc does not give it.

const MAGIC_AND_VERSION = 8;
const MEMORY = 5;
const PAGE = 65_536;
const HAS_MAXIMUM = 1;

/**
 * A module whose one memory becomes no larger than a limit (WebAssembly core specification, "Binary format"). What is no
 * such module comes back as it is: loading says what is wrong with it.
 * @param bytes of memory; a program that needs more from the start does not start
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

/** An unsigned LEB128, and where it ends. */
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
