// New instances of a program. Making one takes some 20 ms: V8 copies the program's
// data to fresh memory. A process that waits for work can do that beforehand.

type Imports = Readonly<Record<string, (...args: never[]) => number>>;

/** An instance that has not run. */
export interface Instance {
  instance: WebAssembly.Instance;
  memory: WebAssembly.Memory;
}

/** The same, and a way to give it its imports. */
interface FreshInstance extends Instance {
  /** Bytes that its memory may have. */
  maxMemory: number;
  connect(imports: Imports): void;
}

const PAGE = 65_536;
/** Of a program; each holds some 20 MB. A compiler command takes two of clang: to plan, and to compile. */
const MAX_PREPARED = 2;
const prepared = new WeakMap<WebAssembly.Module, FreshInstance[]>();
/** What was taken since the last `prepareAgain`. */
const taken: { module: WebAssembly.Module; maxMemory: number }[] = [];
/** Pages that the memory of a program must have, where it is the host that makes it. */
const ownMemory = new WeakMap<WebAssembly.Module, number>();

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
  const ready = prepared.get(module)?.pop();
  const { connect, ...fresh } = ready?.maxMemory === maxMemory ? ready : makeInstance(module, maxMemory);
  connect(imports);
  return fresh;
}

/** Forgets what was taken: for work that has no pause after it. */
export function forgetTaken(): void {
  taken.length = 0;
}

/**
 * Makes one of the instances that the same work would take again.
 * @returns whether there are more to make
 */
export function prepareAgain(): boolean {
  const last = taken.pop();
  if (!last) return false;
  const waiting = prepared.get(last.module) ?? [];
  prepared.set(last.module, waiting);
  if (waiting.length < MAX_PREPARED) waiting.push(makeInstance(last.module, last.maxMemory));
  return taken.length > 0;
}

function makeInstance(module: WebAssembly.Module, maxMemory: number): FreshInstance {
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
  return {
    instance,
    memory: made ?? (instance.exports.memory as WebAssembly.Memory),
    maxMemory,
    connect: (own) => {
      connected = own;
    },
  };
}
