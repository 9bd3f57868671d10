// A run of clang's compiler proper, parted between the two programs: this clang
// has no code generator for x86_64 and aarch64.
import type { EmitKind } from '../config/options.js';
import { OUTPUT } from './paths.js';

/** The actions of cc1 that end in a code generator or the optimiser, and what ours writes for each. */
const GENERATED: Readonly<Record<string, EmitKind>> = {
  '-emit-obj': 'object',
  '-S': 'asm',
  '-emit-llvm-bc': 'bitcode',
  '-emit-llvm': 'ir',
};
const BITCODE = `${OUTPUT}/front-end.bc`;

/** The two halves; without `codegen`, clang does all of it. */
export interface SplitCC1 {
  clang: string[];
  codegen?: string[];
  /** Where the result belongs; '-' is the standard output. */
  output: string;
  /** Where the back end leaves it. */
  generated?: string;
}

/** The value of an option of cc1 that stands in a word of its own. */
export function valueAfter(args: readonly string[], option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}

/** What a run of cc1 or cc1as reads. */
export const inputOf = (args: readonly string[]): string => args.at(-1) ?? '';

/**
 * @param args those after -cc1
 * @param directory the working directory, absolute
 */
export function splitCC1(args: readonly string[], directory: string, color: boolean): SplitCC1 {
  const clang: string[] = [];
  const llvm: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '-mllvm') llvm.push('-mllvm', args[++i] as string);
    else clang.push(arg);
  }
  const output = valueAfter(clang, '-o') ?? '-';
  const kind = GENERATED[clang.find((arg) => arg in GENERATED) ?? ''];
  // Unoptimised bitcode is what clang makes by itself; wasm32 it generates code for.
  const isOurs = /^(x86_64|aarch64|arm64)/.test(valueAfter(args, '-triple') ?? '');
  if (kind === undefined || !isOurs || args.includes('-disable-llvm-passes'))
    return { clang: ['-cc1', ...clang, ...llvm], output };
  const generated = `${OUTPUT}/generated`;
  const front = clang.map((arg, i) => (arg in GENERATED ? '-emit-llvm-bc' : clang[i - 1] === '-o' ? BITCODE : arg));
  return {
    clang: ['-cc1', '-disable-llvm-passes', '-fembed-bitcode=marker', '-emit-llvm-uselists', ...front],
    codegen: [
      `--${kind}=${generated}`,
      `--name=${inputOf(args)}`,
      `--directory=${directory}`,
      ...(color ? ['--color'] : []),
      BITCODE,
      '--',
      ...llvm,
    ],
    output,
    generated,
  };
}
