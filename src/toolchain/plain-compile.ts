// Commands that only compile one file. The driver runs these itself. For all others art asks the driver for a plan
// first, which takes an instance of its own.

import { basename } from 'pathe';
import { WITH_VALUE } from './command-target.js';
import { valueAfter } from './jobs.js';

const SOURCE = /\.(c|cc|cp|cpp|cxx|c\+\+|C|CPP)$/;
/**
 * Options that need a plan: precompiled headers, which -include may use; checks that need a library; other machines;
 * outputs and dependency files whose path only the driver knows, or that are printed; other languages; and printing the
 * plan itself.
 */
const NEEDS_PLAN =
  /^(-|-###|-v|--verbose|-[ES]|-M|-MM|-MJ.*|-x.*|-o.+|-Wp,.*|-Xpreprocessor|--.*(output|dependencies).*|--?include(-pch)?(=.*)?|-fsanitize.*|--?save-temps.*|-f(no-)?integrated-.*|-Xarch.*|-arch|-fmodule.*|--analy.*|--precompile|-ccc-.*|-emit-.*|-fdriver-only|-m(32|x32|16|iamcu|big-endian)|-EB|@.*)$/;

/** Whether a command compiles one C or C++ file to an object, and nothing else. */
export function isPlainCompile(args: readonly string[]): boolean {
  if (!args.includes('-c')) return false;
  let sources = 0;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (NEEDS_PLAN.test(arg)) return false;
    if (WITH_VALUE.has(arg)) {
      if (NEEDS_PLAN.test(args[++i] ?? '')) return false;
    } else if (!arg.startsWith('-')) {
      if (!SOURCE.test(arg)) return false;
      sources++;
    }
  }
  return sources === 1;
}

/** The dependency file of a plain compilation, if it writes one (clang's manual, -MD and -MF). */
export function dependencyFile(args: readonly string[]): string | undefined {
  if (!args.some((arg) => /^-(MD|MMD)$/.test(arg))) return undefined;
  const at = args.findLastIndex((arg) => arg.startsWith('-MF'));
  if (at >= 0) return args[at]?.slice('-MF'.length) || args[at + 1];
  const output = valueAfter(args, '-o') ?? basename(args.find((arg) => SOURCE.test(arg)) ?? '');
  return output.replace(/(\.[^./]*)?$/, '.d');
}
