// The command lines of clang and of llvm-codegen.
import type { EmitKind } from '../config/options.js';
import type { CompileRequest } from './compile.js';
import { OUTPUT, PROFILE, PROJECT } from './paths.js';

/** Where clang leaves what llvm-codegen reads. */
export const BITCODE = `${OUTPUT}/front-end.bc`;
/** Where llvm-codegen leaves what it was asked for. */
export const OUTPUTS: Readonly<Record<EmitKind, string>> = {
  bitcode: `${OUTPUT}/optimised.bc`,
  object: `${OUTPUT}/object.o`,
  asm: `${OUTPUT}/assembly.s`,
  ir: `${OUTPUT}/ir.ll`,
};
/** Where llvm-codegen leaves how a profile fits the unit. */
export const PROFILE_REPORT = `${OUTPUT}/profile-report.json`;

/** A counter at the entry of every function, so that its profile says how often each ran. */
const IR_COUNTERS = ['-fprofile-generate', '-mllvm', '-pgo-instrument-entry'];

/** What clang's driver is told about a profile; a plan is the back end's alone. */
function profileFlags({ profile, instrument }: CompileRequest): string[] {
  if (instrument) return instrument === 'ir' ? IR_COUNTERS : ['-fprofile-instr-generate'];
  if (profile?.kind === 'instr') return [`-fprofile-instr-use=${PROFILE}`];
  return profile?.kind === 'sample' ? [`-fprofile-sample-use=${PROFILE}`] : [];
}

/**
 * Parts flags into clang's and those for LLVM's own option parser: this clang
 * does not know the options of the x86_64 and aarch64 code generators.
 */
function splitLLVMFlags(flags: readonly string[]): { clang: string[]; llvm: string[] } {
  const clang: string[] = [];
  const llvm: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] as string;
    if (flag === '-mllvm') llvm.push('-mllvm', flags[++i] as string);
    else if (flag.startsWith('-mllvm=')) llvm.push('-mllvm', flag.slice('-mllvm='.length));
    else if (/^-masm=(intel|att)$/.test(flag)) {
      // As clang's driver splits it: how inline assembly reads, and how assembly is written.
      clang.push('-Xclang', `-inline-asm=${flag.slice('-masm='.length)}`);
      llvm.push('-mllvm', `-x86-asm-syntax=${flag.slice('-masm='.length)}`);
    } else clang.push(flag);
  }
  return { clang, llvm };
}

/** What every run of clang's driver on a unit has before its flags. */
function commonArguments(request: CompileRequest, options: readonly string[]): string[] {
  return [
    'clang',
    `-working-directory=${PROJECT}`,
    ...options,
    // Debug info must not say where the compiler thinks it is.
    '-fdebug-compilation-dir=.',
    '-fcoverage-compilation-dir=.',
    request.color ? '-fcolor-diagnostics' : '-fno-color-diagnostics',
  ];
}

/**
 * Makes unoptimised bitcode with clang's own canonical arguments inside.
 * @param options those of driverOptions
 */
export function clangArguments(request: CompileRequest, options: readonly string[]): string[] {
  return [
    ...commonArguments(request, options),
    // The same IR for several targets is what art is for.
    '-Wno-override-module',
    ...profileFlags(request),
    ...splitLLVMFlags(request.flags).clang,
    // The optimiser of this clang knows no x86_64 or aarch64; ours does. It learns
    // the options that clang keeps outside the IR from the arguments recorded here.
    ...['-disable-llvm-passes', '-fembed-bitcode=marker', '-emit-llvm-bc', '-emit-llvm-uselists'].flatMap((flag) => [
      '-Xclang',
      flag,
    ]),
    // Not -emit-llvm: with it clang's driver would drop the assembler's options.
    '-c',
    '-o',
    BITCODE,
    '--',
    request.path,
  ];
}

const WASM_ACTIONS: Readonly<Record<EmitKind, readonly string[]>> = {
  bitcode: ['-c', '-emit-llvm'],
  object: ['-c'],
  asm: ['-S'],
  ir: ['-S', '-emit-llvm'],
};

/** Makes one output for wasm32, with clang's own code generator. */
export function wasmArguments(request: CompileRequest, options: readonly string[], kind: EmitKind): string[] {
  const flags = ['-Wno-override-module', ...profileFlags(request), ...request.flags, ...WASM_ACTIONS[kind]];
  return [...commonArguments(request, options), ...flags, '-o', OUTPUTS[kind], '--', request.path];
}

/** True for assembly, by the endings that clang knows: `.S` is preprocessed, `.s` is not. */
export const isAssembly = (path: string) => /\.[sS]$/.test(path);

/** Lets the driver print what it would run to assemble the unit. */
export function planArguments(request: CompileRequest, options: readonly string[]): string[] {
  // Flags of a project are for all of its units; assembly has no use for most.
  const flags = ['-Wno-unused-command-line-argument', ...splitLLVMFlags(request.flags).clang];
  return [...commonArguments(request, options), '-###', ...flags, '-c', '-o', OUTPUTS.object, '--', request.path];
}

/** Optimises that bitcode and writes what was asked for. */
export function codegenArguments(request: CompileRequest): string[] {
  return [
    'llvm-codegen',
    `--name=${request.path}`,
    `--directory=${PROJECT}`, // .incbin in inline assembly
    ...(request.color ? ['--color'] : []),
    ...request.emit.map((kind) => `--${kind}=${OUTPUTS[kind]}`),
    ...(request.profile?.kind === 'plan' ? [`--plan=${PROFILE}`] : []),
    ...(request.profile ? [`--profile-report=${PROFILE_REPORT}`] : []),
    BITCODE,
    '--',
    ...splitLLVMFlags(request.flags).llvm,
  ];
}

/**
 * Assembles, in a working directory.
 * @param args those of clang's -cc1as
 */
export function assembleArguments(args: readonly string[], at: { directory: string; color: boolean }): string[] {
  return ['llvm-codegen', `--directory=${at.directory}`, ...(at.color ? ['--color'] : []), '--assemble', ...args];
}
