// Runs the initialisation that is the same for every run of the program, and stores the resulting memory in the program:
//   node initialise.mjs <program as linked> <program to write>
// When `_start` of the written program runs, the constructors have been run and LLVM's targets registered. Data segments are passive, and
// two new functions copy them into memory: the start function into a new memory, and the export `reset` into one in which a run
// has ended by itself: memory and stack pointer, the only global that changes, are then as they were before the run.
import { readFileSync, writeFileSync } from 'node:fs';

const TYPE = 1, FUNCTION = 3, MEMORY = 5, GLOBAL = 6, EXPORT = 7, START = 8, ELEMENT = 9, CODE = 10, DATA = 11, DATA_COUNT = 12;
const PAGE = 65_536;
/** Runs of this many zeros are left out by starting a new segment: memory that is never written costs nothing. */
const GAP = 4096;
/** Numbers of WASI. */
const SUCCESS = 0, BADF = 8, SPIPE = 70, CHARACTER_DEVICE = 2;

const [, , input, output] = process.argv;
const linked = readFileSync(input);
const sections = readSections(linked);
const memory = initialise(linked);

const stack = readStackPointer(sections.get(GLOBAL));
memory.fill(0, 0, stack);
const segments = segmentsOf(memory, stack);

const exports = exportsOf(sections.get(EXPORT));
const functions = countOfImports() + readNumber(sections.get(FUNCTION), 0).value;
const [load, reset] = [functions, functions + 1];
const type = typeOfNothing();
sections.set(FUNCTION, withEntries(sections.get(FUNCTION), [number(type), number(type)]));
sections.set(MEMORY, withLeastMemory(sections.get(MEMORY), memory.length / PAGE));
exports.delete('initialise');
exports.set('reset', Buffer.concat([Buffer.of(0), number(reset)]));
sections.set(EXPORT, Buffer.concat([number(exports.size), ...[...exports].flatMap(([text, what]) => [name(text), what])]));
sections.set(START, number(load));
sections.set(DATA_COUNT, number(segments.length));
sections.set(CODE, withEntries(sections.get(CODE), [body(loadCode()), body(resetCode())]));
sections.set(
  DATA,
  Buffer.concat([number(segments.length), ...segments.flatMap(({ bytes }) => [Buffer.of(1), number(bytes.length), bytes])]),
);
writeFileSync(output, writeSections(sections));

/** Returns the memory after the first step of a run, which depends on nothing of a machine. */
function initialise(bytes) {
  const module = new WebAssembly.Module(bytes);
  let instance;
  const view = () => new DataView(instance.exports.memory.buffer);
  const answers = {
    // wasi-libc asks for these in a constructor; every host of the program has the one folder '/'.
    fd_prestat_get(fd, at) {
      if (fd !== 3) return BADF;
      view().setUint32(at, 0, true);
      view().setUint32(at + 4, 1, true);
      return SUCCESS;
    },
    fd_prestat_dir_name(_fd, at) {
      view().setUint8(at, '/'.charCodeAt(0));
      return SUCCESS;
    },
    // LLVM makes its stream for the standard error, which is a device.
    fd_filestat_get(fd, at) {
      if (fd !== 2) return BADF;
      view().setUint8(at + 16, CHARACTER_DEVICE);
      return SUCCESS;
    },
    fd_seek: () => SPIPE,
    // LLVM looks for LLVM_OVERRIDE_PRODUCER; `initialise` has wasi-libc forget this environment.
    environ_sizes_get(count, size) {
      view().setUint32(count, 0, true);
      view().setUint32(size, 0, true);
      return SUCCESS;
    },
    environ_get: () => SUCCESS,
    // clock() counts from there.
    clock_time_get(_clock, _precision, at) {
      view().setBigUint64(at, 0n, true);
      return SUCCESS;
    },
  };
  const unanswered = (asked) => () => {
    throw new Error(`the program calls ${asked} while it is initialised: what depends on a run must not be part of it`);
  };
  const imports = {};
  for (const { module: from, name: asked } of WebAssembly.Module.imports(module))
    (imports[from] ??= {})[asked] = answers[asked] ?? unanswered(asked);
  instance = new WebAssembly.Instance(module, imports);
  instance.exports.initialise();
  return new Uint8Array(instance.exports.memory.buffer);
}

/** The parts of a memory that are not zero, from a given address on. */
function segmentsOf(bytes, from) {
  const found = [];
  for (let at = from; ; ) {
    while (at < bytes.length && bytes[at] === 0) at++;
    if (at === bytes.length) return found;
    const start = at;
    let end = at;
    for (; at < bytes.length && at - end < GAP; at++) if (bytes[at] !== 0) end = at + 1;
    found.push({ start, end, bytes: bytes.subarray(start, end) });
  }
}

function loadCode() {
  return segments.map(({ start, bytes }, i) =>
    Buffer.concat([constant(start), constant(0), constant(bytes.length), Buffer.of(0xfc, 8), number(i), Buffer.of(0)]),
  );
}

function resetCode() {
  const fill = (start, length) => Buffer.concat([constant(start), constant(0), length, Buffer.of(0xfc, 11, 0)]);
  const ends = [0, ...segments.map(({ end }) => end)];
  const last = ends.at(-1);
  // The end of the heap is stored in the memory, so that is filled first.
  const heap = Buffer.concat([Buffer.of(0x10), exports.get('heap_end').subarray(1), constant(last), Buffer.of(0x6b)]);
  return [
    fill(last, heap),
    ...segments.map(({ start }, i) => fill(ends[i], constant(start - ends[i]))),
    Buffer.concat([Buffer.of(0x10), number(load)]),
    Buffer.concat([constant(stack), Buffer.of(0x24, 0)]), // global.set 0
  ];
}

/** A function with no locals. */
function body(code) {
  const bytes = Buffer.concat([Buffer.of(0), ...code, Buffer.of(0x0b)]);
  return Buffer.concat([number(bytes.length), bytes]);
}

/** The stack pointer's first value, from the one global. */
function readStackPointer(globals) {
  // One entry: i32, mutable, i32.const.
  if (globals.subarray(0, 4).toString('hex') !== '017f0141') throw new Error('the program has other globals than its stack pointer');
  return readNumber(globals, 4).value; // positive, and its sign takes no byte more than it has
}

/** The index of the type of a function that takes and returns nothing. */
function typeOfNothing() {
  const types = sections.get(TYPE);
  let { value: count, end: at } = readNumber(types, 0);
  for (let i = 0; i < count; i++) {
    at++; // func
    const parameters = readNumber(types, at);
    const results = readNumber(types, parameters.end + parameters.value);
    if (parameters.value === 0 && results.value === 0) return i;
    at = results.end + results.value;
  }
  throw new Error('the program has no function that takes and returns nothing');
}

/** The exports of the program: names, and the bytes of each kind and index. */
function exportsOf(section) {
  let { value: count, end: at } = readNumber(section, 0);
  const found = new Map();
  for (; count > 0; count--) {
    const length = readNumber(section, at);
    const kind = length.end + length.value;
    at = readNumber(section, kind + 1).end;
    found.set(section.toString('utf8', length.end, kind), section.subarray(kind, at));
  }
  return found;
}

function countOfImports() {
  return WebAssembly.Module.imports(new WebAssembly.Module(linked)).filter(({ kind }) => kind === 'function').length;
}

/** A memory section with one memory that has a maximum, with another initial size. */
function withLeastMemory(section, pages) {
  const least = readNumber(section, 2);
  return Buffer.concat([section.subarray(0, 2), number(pages), section.subarray(least.end)]);
}

function withEntries(section, entries) {
  const count = readNumber(section, 0);
  return Buffer.concat([number(count.value + entries.length), section.subarray(count.end), ...entries]);
}

function readSections(bytes) {
  const found = new Map();
  for (let at = 8; at < bytes.length; ) {
    const size = readNumber(bytes, at + 1);
    if (found.has(bytes[at]) || bytes[at] === 0) throw new Error('the program has a section twice, or one with a name');
    found.set(bytes[at], bytes.subarray(size.end, size.end + size.value));
    at = size.end + size.value;
  }
  return found;
}

function writeSections(all) {
  const order = [TYPE, 2, FUNCTION, 4, MEMORY, GLOBAL, EXPORT, START, ELEMENT, DATA_COUNT, CODE, DATA];
  for (const id of all.keys()) if (!order.includes(id)) throw new Error(`the program has a section ${id}`);
  return Buffer.concat([
    linked.subarray(0, 8),
    ...order.flatMap((id) => {
      const section = all.get(id);
      return section ? [Buffer.of(id), number(section.length), section] : [];
    }),
  ]);
}

/** LEB128, as in WebAssembly's binary format: lengths and indices are unsigned, constants signed. */
function number(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return Buffer.of(...bytes, value);
}

function constant(value) {
  const bytes = [0x41];
  for (; value > 63; value >>>= 7) bytes.push((value & 127) | 128);
  return Buffer.of(...bytes, value);
}

function readNumber(bytes, start) {
  let value = 0;
  for (let at = start, scale = 1; ; at++, scale *= 128) {
    value += (bytes[at] & 127) * scale;
    if (bytes[at] < 128) return { value, end: at + 1 };
  }
}

function name(text) {
  return Buffer.concat([number(text.length), Buffer.from(text)]);
}
