// What compiler commands ask for that art cannot do, and what it says: flags that
// can be left out are, with a warning; what would fail later is refused before it starts.
import type { CommandRequest } from './command.js';
import { type Job, valueAfter } from './jobs.js';

const NATIVE = /^-m(arch|cpu|tune)=native$/;

/** What a command is left with, and a line for what it lost. */
export function withoutImpossible(args: readonly string[]): { args: string[]; warnings: string } {
  const flags = new Set(args.filter((arg) => NATIVE.test(arg)));
  const warnings =
    flags.size > 0
      ? `art: warning: left out '${[...flags].join(' ')}': art does not ask what this machine can do; name a CPU\n`
      : '';
  return { args: args.filter((arg) => !flags.has(arg)), warnings };
}

/** Sanitizers that need nothing at run time. */
const WITHOUT_LIBRARY = /^(kcfi|shadow-call-stack|fuzzer-no-link|kernel-.*|memtag-.*|cfi-.*)$/;
/** Those that need one whatever else is asked for. */
const ALWAYS_LIBRARY =
  /^(leak|safe-stack|vptr|scudo|address|hwaddress|thread|memory|dataflow|fuzzer|realtime|type|numerical|alloc-token)$/;

/** Kinds of checks that call a library when they fail. */
function checksWithLibrary(job: Job): string[] {
  if (job.tool !== 'cc1') return [];
  const kinds = (option: string) =>
    job.args.filter((arg) => arg.startsWith(option)).flatMap((arg) => arg.slice(option.length).split(','));
  const trapped = new Set(kinds('-fsanitize-trap='));
  return kinds('-fsanitize=').filter((kind) => !trapped.has(kind) && !WITHOUT_LIBRARY.test(kind));
}

/** Why art cannot link for a target; undefined where it can. */
function whyNotLinked(target: string, args: readonly string[], ownSysroot: boolean): string | undefined {
  if (/-linux-musl/.test(target) || ownSysroot) return undefined;
  if (/windows|mingw|cygwin|macos|darwin|ios/.test(target))
    return `art links ELF programs only, and no '${target}': make objects with -c, and link them on that system`;
  const has = (...flags: string[]) => flags.every((flag) => args.includes(flag));
  if (has('-nostdlib') || has('-r') || has('-nostartfiles', '-nodefaultlibs')) return undefined;
  return `art has libraries for x86_64-linux-musl and aarch64-linux-musl only: link for '${target}' with --sysroot=<dir>, or with -nostdlib`;
}

/**
 * Why a command cannot be done, as a line; undefined where it can.
 * @param command what the driver made of it
 */
export function refusalOf(
  jobs: readonly Job[],
  command: { target: string; args: readonly string[]; ownSysroot: boolean },
): string | undefined {
  const { target, args, ownSysroot } = command;
  const notLinked = jobs.some(({ tool }) => tool === 'linker') && whyNotLinked(target, args, ownSysroot);
  if (notLinked) return `art: error: ${notLinked}\n`;
  // Kernels and the like bring their own.
  const bringsLibrary = args.some((arg) => /^(-fno-sanitize-link-runtime|-ffreestanding|-nostdlib)$/.test(arg));
  const checks = bringsLibrary ? [] : jobs.flatMap(checksWithLibrary);
  if (checks.length === 0) return undefined;
  const flag = args.filter((arg) => arg.startsWith('-fsanitize=')).join(' ');
  const canTrap = !checks.some((kind) => ALWAYS_LIBRARY.test(kind));
  return `art: error: '${flag}' calls a library that art does not have: ${canTrap ? 'add -fsanitize-trap=all, which stops the program instead' : 'leave it out'}\n`;
}

/** Whether a run makes a precompiled header, or uses one. */
export function usesPrecompiledHeader({ tool, args }: Job): 'makes' | 'uses' | undefined {
  if (tool !== 'cc1') return undefined;
  if (args.includes('-emit-pch')) return 'makes';
  return valueAfter(args, '-include-pch') === undefined ? undefined : 'uses';
}

/** Whether a command may mean to write a file: below its directory, or in a folder that its words lead to. */
export function isMeant(path: string, { directory, args, program, stdin }: CommandRequest): boolean {
  if (path.startsWith(directory === '/' ? directory : `${directory}/`)) return true;
  const folder = path.slice(0, path.lastIndexOf('/'));
  const words = program === 'ar' ? [...args, new TextDecoder().decode(stdin)] : args;
  return words.some(
    (word) => /(^|[^.])\.\.(\/|$)/.test(word) || word.replace(/\/(\.?\/)+/g, '/').includes(folder || path),
  );
}
