// Checks whether Node can load an add-on: compares the symbols that it needs with those that this Node exports.
import { dynamicSymbols } from '../formats/elf-dynamic.js';
import { printable } from '../text/printable.js';

/** What an add-on uses of Node. */
export interface AddonUses {
  /** Whether it uses only N-API, so that every Node with this version of N-API or a later one can load it. */
  napi: boolean;
  /**
   * Symbols that are in neither Node nor a library that is loaded with the add-on: those that belong to Node, and
   * others.
   */
  missing: { node: string[]; other: string[] };
}

/** Names of V8's and Node's C++ functions, as the Itanium C++ ABI mangles them. */
const NODE_CXX = /^_Z[A-Z]*(2v8|4node|6cppgc)/;
/**
 * Functions of Node that return a type of the C++ library which has another layout in art's C++ library. Their mangled
 * names do not contain the type.
 */
const RETURNS: Readonly<Record<string, string>> = { _ZN2v87Isolate16GetDefaultLocaleEv: 'string' };
const NODE_C = /^(napi_|node_api_|uv_|node_module_register$)/;
/** The libraries of glibc and musl. */
const C_LIBRARY =
  /^(lib(c|m|pthread|dl|rt|util|resolv|anl|nsl|crypt|thread_db|BrokenLocale|mvec)\.so(\.\d+)*|ld-[\w.-]+\.so(\.\d+)*)$/;
const COMPILER_LIBRARY = /^lib(stdc\+\+|gcc_s|atomic)\.so/;

/**
 * Finds out what an add-on uses of Node.
 * @param addon the bytes of an add-on
 * @param exported the symbols that Node exports; undefined if they are not known
 * @returns undefined if it is not an ELF file
 */
export function usesOf(addon: Uint8Array, exported: ReadonlySet<string> | undefined): AddonUses | undefined {
  const symbols = dynamicSymbols(addon);
  if (!symbols) return undefined;
  const cxx = symbols.undefined.filter(({ name }) => NODE_CXX.test(name));
  const open = exported
    ? symbols.undefined.filter(({ name, weak, versioned }) => !weak && !versioned && !exported.has(name))
    : [];
  const isNodes = ({ name }: { name: string }) => NODE_CXX.test(name) || NODE_C.test(name);
  // True if every library that it needs is known: the user's own libraries may have any name. The symbols of musl have
  // no versions, so nothing is known about an add-on for musl.
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

/**
 * The symbols that a Node exports to add-ons; undefined if parts of this Node are in shared libraries, as in Debian's
 * package.
 */
export function exportsOf(node: Uint8Array): ReadonlySet<string> | undefined {
  const symbols = dynamicSymbols(node);
  const isWhole = symbols?.needed.every((name) => C_LIBRARY.test(name) || COMPILER_LIBRARY.test(name));
  return isWhole ? new Set(symbols?.defined.map(({ name }) => name)) : undefined;
}

const STANDARD_TYPE = /\bstd::__1::(\w+)/;

/**
 * Describes why Node cannot load an add-on that needs a missing symbol.
 * @param name the demangled name
 * @param symbol the name in the file
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
