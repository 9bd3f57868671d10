// Checks a WASI program, and runs it.
import { messageOf } from '../errors.js';
import { Exit, Host, type World } from './host.js';

const WASI = 'wasi_snapshot_preview1';
/** How many function names are shown for a trap. */
const SHOWN_FRAMES = 5;

/** How a program ended: with an exit status, or by a trap. `problem` is why it was not started. */
export type Ending = { status: number } | { trapped: string } | { problem: string };

/** The exit status of a program that trapped: that of shells for SIGABRT, which other WASI hosts use too. */
export const TRAPPED = 134;

/** Why bytes are not a module that can be run; undefined if they may be. */
function formatProblem(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 8 || view.getUint32(0) !== 0x0061736d) return 'is no WebAssembly';
  const version = view.getUint32(4, true);
  if (version === 1) return undefined;
  return version >>> 16 === 1
    ? 'is a component, as WASI preview 2 has them: build it for wasm32-wasip1'
    : `is WebAssembly of version ${version}, which nothing runs`;
}

/** Why a module is not a program of WASI preview 1; undefined if it is. */
function moduleProblem(module: WebAssembly.Module, known: ReadonlySet<string>): string | undefined {
  if (WebAssembly.Module.customSections(module, 'linking').length > 0)
    return 'is an object, and no program yet: link it with art link --target wasm32-wasip1';
  const exported = new Map(WebAssembly.Module.exports(module).map(({ name, kind }) => [name, kind]));
  const wanted = WebAssembly.Module.imports(module).filter(
    ({ module: from, name, kind }) => from !== WASI || kind !== 'function' || !known.has(name),
  );
  const [first] = wanted;
  if (first) {
    const more = wanted.length > 1 ? `, and ${wanted.length - 1} more` : '';
    return `wants the ${first.kind} '${first.module}.${first.name}'${more}, which WASI preview 1 does not have: ${adviceFor(first)}`;
  }
  if (exported.get('_start') !== 'function')
    return exported.has('_initialize')
      ? 'is a reactor, a library without main(): only who knows its functions can call it; link it without -mexec-model=reactor'
      : 'has no function _start: link it for wasm32-wasip1, with a main()';
  if (exported.get('memory') !== 'memory') return "has no memory of the name 'memory': link it for wasm32-wasip1";
  return undefined;
}

function adviceFor({ module, name }: WebAssembly.ModuleImportDescriptor): string {
  if (module === 'wasi' && name === 'thread-spawn') return 'it is for threads; build it without -pthread';
  if (module === 'wasi_unstable') return 'it is for an older WASI; build it again';
  if (module.startsWith('wasi')) return 'it is for another WASI; build it for wasm32-wasip1';
  return 'link what defines it, or leave out -Wl,--allow-undefined and -Wl,--import-memory';
}

/** The functions that were running when a program trapped, innermost first. */
function framesOf(error: Error): string {
  const names = [...(error.stack ?? '').matchAll(/^\s*at (?:async )?(\S.*?) \((?:wasm:|.*:wasm-function)/gm)]
    .map(([, name = '']) => name.replace(/^wasm-function\[\d+\]$/, '').replace(/^\S+\.wasm\./, ''))
    .filter((name) => name !== '');
  return names.length === 0 ? '' : `, in ${names.slice(0, SHOWN_FRAMES).join(' < ')}`;
}

/** Compiles and runs a program until it ends. */
export function runModule(bytes: Uint8Array<ArrayBuffer>, world: World): Ending {
  const wrong = formatProblem(bytes);
  if (wrong) return { problem: wrong };
  const host = new Host(world);
  try {
    let instance: WebAssembly.Instance;
    try {
      const module = new WebAssembly.Module(bytes);
      const problem = moduleProblem(module, new Set(Object.keys(host.imports)));
      if (problem) return { problem };
      instance = new WebAssembly.Instance(module, { [WASI]: host.imports });
    } catch (error) {
      return { problem: `cannot be loaded (${messageOf(error)}): build it again` };
    }
    host.memory = instance.exports.memory as WebAssembly.Memory;
    (instance.exports._start as () => void)();
    return { status: 0 };
  } catch (thrown) {
    if (thrown instanceof Exit) return { status: thrown.status };
    const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
    return { trapped: `${messageOf(error)}${framesOf(error)}` };
  } finally {
    host.close();
  }
}
