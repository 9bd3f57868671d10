// Whether Node will load what was built: what it takes from Node, held against what this Node has.
import { dynamicSymbols } from '../formats/elf-dynamic.js';
import { printable } from '../text/printable.js';

/** What an add-on uses of Node. */
export interface AddonUses {
  /** N-API only: any Node of its version, and every later one, loads it. */
  napi: boolean;
  /** Names of symbols that neither Node nor a library has which is loaded with it: those of Node's own C++, and others. */
  missing: { node: string[]; other: string[] };
}

/** Names of V8's and Node's C++, as the Itanium C++ ABI writes them. */
const NODE_CXX = /^_Z[A-Z]*(2v8|4node|6cppgc)/;
/** Functions of Node's that return a type of the C++ library which is laid out otherwise in art's: names do not tell. */
const RETURNS: Readonly<Record<string, string>> = { _ZN2v87Isolate16GetDefaultLocaleEv: 'string' };
const NODE_C = /^(napi_|node_api_|uv_|node_module_register$)/;
/** What comes with glibc and musl. */
const C_LIBRARY =
  /^(lib(c|m|pthread|dl|rt|util|resolv|anl|nsl|crypt|thread_db|BrokenLocale|mvec)\.so(\.\d+)*|ld-[\w.-]+\.so(\.\d+)*)$/;
const COMPILER_LIBRARY = /^lib(stdc\+\+|gcc_s|atomic)\.so/;

/**
 * @param addon an add-on, as ELF
 * @param exported what Node exports; undefined where that is not known
 * @returns undefined where it is no ELF
 */
export function usesOf(addon: Uint8Array, exported: ReadonlySet<string> | undefined): AddonUses | undefined {
  const symbols = dynamicSymbols(addon);
  if (!symbols) return undefined;
  const cxx = symbols.undefined.filter(({ name }) => NODE_CXX.test(name));
  const open = exported
    ? symbols.undefined.filter(({ name, weak, versioned }) => !weak && !versioned && !exported.has(name))
    : [];
  const isNodes = ({ name }: { name: string }) => NODE_CXX.test(name) || NODE_C.test(name);
  // A library of the user's may have any name; those of musl have no versions.
  const isClosed =
    symbols.undefined.some(({ versioned }) => versioned) && symbols.needed.every((n) => C_LIBRARY.test(n));
  return {
    napi: cxx.length === 0 && !symbols.undefined.some(({ name }) => name === 'node_module_register'),
    missing: {
      node: [...open.filter(isNodes), ...cxx.filter(({ name }) => Object.hasOwn(RETURNS, name))].map(
        ({ name }) => name,
      ),
      other: isClosed ? open.filter((symbol) => !isNodes(symbol)).map(({ name }) => name) : [],
    },
  };
}

/** The names that a Node gives to add-ons; undefined where it has some of itself in libraries, as those of Debian have. */
export function exportsOf(node: Uint8Array): ReadonlySet<string> | undefined {
  const symbols = dynamicSymbols(node);
  const isWhole = symbols?.needed.every((name) => C_LIBRARY.test(name) || COMPILER_LIBRARY.test(name));
  return isWhole ? new Set(symbols?.defined.map(({ name }) => name)) : undefined;
}

const STANDARD_TYPE = /\bstd::__1::(\w+)/;

/**
 * Why Node will not load an add-on for want of a symbol, in words.
 * @param name as C++ has it
 * @param symbol as the file has it
 */
export function missingInWords(name: string, symbol: string, version: string): string {
  const shown = printable(name.replaceAll('std::__1::', 'std::'));
  const type = STANDARD_TYPE.exec(name)?.[1] ?? RETURNS[symbol];
  if (type !== undefined)
    return `it uses ${shown}, ${symbol in RETURNS ? 'which returns' : 'whose signature has'} std::${type}: Node was built with another C++ library (libstdc++) than art's (libc++), and the two have different types of this name`;
  if (/^(napi_|node_api_)/.test(name))
    return `it uses ${shown}, a function of N-API that Node ${version} does not have: it needs a newer Node`;
  return `it uses ${shown}, which Node ${version} does not have: it was written for another version of Node`;
}
