// New instances of a program. Making one takes some 20 ms: V8 copies the program's
// data to fresh memory. A process that waits for work can do that beforehand.

type Imports = Readonly<Record<string, (...args: never[]) => number>>;

/** An instance that has not run, and a way to give it its imports. */
interface FreshInstance {
  instance: WebAssembly.Instance;
  connect(imports: Imports): void;
}

/** Of a program; each holds some 20 MB. A compiler command takes two of clang: to plan, and to compile. */
const MAX_PREPARED = 2;
const prepared = new WeakMap<WebAssembly.Module, FreshInstance[]>();
/** What was taken since the last `prepareAgain`. */
const taken: WebAssembly.Module[] = [];

/** An instance that has not run, with these imports. */
export function takeInstance(module: WebAssembly.Module, imports: Imports): WebAssembly.Instance {
  taken.push(module);
  const { instance, connect } = prepared.get(module)?.pop() ?? makeInstance(module);
  connect(imports);
  return instance;
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
  const module = taken.pop();
  if (!module) return false;
  const waiting = prepared.get(module) ?? [];
  prepared.set(module, waiting);
  if (waiting.length < MAX_PREPARED) waiting.push(makeInstance(module));
  return taken.length > 0;
}

function makeInstance(module: WebAssembly.Module): FreshInstance {
  let connected: Imports = {};
  const forward = (name: string) =>
    [name, (...args: never[]) => (connected[name] as Imports[string])(...args)] as const;
  const imports = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => forward(name)));
  return {
    instance: new WebAssembly.Instance(module, { wasi_snapshot_preview1: imports as WebAssembly.ModuleImports }),
    connect: (own) => {
      connected = own;
    },
  };
}
