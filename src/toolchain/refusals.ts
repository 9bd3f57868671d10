// Finds what art cannot do in a command. Flags that can be left out are, with a warning; what would fail later is
// refused before it starts.
import { libcOf } from '../formats/shared-library.js';
import { ARCHITECTURES, NO_STATIC_GLIBC } from '../targets/table.js';
import { architectureOf, LIBCS, lackingFlag, otherLibc, targetOf, unknownVersion } from '../targets/targets.js';
import { libraryIn, linkingOf, sharedLibraries } from './command-target.js';
import { inputOf, type Job, valueAfter } from './jobs.js';
import { OWN, RESOURCES } from './paths.js';

type Rule = readonly [flag: RegExp, why: string];

const NOT_LLD = /^-fuse-ld=(?!([^,]*\/)?(ld\.)?lld(-\d+)?$)/;
/** Flags that can be left out without changing what a program does. */
const LEFT_OUT: readonly Rule[] = [
  [/^-m(arch|cpu|tune)=native$/, 'art does not ask what this machine can do; name a CPU'],
  [NOT_LLD, 'art links with lld'],
];

/** Leaves flags out that cannot be honoured. @returns the other arguments, and a line for each reason */
export function withoutImpossible(given: readonly string[]): { args: string[]; warnings: string } {
  const isLinking = linkingOf(given) !== undefined;
  const warnings: string[] = [];
  let args = [...given];
  for (const [flag, why] of LEFT_OUT) {
    const left = new Set(args.filter((arg) => flag.test(arg)));
    args = args.filter((arg) => !left.has(arg));
    // The choice of a linker does not matter if nothing is linked.
    if (left.size > 0 && (flag !== NOT_LLD || isLinking))
      warnings.push(`art: warning: left out '${[...left].join(' ')}': ${why}\n`);
  }
  return { args: args.filter((arg) => !arg.startsWith('-fuse-ld=')), warnings: warnings.join('') };
}

const LOADS = 'it loads a library into the compiler, which a compiler in WebAssembly cannot do; leave it out';
const REFUSED: readonly Rule[] = [
  [/^-f(pass-)?plugin=/, LOADS],
  [/^-fproc-stat-report/, 'art starts no processes to report on; leave it out'],
  [/^-gen-reproducer/, 'art keeps no crash reports; leave it out'],
  [/^-fsplit-stack$/, "it calls GCC's library, which art does not have; leave it out"],
];

/** Why a command cannot be done, as one line, judged before the driver plans it; undefined if it may be possible. */
export function refusedAtOnce(args: readonly string[], triple: string, ownSysroot: boolean): string | undefined {
  const wrong = ownSysroot ? undefined : unknownVersion(triple);
  if (wrong) return line(wrong);
  const target = ownSysroot ? undefined : targetOf(triple);
  const loads = args.findIndex((arg, i) => arg === '-load' && args[i - 1] === '-Xclang');
  if (loads >= 0) return refusal('-Xclang -load', LOADS);
  for (const arg of args) {
    const rule = REFUSED.find(([flag]) => flag.test(arg));
    if (rule) return refusal(arg, rule[1]);
    const lacking = lackingFlag(target, arg);
    if (lacking) return refusal(arg, lacking);
  }
  const isCfi = (arg: string) => /^-fsanitize=(.*,)?cfi/.test(arg);
  if (args.some(isCfi) && !args.some((arg) => /^-f(no-)?sanitize-ignorelist/.test(arg)))
    return refusal(
      args.findLast(isCfi) as string,
      "it reads clang's list of exceptions, which art does not have; add -fno-sanitize-ignorelist",
    );
  return undefined;
}

const line = (text: string) => `art: error: ${text}\n`;
const refusal = (flag: string, why: string) => line(`'${flag}' cannot be used here: ${why}`);

/** The driver's plan of a command. */
export interface Planned {
  target: string;
  args: readonly string[];
  /** Whether the command names its own sysroot. */
  ownSysroot: boolean;
  jobs: readonly Job[];
  /** Whether a path, as the command writes it, is a file. */
  isThere: (path: string) => boolean;
  /** The content of a file; undefined if it cannot be read. */
  read: (path: string) => Uint8Array | undefined;
}

/** Why a planned command cannot be done, as one line; undefined if it can. */
export function refusalOf(planned: Planned): string | undefined {
  return (
    whyNotThisMachine(planned) ??
    whyNotRun(planned) ??
    whyNotLinked(planned) ??
    whyMixed(planned) ??
    whyNotChecked(planned) ??
    whatIsMissing(planned)
  );
}

const OURS = [...new Set(Object.values(ARCHITECTURES))].join(', ');
const BRINGS_ALL = /^(-ffreestanding|-nostdinc|-nostdlibinc|-nostdlib)$/;
const OTHER_MACHINE = /^(-m(32|x32|16|iamcu|big-endian)|-EB)$/;

/** Refuses a target, or a flag that changes the target, for which art has no headers and libraries. */
function whyNotThisMachine({ target, args, jobs, ownSysroot }: Planned): string | undefined {
  const triple = jobs.flatMap(({ args }) => valueAfter(args, '-triple') ?? []).at(-1);
  const isOurs = (name: string) => architectureOf(name) !== undefined && !/x32$|-code16$/.test(name);
  if (!triple || isOurs(triple) || ownSysroot || args.some((arg) => BRINGS_ALL.test(arg))) return undefined;
  const flag = args.findLast((arg) => OTHER_MACHINE.test(arg));
  const code = 'code that needs none can be compiled with -ffreestanding';
  if (flag && isOurs(target)) return refusal(flag, `art has no headers and libraries for '${triple}'; ${code}`);
  return line(`art has no headers and libraries for '${target}': expected a target of ${OURS}; ${code}`);
}

/** Refuses commands for which clang would call a program that is not part of it. */
function whyNotRun({ args, jobs }: Planned): string | undefined {
  const job = jobs.find(({ tool }) => tool === 'other');
  if (!job) return undefined;
  if (job.program === 'as')
    return refusal(
      args.findLast((arg) => /^-f?no-integrated-as$/.test(arg)) ?? '-fno-integrated-as',
      "there is no assembler but clang's; leave it out",
    );
  if (job.program === 'gcc')
    return line(`'${inputOf(job.args)}' is for gcc: art compiles C, C++, assembly and LLVM IR`);
  return line(`clang would call '${job.program}' for this command, and art has no such program`);
}

/** Refuses to link for a target for which art has no libraries. */
function whyNotLinked({ target: triple, args, ownSysroot, jobs }: Planned): string | undefined {
  const target = targetOf(triple);
  if (!jobs.some(({ tool }) => tool === 'linker') || ownSysroot) return undefined;
  const isStatic = args.find((arg) => /^--?static(-pie)?$/.test(arg));
  if (target?.libraries?.programs === 'dynamic' && isStatic && !args.includes('-nostdlib'))
    return refusal(isStatic, NO_STATIC_GLIBC);
  if (target?.libraries) return undefined;
  if (target && !target.linker) {
    const gnu = `${target.architecture}-windows-gnu`;
    const instead = target.format === 'COFF' && targetOf(gnu)?.libraries ? `, or choose --target=${gnu}` : '';
    return line(`art does not link for '${triple}': make objects with -c, and link them on that system${instead}`);
  }
  const has = (...flags: string[]) => flags.every((flag) => args.includes(flag));
  if (has('-nostdlib') || has('-r') || has('-nostartfiles', '-nodefaultlibs')) return undefined;
  return line(`art has libraries for ${LIBCS} only: link for '${triple}' with --sysroot=<dir>, or with -nostdlib`);
}

/** Flags of the driver that leave out the C library. */
const NO_LIBC = /^-(nostdlib|nodefaultlibs|nolibc)$/;
export const isWithoutLibc = (flag: string): boolean => NO_LIBC.test(flag);

/** Refuses a shared library that is for another C library than the program. */
function whyMixed({ target: triple, args, ownSysroot, jobs, isThere, read }: Planned): string | undefined {
  const target = targetOf(triple);
  // A command that leaves the C library out chooses another one itself.
  if (!target || ownSysroot || args.some(isWithoutLibc)) return undefined;
  for (const job of jobs.filter(({ tool }) => tool === 'linker'))
    for (const file of sharedLibraries(job.args, isThere)) {
      const bytes = file.startsWith(`${OWN}/`) ? undefined : read(file);
      const why = bytes && otherLibc(target, libcOf(bytes));
      if (why) return line(`'${file}' ${why}`);
    }
  return undefined;
}

/** Sanitizers that need no library. */
const WITHOUT_LIBRARY = /^(kcfi|shadow-call-stack|fuzzer-no-link|kernel-.*|memtag-.*|cfi-.*)$/;
/** Sanitizers that need a library other than that of UBSan. */
const OTHER_LIBRARY =
  /^(leak|safe-stack|scudo|address|hwaddress|thread|memory|dataflow|fuzzer|realtime|type|numerical|alloc-token)$/;

/** The checks of a job that call a library when they fail. */
function checksWithLibrary(job: Job): string[] {
  if (job.tool !== 'cc1') return [];
  const kinds = (option: string) =>
    job.args.filter((arg) => arg.startsWith(option)).flatMap((arg) => arg.slice(option.length).split(','));
  const trapped = new Set(kinds('-fsanitize-trap='));
  return kinds('-fsanitize=').filter((kind) => !trapped.has(kind) && !WITHOUT_LIBRARY.test(kind));
}

const TRAP = 'add -fsanitize-trap=all, which stops the program instead';

function whyNotChecked({ target, args, ownSysroot, jobs }: Planned): string | undefined {
  // Kernels and similar programs have functions of their own for this.
  const bringsLibrary = args.some((arg) => /^(-fno-sanitize-link-runtime|-ffreestanding|-nostdlib)$/.test(arg));
  const checks = bringsLibrary ? [] : jobs.flatMap(checksWithLibrary);
  if (checks.length === 0) return undefined;
  const flag = args.filter((arg) => arg.startsWith('-fsanitize=')).join(' ');
  if (checks.some((kind) => OTHER_LIBRARY.test(kind)))
    return line(`'${flag}' calls a library that art does not have: leave it out, or try -fsanitize=undefined`);
  if (targetOf(target)?.libraries?.ubsan && !ownSysroot) return undefined;
  // vptr needs the library to compare types, so it cannot trap instead.
  const instead = checks.includes('vptr') ? 'leave it out' : TRAP;
  return line(`'${flag}' calls a library that art does not have for '${target}': ${instead}`);
}

/** The first flag whose checks call a library that art has for no target; undefined if there is none. */
export function otherSanitizer(flags: readonly string[]): string | undefined {
  return flags.find(
    (flag) =>
      flag.startsWith('-fsanitize=') &&
      flag
        .slice('-fsanitize='.length)
        .split(',')
        .some((kind) => OTHER_LIBRARY.test(kind)),
  );
}

/**
 * Files and libraries that the driver links for a flag and that art does not have: the file, the flag, and a
 * description.
 */
const FOR_FLAGS: readonly (readonly [file: RegExp, flag: RegExp, what: string])[] = [
  [/^gcrt1\.o$/, /^-pg$/, 'start files for gprof, which musl does not have; leave it out, or use perf'],
  [/^gcrt2\.o$/, /^-pg$/, 'start files for gprof, which art does not have; leave it out'],
  [/^-l(g|i)?omp5?$/, /^-fopenmp(=.*)?$/, 'an OpenMP library; leave it out, or name the folder of one with -L'],
  [/^crtbegin\w*\.o$|^-lgcc(_eh|_s)?$/, /^--?rtlib=libgcc$/, "GCC's library, which compiler-rt replaces; leave it out"],
  [/xray/, /^-fxray/, 'a library that art does not have; leave it out'],
  [/memprof/, /^-fmemory-profile/, 'a library that art does not have; leave it out'],
  [/libclang_rt\./, /^-fsanitize/, 'a library that art does not have; leave it out, or add -fno-sanitize-link-runtime'],
];

/** Whether the driver would link a file that does not exist. */
function isMissing(arg: string, job: Job, isThere: (path: string) => boolean): boolean {
  if (arg.startsWith(`${RESOURCES}/`) || /^\w*crt\w*\.o$/.test(arg)) return !isThere(arg);
  return (
    /^-l(g|i)?omp5?$/.test(arg) && !['a', 'so'].some((end) => libraryIn(job.args, `lib${arg.slice(2)}.${end}`, isThere))
  );
}

function whatIsMissing({ target, args, ownSysroot, jobs, isThere }: Planned): string | undefined {
  if (!targetOf(target)?.libraries || ownSysroot) return undefined;
  for (const job of jobs.filter(({ tool }) => tool === 'linker')) {
    const file = job.args.find((arg) => isMissing(arg, job, isThere));
    if (file === undefined) continue;
    for (const [missing, flag, what] of FOR_FLAGS) {
      const given = missing.test(file) && args.findLast((arg) => flag.test(arg));
      if (given) return refusal(given, `it needs ${what}`);
    }
    return line(`clang would link '${file.replace(/^.*\//, '')}' for this command, which art does not have`);
  }
  return undefined;
}
