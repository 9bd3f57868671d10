// What build systems need to use art as their compiler: one-word commands, and the file that names them.
import { type AssetName, PINNED } from '../assets/pinned.js';
import { archivesOf, type Target } from '../targets/targets.js';
import { VERSION } from '../version.js';

/** The supported build systems; `env` is for those that read CC, CXX and AR. */
export const BUILD_SYSTEMS = ['cmake', 'meson', 'env'] as const;
export type BuildSystem = (typeof BUILD_SYSTEMS)[number];

/** The commands of art that replace a compiler and its tools; each is a script in one folder. */
export const WRAPPED = ['cc', 'c++', 'ar', 'ranlib', 'nm', 'strip', 'objcopy', 'clang-scan-deps'] as const;
type Wrapped = (typeof WRAPPED)[number];
/** Those that depend on the target: they compile, or scan sources as for compiling. */
const FOR_TARGET: readonly Wrapped[] = ['cc', 'c++', 'clang-scan-deps'];

/** Paths and facts of this machine. */
export interface Installation {
  /** The folder of the scripts, as an absolute path. */
  wrappers: string;
  target: Target;
  /** Whether programs for the target run here directly. */
  native: boolean;
  /** An emulator that runs programs for the target here, if there is one. */
  emulator?: string;
}

/** A script beside the others that starts art on this machine. */
export const START = 'start';

/**
 * The script for one command. Its bytes are the same on every machine: compiler caches hash them as the compiler, so
 * they must contain what determines outputs, and nothing else. What is specific to this machine is in START.
 */
export function wrapperScript(name: Wrapped, target: Target): string {
  const own = FOR_TARGET.includes(name) ? ` --target=${target.triple}` : '';
  const words = `set -- ${name}${own} "$@"`;
  const isCompiler = name === 'cc' || name === 'c++';
  return `${[
    '#!/bin/sh',
    `# art ${VERSION}, programs and sysroots ${digestOf(target)}`,
    `here=\${0%/*}`,
    `[ -f "$here/${START}" ] || here=$(dirname -- "$(readlink -f -- "$0")")`,
    // To a compiler with a name such as clang, distcc also passes the triple of its own machine; the last triple takes
    // effect.
    ...(isCompiler ? ['case $0 in', `*/clang*) set -- ${name} "$@"${own} ;;`, `*) ${words} ;;`, 'esac'] : [words]),
    `. "$here/${START}"`,
  ].join('\n')}\n`;
}

/** What determines outputs for a target besides the command line: the digests of the program and the sysroots. */
function digestOf(target: Target): string {
  const names: AssetName[] = ['llvm', ...archivesOf([target])];
  return names.map((name) => PINNED[name].sha256.slice(0, 16)).join(' ');
}

/**
 * The text of START, which starts art with the words that the other scripts set.
 * @param art the command line that starts art
 * @param sysroots the folder that art sysroot wrote, if there is one
 */
export function startScript(art: readonly string[], sysroots?: string): string {
  const variable = sysroots === undefined ? '' : `export ART_SYSROOT=${shellWord(sysroots)}\n`;
  return `${variable}exec ${art.map(shellWord).join(' ')} "$@"\n`;
}

/**
 * The modification time of a script. It is derived from its bytes, so that caches that compare this time, as ccache
 * does, recognise the same script on every machine.
 * @param sha256 of the script
 * @returns seconds since 1970, in the years 2001 to 2009
 */
export const timeOf = (sha256: string): number => 1e9 + (Number.parseInt(sha256.slice(0, 12), 16) % 2 ** 28);

/**
 * A script that runs a WASI program with access to a directory, in the form in which build systems call the emulator of
 * tests.
 */
export function runScript(art: readonly string[]): string {
  const words = [...art, 'run', '--dir', '.'].map(shellWord).join(' ');
  return `#!/bin/sh\nprogram=$1\nshift\nexec ${words} --dir "$PWD" "$program" -- "$@"\n`;
}

/** CMake's platform file for WASI, for CMake before 3.31, which has none. */
export const CMAKE_PLATFORM = { path: 'cmake/Platform/WASI.cmake', text: 'set(WASI 1)\nset(UNIX 1)\n' } as const;

/** The text with which a build system uses the scripts: a toolchain file, a cross file, or shell commands. */
export function toolchainFile(system: BuildSystem, at: Installation): string {
  switch (system) {
    case 'cmake':
      return cmakeFile(at);
    case 'meson':
      return mesonFile(at);
    case 'env':
      return environment(at);
  }
}

const isWindows = ({ format }: Target) => format === 'COFF';

/** Names of emulators for programs of a target. */
export const emulatorsOf = (target: Target): readonly string[] =>
  isWindows(target) ? ['wine', 'wine64'] : [`qemu-${target.architecture}-static`, `qemu-${target.architecture}`];

const shellWord = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

function cmakeFile({ wrappers, target, native }: Installation): string {
  const path = (name: Wrapped) => `"${`${wrappers}/${name}`.replace(/[\\"$]/g, '\\$&')}"`;
  const tools = ['ar', 'ranlib', 'nm', 'strip', 'objcopy'] as const;
  const isWasi = target.libc === 'wasi-libc';
  const wasi = [
    'set(CMAKE_SYSTEM_NAME WASI)',
    'set(CMAKE_SYSTEM_VERSION 1)',
    `set(CMAKE_SYSTEM_PROCESSOR ${target.architecture})`,
    `list(APPEND CMAKE_MODULE_PATH "${wrappers.replace(/[\\"$]/g, '\\$&')}/cmake")`,
    `set(CMAKE_CROSSCOMPILING_EMULATOR "${wrappers.replace(/[\\"$]/g, '\\$&')}/run")`,
  ];
  const cross = [
    // For programs of this machine CMake need not know that the libc is another one: what it builds runs here.
    `set(CMAKE_SYSTEM_NAME ${isWindows(target) ? 'Windows' : 'Linux'})`,
    `set(CMAKE_SYSTEM_PROCESSOR ${target.architecture})`,
    `find_program(ART_EMULATOR NAMES ${emulatorsOf(target).join(' ')})`,
    'if(ART_EMULATOR)',
    `  set(CMAKE_CROSSCOMPILING_EMULATOR "\${ART_EMULATOR}")`,
    'endif()',
  ];
  return `${[
    ...(native ? [] : isWasi ? wasi : cross),
    `set(CMAKE_C_COMPILER ${path('cc')})`,
    `set(CMAKE_CXX_COMPILER ${path('c++')})`,
    `set(CMAKE_ASM_COMPILER ${path('cc')})`,
    ...tools.map((name) => `set(CMAKE_${name.toUpperCase()} ${path(name)} CACHE FILEPATH "")`),
    '# What CMake 3.28 and later scans C++20 modules with.',
    `set(CMAKE_CXX_COMPILER_CLANG_SCAN_DEPS ${path('clang-scan-deps')} CACHE FILEPATH "")`,
    '# Libraries of this machine are not for the target: name those that are in CMAKE_FIND_ROOT_PATH.',
    `list(APPEND CMAKE_FIND_ROOT_PATH "${wrappers.replace(/[\\"$]/g, '\\$&')}")`,
    'set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)',
    ...['LIBRARY', 'INCLUDE', 'PACKAGE'].map((kind) => `set(CMAKE_FIND_ROOT_PATH_MODE_${kind} ONLY)`),
    '# Programs are static, and -rdynamic would make them need a loader.',
    'set(CMAKE_POLICY_DEFAULT_CMP0065 NEW)',
  ].join('\n')}\n`;
}

function mesonFile({ wrappers, target, native, emulator }: Installation): string {
  const text = (value: string) => `'${value.replace(/[\\']/g, '\\$&')}'`;
  const binaries = { c: 'cc', cpp: 'c++', ar: 'ar', ranlib: 'ranlib', nm: 'nm', strip: 'strip', objcopy: 'objcopy' };
  return `${[
    '[binaries]',
    ...Object.entries(binaries).map(([name, wrapped]) => `${name} = ${text(`${wrappers}/${wrapped}`)}`),
    ...(!native && emulator ? [`exe_wrapper = ${text(emulator)}`] : []),
    '',
    '[properties]',
    `needs_exe_wrapper = ${!native}`,
    '',
    '[host_machine]',
    `system = ${text(target.libc === 'wasi-libc' ? 'wasi' : isWindows(target) ? 'windows' : 'linux')}`,
    `cpu_family = ${text(target.architecture)}`,
    `cpu = ${text(target.architecture)}`,
    "endian = 'little'",
  ].join('\n')}\n`;
}

function environment({ wrappers }: Installation): string {
  const names = {
    cc: 'CC',
    'c++': 'CXX',
    ar: 'AR',
    ranlib: 'RANLIB',
    nm: 'NM',
    strip: 'STRIP',
    objcopy: 'OBJCOPY',
  } satisfies Partial<Record<Wrapped, string>>;
  return Object.entries(names)
    .map(([name, variable]) => `export ${variable}=${shellWord(`${wrappers}/${name}`)}\n`)
    .join('');
}
