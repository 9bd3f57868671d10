// The table of targets: everything that differs between them: how triples are written, which formats files have, what
// art has for a target, and what art cannot do for it. A new target, or a C library, is a row here.
import type { AssetName } from '../assets/pinned.js';
import { DEFAULT_GLIBC, isGlibcVersion, NEWEST_GLIBC, OLDEST_GLIBC } from './glibc-versions.js';

/** The architectures for which code can be generated. */
export type Architecture = 'x86_64' | 'aarch64' | 'wasm32';

export type ObjectFormat = 'ELF' | 'COFF' | 'Mach-O' | 'WebAssembly';

/** Names of architectures in triples and options, and their meaning. */
export const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x86_64: 'x86_64',
  amd64: 'x86_64',
  aarch64: 'aarch64',
  arm64: 'aarch64',
  wasm32: 'wasm32',
};

/** A folder of an archive, and its place in the compiler's file system. */
export interface SysrootPiece {
  asset: AssetName;
  /** The folder in the archive. */
  below: string;
  /** Where it is mounted: in the target's sysroot, or in the folder of its libraries in clang's resource directory. */
  into: 'sysroot' | 'resources';
  at: string;
  /**
   * Matches the names of its files and folders, so that an archive is not unpacked for a name that it cannot contain,
   * which would take longer than compiling a small unit.
   */
  names?: RegExp;
  /** Whether nearly every unit uses it: then a process reads the archive once for all of its workers. */
  always?: true;
}

/** The headers and libraries of art for a target. */
export interface Sysroot {
  /** Name of its folder below SYSROOTS: a triple by which the table finds it. Several targets may share it. */
  name: string;
  /** The triple by which clang's driver names the folder of its libraries, below lib/ of the resource directory. */
  resources: string;
  /** For glibc: the architecture and version for which its own files are made. */
  glibc?: { architecture: 'x86_64' | 'aarch64'; version: string };
  /** The archives from which these files are made. */
  sources?: readonly AssetName[];
  /** The pieces. If several are at the same place, they are searched in this order. */
  pieces: readonly SysrootPiece[];
}

/** The versions of a C library: a triple may end in one, as x86_64-linux-gnu.2.17. */
export interface Versions {
  /** The version for a triple that names none. */
  usual: string;
  has: (version: string) => boolean;
  /** The supported range, for messages. */
  range: string;
}

/** How programs are linked, and the options of clang's driver for their libraries. */
export interface Libraries {
  /**
   * `static`: programs are static unless a command says otherwise, so that they run on any Linux; `dynamic`: they are
   * linked as clang's driver does by default, and static ones are not possible; `named`: as the command says, or as the
   * driver chooses.
   */
  programs: 'static' | 'dynamic' | 'named';
  cxx: readonly string[];
  /** Options that are passed only when linking. */
  linking: (architecture: Architecture) => readonly string[];
  /** Whether UBSan's library is among them. */
  ubsan: boolean;
}

/** Endings of linked files, if the driver or the system requires them. */
export interface Endings {
  executable: string;
  shared: string;
}

/** A row of the table: one kind of target. */
export interface System {
  /** Matches triples of this kind, as loosely as clang's driver reads them. The first row that matches is used. */
  matches: RegExp;
  /** Matches the part after the architecture in the triples that options accept. */
  spelled: RegExp;
  architectures: readonly Architecture[];
  format: ObjectFormat;
  /** The C library of programs; undefined if art knows of none. */
  libc: 'musl' | 'glibc' | 'wasi-libc' | 'mingw-w64' | undefined;
  /** The versions of the C library; undefined if it has none that matter to art. */
  versions?: Versions;
  /** Makes the sysroot. @param version of the C library, if it has versions */
  sysroot: ((architecture: Architecture, version: string, triple: string) => Sysroot) | undefined;
  /** How to link; undefined if that needs a sysroot of the user, or -nostdlib. */
  libraries: Libraries | undefined;
  /** The driver of lld that links for it; undefined if there is none. */
  linker: 'ld.lld' | 'wasm-ld' | undefined;
  /** Endings of linked files; undefined if they are named exactly as a command says. */
  endings?: Endings;
  /** Whether llvm.wasm can disassemble its code. */
  disassembles: boolean;
  /** What its programs cannot do. */
  lacks?: Lacking;
}

/** What programs of a target cannot do, and what to do instead. */
export interface Lacking {
  /** Flags of the driver that ask for it. */
  flags: readonly (readonly [flag: RegExp, why: string])[];
  /** Messages of compiler and linker for programs that use it. */
  messages: readonly (readonly [printed: RegExp, why: string])[];
}

const LIBRARY_FILES = /\.(a|o|so)$/;
const UBSAN_FILES = /^libclang_rt\.ubsan_/;
const LINUX_HEADERS = /^(asm|asm-generic|drm|linux|misc|mtd|rdma|scsi|sound|video|xen)(\/|$)/;

/** UBSan's library; its archive is opened if a command uses it. */
const ubsan = (asset: AssetName): SysrootPiece => ({ asset, below: '', into: 'resources', at: '', names: UBSAN_FILES });

/** musl, Linux's headers, libc++ and compiler-rt. The headers of musl and of the kernel have no file in common. */
function musl(architecture: Architecture): Sysroot {
  const name = `${architecture}-unknown-linux-musl`;
  const libraries = { asset: `libraries-${architecture}` as AssetName, names: LIBRARY_FILES };
  const modules = { asset: 'libcxx-modules', into: 'sysroot' } as const;
  const linux = { asset: 'linux-headers', into: 'sysroot', at: 'usr/include', names: LINUX_HEADERS } as const;
  return {
    name,
    resources: name,
    pieces: [
      { asset: 'musl-headers', below: name, into: 'sysroot', at: '', always: true },
      { asset: 'libcxx-headers', below: '', into: 'sysroot', at: 'usr/include/c++/v1' },
      { ...libraries, below: `${name}/usr/lib`, into: 'sysroot', at: 'usr/lib' },
      { ...libraries, below: `compiler-rt/${name}`, into: 'resources', at: '' },
      ubsan(`sanitizers-${architecture}` as AssetName),
      { ...modules, below: 'lib', at: 'usr/lib', names: /^libc\+\+\.modules\./ },
      { ...modules, below: 'share/libc++', at: 'usr/share/libc++' },
      { ...linux, below: architecture },
      { ...linux, below: 'generic' },
    ],
  };
}

/** Names of headers in the second archive; libc++ looks for some that Windows does not have. */
const MORE_HEADERS =
  /^(?!features\.h$|picolibc\.h$).*\.(h|dlg|rh|inl|ver|i|hxx)$|^$|^(gdiplus|GL|KHR|wrl|sys|sec_api|psdk_inc)(\/|$)/;
/** Names of libraries in the second archive. The linker also looks for lib*.dll.a, which no library here is called. */
const MORE_LIBRARIES = /^(lib[^.]+(\.\d+)?\.a)?$/;

/**
 * mingw-w64 for UCRT, libc++ and compiler-rt. One archive has the headers and libraries that most programs use, a
 * second one the others.
 */
function mingw(architecture: Architecture, _version: string, triple: string): Sysroot {
  const libraries = { asset: `libraries-mingw-${architecture}` as AssetName, names: /(^|\.[ao])$/ };
  const vendor = triple.split('-').length > 3 || /mingw/.test(triple) ? triple.split('-')[1] : 'unknown';
  return {
    name: `${architecture}-w64-windows-gnu`,
    resources: `${architecture}-${vendor}-windows-gnu`,
    pieces: [
      { asset: 'mingw-headers', below: 'include', into: 'sysroot', at: 'include', always: true },
      { asset: 'mingw-headers', below: 'libcxx', into: 'sysroot', at: 'include/c++/v1', names: /^(__config_site)?$/ },
      { asset: 'libcxx-headers', below: '', into: 'sysroot', at: 'include/c++/v1' },
      { asset: 'more-mingw-headers', below: '', into: 'sysroot', at: 'include', names: MORE_HEADERS },
      { ...libraries, below: 'lib', into: 'sysroot', at: 'lib' },
      {
        asset: `more-libraries-mingw-${architecture}` as AssetName,
        below: '',
        into: 'sysroot',
        at: 'lib',
        names: MORE_LIBRARIES,
      },
      { ...libraries, below: 'compiler-rt', into: 'resources', at: '' },
      ubsan(`sanitizers-mingw-${architecture}` as AssetName),
    ],
  };
}

/** glibc of one version; the rest as for musl. */
function glibc(architecture: Architecture, version: string): Sysroot {
  const resources = `${architecture}-unknown-linux-gnu`;
  const libraries = { asset: `libraries-gnu-${architecture}` as AssetName, names: LIBRARY_FILES };
  const linux = { asset: 'linux-headers', into: 'sysroot', at: 'usr/include', names: LINUX_HEADERS } as const;
  return {
    name: `${resources}.${version}`,
    resources,
    sources: ['glibc-headers', `glibc-${architecture}` as AssetName],
    glibc: { architecture: architecture as 'x86_64' | 'aarch64', version },
    pieces: [
      { asset: 'libcxx-headers', below: '', into: 'sysroot', at: 'usr/include/c++/v1' },
      { ...libraries, below: 'usr/lib', into: 'sysroot', at: 'usr/lib' },
      { ...libraries, below: 'compiler-rt', into: 'resources', at: '' },
      ubsan(`sanitizers-gnu-${architecture}` as AssetName),
      { ...linux, below: architecture },
      { ...linux, below: 'generic' },
    ],
  };
}

/** wasi-libc, libc++ and compiler-rt's builtins. The headers of libc++ are those for musl, except one. */
function wasi(system: 'wasi' | 'wasip1'): Sysroot {
  const libraries = { asset: 'libraries-wasm32', names: LIBRARY_FILES } as const;
  const libcxx = { into: 'sysroot', at: 'include/c++/v1' } as const;
  return {
    name: `wasm32-${system}`,
    resources: `wasm32-unknown-${system}`,
    pieces: [
      { asset: 'wasi-headers', below: 'include', into: 'sysroot', at: 'include', always: true },
      { ...libcxx, asset: 'wasi-headers', below: 'c++', names: /^__config_site$/ },
      { ...libcxx, asset: 'libcxx-headers', below: '' },
      { ...libraries, below: 'lib', into: 'sysroot', at: `lib/wasm32-${system}` },
      { ...libraries, below: 'compiler-rt', into: 'resources', at: '' },
    ],
  };
}

const LLVM_LIBRARIES = {
  cxx: ['-stdlib=libc++'],
  linking: (architecture: Architecture) => [
    '--rtlib=compiler-rt',
    '--unwindlib=libunwind',
    // With compiler-rt the driver would use its outlined atomics on aarch64, which clang without options does not.
    ...(architecture === 'aarch64' ? ['-mno-outline-atomics'] : []),
  ],
  ubsan: true,
} satisfies Partial<Libraries>;

const NATIVE: readonly Architecture[] = ['x86_64', 'aarch64'];
/** What most rows have in common. */
const ELF = {
  architectures: NATIVE,
  format: 'ELF',
  libc: undefined,
  linker: 'ld.lld',
  disassembles: true,
} as const;
/** Windows with MinGW: LLVM's libraries are static, those of Windows are not. */
const MINGW = {
  ...ELF,
  matches: /-windows-gnu|mingw/,
  spelled: /^(?:[a-z0-9_]+-)?windows-gnu$|^w64-mingw32$/,
  format: 'COFF',
  endings: { executable: '.exe', shared: '.dll' },
  lacks: {
    flags: [
      [/^--?static-pie$/, 'programs for Windows are such already; leave it out'],
      [/^-r$/, 'lld joins no objects for Windows; make an archive with art ar'],
      [/^-fsanitize-minimal-runtime$/, 'there is no such library for Windows; leave it out'],
    ],
    messages: [],
  },
} as const;
const NOTHING = { sysroot: undefined, libraries: undefined } as const;

/**
 * An object does not record the C library that it was compiled for, but code for glibc calls some functions that only
 * glibc has.
 */
const MUSL_LACKS: Lacking = {
  flags: [],
  messages: [
    [
      /undefined symbol: (__isoc23_\w+|__\w+_(chk|finite)|__[lf]?xstat64|gnu_get_libc_\w+)\b/,
      'an input was compiled for glibc: compile it for this target, or link with --target=<architecture>-linux-gnu',
    ],
  ],
};

const WEBASSEMBLY = {
  architectures: ['wasm32'],
  format: 'WebAssembly',
  linker: 'wasm-ld',
  disassembles: false,
} as const;
/**
 * Stack size in bytes; the linker's default of 64 KiB is too little for programs that were written for other systems.
 */
const WASI_STACK = 1 << 20;
const NO_THREADS = 'WASI has no threads; leave them out, or build for another target';
const NO_EXCEPTIONS = 'WASI has no exceptions; return errors, or end the program with abort()';
const NO_PROCESSES = 'WASI has no processes; leave this out, or build for another target';
const NO_SOCKETS = 'WASI opens no sockets; leave this out, or build for another target';
const NO_SHARED =
  'WASI has no shared libraries; make a static one with art ar, or a program without main() with -mexec-model=reactor';
const WASI_LACKS: Lacking = {
  flags: [
    [/^-pthreads?$/, NO_THREADS],
    [/^-f(cxx-|wasm-)?exceptions$/, NO_EXCEPTIONS],
    [/^--?shared$/, NO_SHARED],
    [/^--?static-pie$/, 'a WASI program has no address that could change; leave it out'],
    [
      /^(-fprofile-(instr-)?generate(=.*)?|-fcs-profile-generate(=.*)?|--coverage)$/,
      "art has no profile runtime for WASI; count with another target's programs",
    ],
  ],
  messages: [
    [
      /cannot use '(throw|try)' with exceptions disabled|undefined symbol: (__cxa_(throw|allocate_exception|begin_catch)|_Unwind_)/,
      NO_EXCEPTIONS,
    ],
    [
      /no (member|type|template) named '(j?thread|this_thread|(recursive_|timed_|shared_)*mutex|condition_variable(_any)?|async|future|promise|lock_guard|scoped_lock|(unique|shared)_lock|call_once|barrier|latch|counting_semaphore)' in namespace 'std'/,
      NO_THREADS,
    ],
    [/--shared-memory is disallowed|undefined symbol: (thrd_create|__wasi_thread_spawn)/, NO_THREADS],
    [
      /(undeclared (library )?(function|identifier)|undefined symbol:) '?(v?fork|exec[lv]\w*|posix_spawnp?|wait(pid|id)?|system|popen|pipe2?|kill)\b/,
      NO_PROCESSES,
    ],
    [
      /(undeclared (library )?(function|identifier)|undefined symbol:) '?(socket|connect|bind|listen|getaddrinfo|gethostbyname)\b/,
      NO_SOCKETS,
    ],
  ],
};
const WASI = {
  ...WEBASSEMBLY,
  lacks: WASI_LACKS,
  libc: 'wasi-libc',
  // libc++ is built without exceptions there, and code in its headers that throws would not link.
  libraries: {
    programs: 'static',
    ubsan: false,
    cxx: ['-fno-exceptions'],
    linking: () => [`-Wl,-z,stack-size=${WASI_STACK}`],
  },
} as const;

export const SYSTEMS: readonly System[] = [
  { ...WASI, matches: /-wasip1$/, spelled: /^(?:unknown-)?wasip1$/, sysroot: () => wasi('wasip1') },
  { ...WASI, matches: /-wasi$/, spelled: /^(?:unknown-)?wasi$/, sysroot: () => wasi('wasi') },
  { ...WEBASSEMBLY, ...NOTHING, matches: /^wasm/, spelled: /^(?:unknown-)?unknown$/, libc: undefined },
  {
    ...ELF,
    matches: /-linux-musl/,
    spelled: /^(?:[a-z0-9_]+-)?linux-musl$/,
    libc: 'musl',
    sysroot: musl,
    libraries: { ...LLVM_LIBRARIES, programs: 'static' },
    lacks: MUSL_LACKS,
  },
  {
    ...ELF,
    matches: /-linux-gnu(?!x32|abi)/,
    spelled: /^(?:[a-z0-9_]+-)?linux-gnu$/,
    libc: 'glibc',
    versions: { usual: DEFAULT_GLIBC, has: isGlibcVersion, range: `${OLDEST_GLIBC} to ${NEWEST_GLIBC}` },
    sysroot: glibc,
    libraries: { ...LLVM_LIBRARIES, programs: 'dynamic' },
  },
  // musl's headers are also used for plain C for a Linux without a C library.
  { ...ELF, matches: /linux/, spelled: /^(?:[a-z0-9_]+-)?linux$/, sysroot: musl, libraries: undefined },
  {
    ...MINGW,
    architectures: ['x86_64'],
    libc: 'mingw-w64',
    sysroot: mingw,
    // For -flto the driver needs to find an lld.
    libraries: {
      ...LLVM_LIBRARIES,
      programs: 'named',
      linking: (architecture) => [...LLVM_LIBRARIES.linking(architecture), '-fuse-ld=lld'],
    },
  },
  { ...MINGW, ...NOTHING },
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
  // Bare metal, and all other ELF targets.
  { ...ELF, ...NOTHING, matches: /^/, spelled: /^(?:[a-z0-9_]+-)?(?:none-elf|unknown-elf|elf)$/ },
];

/** Why there are no static programs for glibc, and what to use instead, for messages. */
export const NO_STATIC_GLIBC =
  'art links programs for glibc dynamically only; for one that needs no library choose a musl target, such as x86_64-linux-musl';

/** The triple for the name of an architecture alone. */
export const DEFAULT_TRIPLES: Readonly<Record<Architecture, string>> = {
  x86_64: 'x86_64-unknown-linux-musl',
  aarch64: 'aarch64-unknown-linux-musl',
  wasm32: 'wasm32-unknown-unknown',
};

/** The C libraries for which art has libraries, for messages. */
export const LIBCS = [...new Set(SYSTEMS.filter(({ libraries }) => libraries).map(({ libc }) => libc))]
  .join(', ')
  .replace(/, ([^,]*)$/, ' and $1');
