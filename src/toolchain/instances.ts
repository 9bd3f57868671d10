// Instances of a program, each as if it had never run. Making one takes V8 some 30 ms: it fills a table of functions, and fresh
// memory with the program's data. The program can put that memory back to how it was, which takes a fifth of it; a
// process that waits for work can do either beforehand.

type Imports = Readonly<Record<string, (...args: never[]) => number>>;

/** An instance that has not run, or that cannot be told from one. */
export interface Instance {
  instance: WebAssembly.Instance;
  memory: WebAssembly.Memory;
  /** Bytes of its memory that it came to use; all that it has, where the program does not say. */
  used(): number;
  /** Lets the next one have it. Only after the program ended by itself: what a trap leaves is not known. */
  giveBack(): void;
}

/** The same, and a way to give it its imports. */
interface KeptInstance extends Omit<Instance, 'giveBack'> {
  /** Bytes that its memory may have. */
  maxMemory: number;
  hasRun: boolean;
  connect(imports: Imports): void;
}

/** What the program of wasm/llvm exports for this. */
interface Exports {
  memory: WebAssembly.Memory;
  heap_end(): number;
  reset(): void;
}

const PAGE = 65_536;
/** Of a program; each holds some 30 MB. A compiler command takes two of clang: to plan, and to compile. */
const MAX_KEPT = 2;
/** One with more is not kept: its unit took so long that a new one costs little, and the memory is better free. */
const MAX_KEPT_MEMORY = 64 << 20;
const kept = new WeakMap<WebAssembly.Module, KeptInstance[]>();
/** What was taken since the last `prepareAgain`. */
const taken: { module: WebAssembly.Module; maxMemory: number }[] = [];
/** Pages that the memory of a program must have, where it is the host that makes it. */
const ownMemory = new WeakMap<WebAssembly.Module, number>();

/** Says that a module is trusted: where it can put back its memory, as the program of wasm/llvm can, its instances are kept. */
export function keepInstances(module: WebAssembly.Module): void {
  if (kept.has(module)) return; // those that are kept serve the next project as well
  if (WebAssembly.Module.exports(module).some(({ name }) => name === 'reset')) kept.set(module, []);
}

/** Says that a program imports its memory. @param pages that it must have, each of 64 KiB */
export function makesNoMemory(module: WebAssembly.Module, pages: number): void {
  ownMemory.set(module, pages);
}

/**
 * An instance that has not run, with these imports.
 * @param maxMemory bytes that its memory may have, where the program does not make it itself
 */
export function takeInstance(module: WebAssembly.Module, imports: Imports, maxMemory: number): Instance {
  taken.push({ module, maxMemory });
  const waiting = kept.get(module) ?? [];
  const fitting = waiting.filter((waits) => waits.maxMemory === maxMemory);
  const found = fitting.find(({ hasRun }) => !hasRun) ?? fitting[0];
  if (found) waiting.splice(waiting.indexOf(found), 1);
  else waiting.length = 0; // the limit is another one now
  const taking = found ?? makeInstance(module, maxMemory);
  putBack(taking);
  taking.hasRun = true;
  taking.connect(imports);
  const { instance, memory, used } = taking;
  const giveBack = () => {
    taking.connect({});
    const isWorthIt = memory.buffer.byteLength <= MAX_KEPT_MEMORY && waiting.length < MAX_KEPT;
    if (isWorthIt && kept.has(module)) waiting.push(taking);
  };
  return { instance, memory, used, giveBack };
}

/** Makes one that has run like one that has not. */
function putBack(waits: KeptInstance): void {
  if (waits.hasRun) exportsOf(waits.instance).reset();
  waits.hasRun = false;
}

const exportsOf = (instance: WebAssembly.Instance) => instance.exports as unknown as Exports;

/** Forgets what was taken: for work that has no pause after it. */
export function forgetTaken(): void {
  taken.length = 0;
}

/**
 * Makes ready one of the instances that the same work would take again.
 * @returns whether there are more to make
 */
export function prepareAgain(): boolean {
  const last = taken.pop();
  if (!last) return false;
  const waiting = kept.get(last.module);
  if (!waiting) return false;
  const used = waiting.find(({ hasRun }) => hasRun);
  if (used) putBack(used);
  else if (waiting.length < MAX_KEPT) waiting.push(makeInstance(last.module, last.maxMemory));
  return taken.length > 0;
}

function makeInstance(module: WebAssembly.Module, maxMemory: number): KeptInstance {
  let connected: Imports = {};
  const forward = (name: string) =>
    [name, (...args: never[]) => (connected[name] as Imports[string])(...args)] as const;
  const functions = WebAssembly.Module.imports(module).filter(({ kind }) => kind === 'function');
  const wasi_snapshot_preview1 = Object.fromEntries(functions.map(({ name }) => forward(name)));
  const initial = ownMemory.get(module);
  const made =
    initial === undefined
      ? undefined
      : new WebAssembly.Memory({ initial, maximum: Math.max(initial, Math.floor(maxMemory / PAGE)) });
  const instance = new WebAssembly.Instance(module, {
    wasi_snapshot_preview1: wasi_snapshot_preview1 as WebAssembly.ModuleImports,
    ...(made && { '': { '': made } }),
  });
  const { memory: own, heap_end } = exportsOf(instance);
  const memory = made ?? own;
  return {
    instance,
    memory,
    // Addresses are unsigned.
    used: () => (kept.has(module) ? heap_end() >>> 0 : memory.buffer.byteLength),
    maxMemory,
    hasRun: false,
    connect: (own) => {
      connected = own;
    },
  };
}
