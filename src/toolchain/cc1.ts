// A run of clang's compiler proper, parted between the two programs: this clang
// has no code generator for x86_64 and aarch64.
import type { EmitKind } from '../config/options.js';
import { OUTPUT } from './paths.js';
import type { Spelled } from './place-arguments.js';

/** The actions of cc1 that end in a code generator or the optimiser, and what ours writes for each. */
const GENERATED: Readonly<Record<string, EmitKind>> = {
  '-emit-obj': 'object',
  '-S': 'asm',
  '-emit-llvm-bc': 'bitcode',
  '-emit-llvm': 'ir',
};
const BITCODE = `${OUTPUT}/front-end.bc`;
/** Options of cc1 whose next argument is a file that it writes; it takes them from the root, not the working directory. */
const WRITES: ReadonlySet<string> = new Set([
  '-o',
  '-dependency-file',
  '-serialize-diagnostic-file',
  '-header-include-file',
  '-MF',
]);

/** The two halves; without `codegen`, clang does all of it. */
export interface SplitCC1 {
  clang: string[];
  codegen?: string[];
  /** Where the result belongs; '-' is the standard output. */
  output: string;
  /** Where the back end leaves it. */
  generated?: string;
}

/**
 * @param args those after -cc1
 * @param directory the working directory, absolute
 * @param spelled is given the paths that were made absolute
 */
export function splitCC1(args: readonly string[], directory: string, color: boolean, spelled: Spelled): SplitCC1 {
  const absolute = (path: string) => {
    if (path === '-' || path.startsWith('/')) return path;
    const placed = `${directory}/${path}`;
    spelled.set(placed, path);
    return placed;
  };
  const clang: string[] = [];
  const llvm: string[] = [];
  let output = '-';
  let kind: EmitKind | undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (arg === '-mllvm') llvm.push('-mllvm', args[++i] as string);
    else if (WRITES.has(arg)) {
      const path = absolute(args[++i] as string);
      if (arg === '-o') output = path;
      clang.push(arg, path);
    } else if (arg in GENERATED) {
      kind = GENERATED[arg];
      clang.push(arg);
    } else clang.push(arg);
  }
  // Unoptimised bitcode is what clang makes by itself; wasm32 it generates code for.
  const isOurs = /^(x86_64|aarch64|arm64)/.test(args[args.indexOf('-triple') + 1] ?? '');
  if (kind === undefined || !isOurs || args.includes('-disable-llvm-passes'))
    return { clang: ['-cc1', ...clang, ...llvm], output };
  const generated = `${OUTPUT}/generated`;
  const front = clang.map((arg, i) => (arg in GENERATED ? '-emit-llvm-bc' : clang[i - 1] === '-o' ? BITCODE : arg));
  return {
    clang: ['-cc1', '-disable-llvm-passes', '-fembed-bitcode=marker', '-emit-llvm-uselists', ...front],
    codegen: [
      `--${kind}=${generated}`,
      `--name=${args.at(-1)}`,
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
