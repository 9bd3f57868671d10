// Keeps instances of a program that behave as if they had never run. Creating an instance takes V8 some 30 ms, to fill
// a table of functions and to copy the program's data into fresh memory. The program can restore that memory to its
// initial state in a fifth of that time, and a waiting process can do either in advance.

type Imports = Readonly<Record<string, (...args: never[]) => number>>;

/** An instance that has not run, or whose state is as if it had not. */
export interface Instance {
  instance: WebAssembly.Instance;
  memory: WebAssembly.Memory;
  /** The bytes of memory that it has used; all of its memory if the program does not tell. */
  used(): number;
  /**
   * Returns the instance for another use. Only allowed after the program has ended by itself: after a trap its state is
   * unknown.
   */
  giveBack(): void;
}

/** An instance that is kept, with a function that sets its imports. */
interface KeptInstance extends Omit<Instance, 'giveBack'> {
  /** Limit on its memory, in bytes. */
  maxMemory: number;
  hasRun: boolean;
  connect(imports: Imports): void;
}

/** The exports of llvm.wasm for this. */
interface Exports {
  memory: WebAssembly.Memory;
  heap_end(): number;
  reset(): void;
}

const PAGE = 65_536;
/**
 * How many instances of a program are kept; each holds some 30 MB. A compiler command uses two of clang: one plans, one
 * compiles.
 */
const MAX_KEPT = 2;
/**
 * An instance that has used more memory is not kept: its unit took so long that the cost of a new one does not matter,
 * and the memory is better freed.
 */
const MAX_KEPT_MEMORY = 64 << 20;
const kept = new WeakMap<WebAssembly.Module, KeptInstance[]>();
/** The instances that were taken since the last `prepareAgain`. */
const taken: { module: WebAssembly.Module; maxMemory: number }[] = [];
/** The pages of memory that a program needs, for programs whose memory the host creates. */
const ownMemory = new WeakMap<WebAssembly.Module, number>();

/** Declares a module as trusted: if it can restore its memory, as llvm.wasm can, its instances are kept. */
export function keepInstances(module: WebAssembly.Module): void {
  if (kept.has(module)) return; // the instances that are kept can be used for the next project
  if (WebAssembly.Module.exports(module).some(({ name }) => name === 'reset')) kept.set(module, []);
}

/** Declares that a program imports its memory. @param pages number of pages of 64 KiB that it must have */
export function makesNoMemory(module: WebAssembly.Module, pages: number): void {
  ownMemory.set(module, pages);
}

/**
 * Takes an instance that has not run, and gives it these imports.
 * @param maxMemory limit on its memory in bytes, if the host creates the memory
 */
export function takeInstance(module: WebAssembly.Module, imports: Imports, maxMemory: number): Instance {
  taken.push({ module, maxMemory });
  const waiting = kept.get(module) ?? [];
  const fitting = waiting.filter((waits) => waits.maxMemory === maxMemory);
  const found = fitting.find(({ hasRun }) => !hasRun) ?? fitting[0];
  if (found) waiting.splice(waiting.indexOf(found), 1);
  else waiting.length = 0; // they have another limit
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

/** Restores an instance to its initial state. */
function putBack(waits: KeptInstance): void {
  if (waits.hasRun) exportsOf(waits.instance).reset();
  waits.hasRun = false;
}

const exportsOf = (instance: WebAssembly.Instance) => instance.exports as unknown as Exports;

/** Forgets which instances were taken, for work that is not followed by a pause. */
export function forgetTaken(): void {
  taken.length = 0;
}

/**
 * Prepares one of the instances that the same work would take again.
 * @returns whether there are more to prepare
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
    // Wasm returns addresses as signed numbers.
    used: () => (kept.has(module) ? heap_end() >>> 0 : memory.buffer.byteLength),
    maxMemory,
    hasRun: false,
    connect: (own) => {
      connected = own;
    },
  };
}
