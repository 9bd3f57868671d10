// Makes the compiler's command line.
import { COMPILED_PREAMBLE, INTERFACES, OUTPUT, PREAMBLE, PROFILE } from './paths.js';
import type { CompileRequest, EmitKind } from './requests.js';
import { moduleOptions } from './standard-modules.js';

/** The files that the outputs of a unit are written to. */
export const OUTPUTS: Readonly<Record<EmitKind, string>> = {
  bitcode: `${OUTPUT}/optimised.bc`,
  object: `${OUTPUT}/object.o`,
  asm: `${OUTPUT}/assembly.s`,
  ir: `${OUTPUT}/ir.ll`,
};
/** The files for what a request makes instead of outputs. */
export const MADE = {
  scan: `${OUTPUT}/modules.json`,
  interface: `${OUTPUT}/interface.pcm`,
  preamble: `${OUTPUT}/preamble.pch`,
} as const;
/** The file in which the compiler reports how well a profile fits the unit. */
export const PROFILE_REPORT = `${OUTPUT}/profile-report.json`;

/** Adds a counter at the entry of every function, so that the profile says how often each ran. */
const IR_COUNTERS = ['-fprofile-generate', '-mllvm', '-pgo-instrument-entry'];

/** The flags of clang's driver for a profile. A plan is passed to the program in another way. */
function profileFlags({ profile, instrument }: CompileRequest): string[] {
  if (instrument) return instrument === 'ir' ? IR_COUNTERS : ['-fprofile-instr-generate'];
  if (profile?.kind === 'instr') return [`-fprofile-instr-use=${PROFILE}`];
  return profile?.kind === 'sample' ? [`-fprofile-sample-use=${PROFILE}`] : [];
}

/** True for assembly, by the endings that clang knows: `.S` is preprocessed, `.s` is not. */
export const isAssembly = (path: string) => /\.[sS]$/.test(path);

/** Options for the outputs besides the object that clang's driver writes, which is the case for assembly. */
function outputOptions({ path, emit, profile }: CompileRequest): string[] {
  if (isAssembly(path)) return [];
  return [
    ...emit.map((kind) => `--${kind}=${OUTPUTS[kind]}`),
    ...(profile?.kind === 'plan' ? [`--plan=${PROFILE}`] : []),
    ...(profile ? [`--profile-report=${PROFILE_REPORT}`] : []),
  ];
}

/**
 * Passes flags that include files to cc1 directly: for `a.h` the driver would use `a.h.pch` or `a.h.gch`, which another
 * compiler may have made.
 */
function includedAsText(flags: readonly string[]): string[] {
  const said: string[] = [];
  for (let at = 0; at < flags.length; at++) {
    const [flag, next] = [flags[at] as string, flags[at + 1]];
    if (next === undefined || (flag !== '-include' && flag !== '-Xclang')) said.push(flag);
    else {
      said.push(...(flag === '-include' ? ['-Xclang', flag, '-Xclang', next] : [flag, next]));
      at++;
    }
  }
  return said;
}

/** The file for a module's interface. The ':' in the name of a partition is replaced. */
export const interfaceFile = (module: string): string => `${INTERFACES}/${module.replace(':', '-')}.pcm`;

/** Compiles a module unit whatever its file name; clang's driver recognises only some endings. */
const AS_MODULE = ['-x', 'c++-module'];

/** The beginning of the command line of a unit, before the words that say what to write. */
function programFor(request: CompileRequest): string[] {
  if (request.instead === 'scan') return ['clang-scan-deps', '-format=p1689', '-o', MADE.scan, '--', 'clang++'];
  if (request.instead) return ['clang++'];
  return ['compile', ...outputOptions(request), '--', 'clang'];
}

function outputWords({ instead, path }: CompileRequest): string[] {
  if (instead === 'preamble') return ['-x', 'c++-header', '-o', MADE.preamble];
  const language = instead === 'interface' || path.endsWith('.ixx') ? AS_MODULE : [];
  return instead === 'interface'
    ? [...language, '--precompile', '-o', MADE.interface]
    : [...language, '-c', '-o', OUTPUTS.object];
}

/**
 * Makes clang start from a compiled preamble: it goes on at the given byte of the text, which is the beginning of a
 * line.
 */
const afterPreamble = ({ instead, preamble }: CompileRequest): string[] =>
  instead || !preamble?.compiled
    ? []
    : ['-include-pch', COMPILED_PREAMBLE, '-Xclang', `-preamble-bytes=${preamble.text.length},1`];

/**
 * The command line that compiles a unit in the working directory and writes the requested outputs.
 * @param options of driverOptions
 */
export function compileArguments(request: CompileRequest, options: readonly string[]): string[] {
  return [
    ...programFor(request),
    ...options,
    // Debug info must not contain the compiler's working directory.
    '-fdebug-compilation-dir=.',
    '-fcoverage-compilation-dir=.',
    request.color ? '-fcolor-diagnostics' : '-fno-color-diagnostics',
    // Compiling the same IR for several targets is intended, so clang need not warn about it.
    '-Wno-override-module',
    // Flags of a project apply to all units; most have no effect on assembly.
    ...(isAssembly(request.path) ? ['-Wno-unused-command-line-argument'] : []),
    ...(request.instead ? [] : profileFlags(request)),
    ...includedAsText(request.flags),
    ...moduleOptions(request.modules ?? []),
    ...[...(request.interfaces?.keys() ?? [])].map((name) => `-fmodule-file=${name}=${interfaceFile(name)}`),
    ...afterPreamble(request),
    ...outputWords(request),
    // clang-scan-deps treats '--' as the end of its own options.
    ...(request.instead === 'scan' ? [] : ['--']),
    request.instead === 'preamble' ? PREAMBLE : request.path,
  ];
}
