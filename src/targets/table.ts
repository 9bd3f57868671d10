// All that is different from one kind of target to another: how its triples are spelled, what its files are, what art
// has for it, and what art cannot do. A new target, or a libc, is a row here.
import type { AssetName } from '../assets/pinned.js';

/** Architectures that code is generated for. */
export type Architecture = 'x86_64' | 'aarch64' | 'wasm32';

export type ObjectFormat = 'ELF' | 'COFF' | 'Mach-O' | 'WebAssembly';

/** Names of architectures in triples and options, and what they mean. */
export const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x86_64: 'x86_64',
  amd64: 'x86_64',
  aarch64: 'aarch64',
  arm64: 'aarch64',
  wasm32: 'wasm32',
};

/** A folder of an archive, and where the compiler finds it. */
export interface SysrootPiece {
  asset: AssetName;
  /** The folder in the archive. */
  below: string;
  /** Below the target's sysroot, or below clang's resource directory. */
  into: 'sysroot' | 'resources';
  at: string;
  /**
   * What names of its files and folders look like: to unpack an archive for a name that it cannot hold would take longer
   * than a small unit.
   */
  names?: RegExp;
}

/** Headers, and where there are any libraries, that art brings for a target. */
export interface Sysroot {
  /** Its folder below SYSROOTS; several targets may share it. */
  name: string;
  /** What appears at one place is looked into in this order. */
  pieces: readonly SysrootPiece[];
}

/** Options of clang's driver for the libraries that programs are linked with. */
export interface Libraries {
  cxx: readonly string[];
  /** Only where something is linked. */
  linking: (architecture: Architecture) => readonly string[];
}

/** One kind of target. */
export interface System {
  /** Triples of this kind, as loosely as clang's driver reads them. The first row that matches counts. */
  matches: RegExp;
  /** What options take after the architecture. */
  spelled: RegExp;
  architectures: readonly Architecture[];
  format: ObjectFormat;
  /** The C library that programs are for; undefined where art knows of none. */
  libc: 'musl' | 'wasi-libc' | undefined;
  sysroot: ((architecture: Architecture) => Sysroot) | undefined;
  /** Undefined where programs are not linked without a sysroot of the user's, or -nostdlib. */
  libraries: Libraries | undefined;
  /** The driver of lld that links for it; undefined where there is none. */
  linker: 'ld.lld' | 'wasm-ld' | undefined;
  /** Whether LLVM's library disassembles its code. */
  disassembles: boolean;
}

const LIBRARY_FILES = /\.(a|o|so)$/;
const LINUX_HEADERS = /^(asm|asm-generic|drm|linux|misc|mtd|rdma|scsi|sound|video|xen)(\/|$)/;

/** musl, Linux's headers, libc++ and compiler-rt. musl's headers and the kernel's have no file in common. */
function musl(architecture: Architecture): Sysroot {
  const name = `${architecture}-unknown-linux-musl`;
  const libraries = { asset: `libraries-${architecture}` as AssetName, names: LIBRARY_FILES };
  const linux = { asset: 'linux-headers', into: 'sysroot', at: 'usr/include', names: LINUX_HEADERS } as const;
  return {
    name,
    pieces: [
      { asset: 'musl-headers', below: name, into: 'sysroot', at: '' },
      { asset: 'libcxx-headers', below: '', into: 'sysroot', at: 'usr/include/c++/v1' },
      { ...libraries, below: `${name}/usr/lib`, into: 'sysroot', at: 'usr/lib' },
      { ...libraries, below: `compiler-rt/${name}`, into: 'resources', at: `lib/${name}` },
      { ...linux, below: architecture },
      { ...linux, below: 'generic' },
    ],
  };
}

/** What clang's driver calls the systems that are WASI preview 1. */
const WASI = ['wasi', 'wasip1'] as const;

/** wasi-libc, libc++ and compiler-rt's builtins. libc++'s headers are musl's but for one. */
function wasi(): Sysroot {
  const libraries = { asset: 'libraries-wasm32', names: LIBRARY_FILES } as const;
  const libcxx = { into: 'sysroot', at: 'include/c++/v1' } as const;
  return {
    name: 'wasm32-wasip1',
    pieces: [
      { ...libcxx, asset: 'wasi-headers', below: 'c++', names: /^__config_site$/ },
      { ...libcxx, asset: 'libcxx-headers', below: '' },
      { asset: 'wasi-headers', below: 'include', into: 'sysroot', at: 'include' },
      ...WASI.flatMap((system): SysrootPiece[] => [
        { ...libraries, below: 'lib', into: 'sysroot', at: `lib/wasm32-${system}` },
        { ...libraries, below: 'compiler-rt', into: 'resources', at: `lib/wasm32-unknown-${system}` },
      ]),
    ],
  };
}

const LLVM_LIBRARIES: Libraries = {
  cxx: ['-stdlib=libc++'],
  linking: (architecture) => [
    '--rtlib=compiler-rt',
    '--unwindlib=libunwind',
    // With compiler-rt the driver would call its atomics on aarch64, unlike a clang that is told nothing.
    ...(architecture === 'aarch64' ? ['-mno-outline-atomics'] : []),
  ],
};

const NATIVE: readonly Architecture[] = ['x86_64', 'aarch64'];
/** What most rows have in common. */
const ELF = { architectures: NATIVE, format: 'ELF', libc: undefined, linker: 'ld.lld', disassembles: true } as const;
const NOTHING = { sysroot: undefined, libraries: undefined } as const;

const WEBASSEMBLY = { architectures: ['wasm32'], format: 'WebAssembly', linker: 'wasm-ld', disassembles: false } as const;

export const SYSTEMS: readonly System[] = [
  {
    ...WEBASSEMBLY,
    matches: /-wasi(p1)?$/,
    spelled: /^(?:unknown-)?(?:wasi|wasip1)$/,
    libc: 'wasi-libc',
    sysroot: wasi,
    // libc++ throws nothing there, and what its headers throw would not link.
    libraries: { cxx: ['-fno-exceptions'], linking: () => [] },
  },
  { ...WEBASSEMBLY, ...NOTHING, matches: /^wasm/, spelled: /^(?:unknown-)?unknown$/, libc: undefined },
  {
    ...ELF,
    matches: /-linux-musl/,
    spelled: /^(?:[a-z0-9_]+-)?linux-musl$/,
    libc: 'musl',
    sysroot: musl,
    libraries: LLVM_LIBRARIES,
  },
  // musl's headers also serve plain C for glibc.
  { ...ELF, matches: /linux/, spelled: /^(?:[a-z0-9_]+-)?linux(?:-gnu)?$/, sysroot: musl, libraries: undefined },
  {
    ...ELF,
    ...NOTHING,
    matches: /windows|mingw|cygwin/,
    spelled: /^(?:[a-z0-9_]+-)?windows-msvc$/,
    format: 'COFF',
    linker: undefined,
  },
  {
    ...ELF,
    ...NOTHING,
    matches: /-apple|macos|darwin|ios/,
    spelled: /^(?:[a-z0-9_]+-)?(?:macos|macosx|darwin)[0-9.]*$/,
    format: 'Mach-O',
    linker: undefined,
  },
  // Bare metal, and whatever else there is of ELF.
  { ...ELF, ...NOTHING, matches: /^/, spelled: /^(?:[a-z0-9_]+-)?(?:none-elf|unknown-elf|elf)$/ },
];

/** What the name of an architecture alone means. */
export const DEFAULT_TRIPLES: Readonly<Record<Architecture, string>> = {
  x86_64: 'x86_64-unknown-linux-musl',
  aarch64: 'aarch64-unknown-linux-musl',
  wasm32: 'wasm32-unknown-unknown',
};

/** The C libraries that art has libraries for, for messages. */
export const LIBCS = [...new Set(SYSTEMS.filter(({ libraries }) => libraries).map(({ libc }) => libc))].join(' and ');
