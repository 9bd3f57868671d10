// What commands ask for that art cannot do, and what it says: flags that can be left out are, with a warning; what would
// fail later is refused before it starts.
import { libcOf } from '../formats/shared-library.js';
import { ARCHITECTURES, NO_STATIC_GLIBC } from '../targets/table.js';
import { architectureOf, LIBCS, lackingFlag, otherLibc, targetOf, unknownVersion } from '../targets/targets.js';
import { libraryIn, linkingOf, sharedLibraries } from './command-target.js';
import { inputOf, type Job, valueAfter } from './jobs.js';
import { OWN, RESOURCES } from './paths.js';

type Rule = readonly [flag: RegExp, why: string];

const NOT_LLD = /^-fuse-ld=(?!([^,]*\/)?(ld\.)?lld(-\d+)?$)/;
/** What a program does not depend on. */
const LEFT_OUT: readonly Rule[] = [
  [/^-m(arch|cpu|tune)=native$/, 'art does not ask what this machine can do; name a CPU'],
  [NOT_LLD, 'art links with lld'],
];

/** What a command is left with, and a line for each reason why it lost something. */
export function withoutImpossible(given: readonly string[]): { args: string[]; warnings: string } {
  const isLinking = linkingOf(given) !== undefined;
  const warnings: string[] = [];
  let args = [...given];
  for (const [flag, why] of LEFT_OUT) {
    const left = new Set(args.filter((arg) => flag.test(arg)));
    args = args.filter((arg) => !left.has(arg));
    // Who only compiles has no use for a linker.
    if (left.size > 0 && (flag !== NOT_LLD || isLinking))
      warnings.push(`art: warning: left out '${[...left].join(' ')}': ${why}\n`);
  }
  return { args: args.filter((arg) => !arg.startsWith('-fuse-ld=')), warnings: warnings.join('') };
}

const LOADS = 'it loads a library into the compiler, which one of WebAssembly cannot; leave it out';
const REFUSED: readonly Rule[] = [
  [/^-f(pass-)?plugin=/, LOADS],
  [/^-fproc-stat-report/, 'art starts no processes that it could report on; leave it out'],
  [/^-gen-reproducer/, 'art keeps no crash reports; leave it out'],
  [/^-fsplit-stack$/, "it calls GCC's library, which art does not have; leave it out"],
];

/** Why a command cannot be done, whatever the driver would make of it, as a line; undefined where it may. */
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

/** What the driver made of a command. */
export interface Planned {
  target: string;
  args: readonly string[];
  /** The command brings its own sysroot. */
  ownSysroot: boolean;
  jobs: readonly Job[];
  /** Whether a path, as the command writes it, is one of a file. */
  isThere: (path: string) => boolean;
  /** Undefined where it cannot be read. */
  read: (path: string) => Uint8Array | undefined;
}

/** Why a command cannot be done, as a line; undefined where it can. */
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

/** A flag may make another machine of the target than art has anything for. */
function whyNotThisMachine({ target, args, jobs, ownSysroot }: Planned): string | undefined {
  const triple = jobs.flatMap(({ args }) => valueAfter(args, '-triple') ?? []).at(-1);
  const isOurs = (name: string) => architectureOf(name) !== undefined && !/x32$|-code16$/.test(name);
  if (!triple || isOurs(triple) || ownSysroot || args.some((arg) => BRINGS_ALL.test(arg))) return undefined;
  const flag = args.findLast((arg) => OTHER_MACHINE.test(arg));
  const code = 'code that needs none takes -ffreestanding';
  if (flag && isOurs(target)) return refusal(flag, `art has no headers and libraries for '${triple}'; ${code}`);
  return line(`art has no headers and libraries for '${target}': expected a target of ${OURS}; ${code}`);
}

/** clang calls some programs that are not part of it. */
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

/** Why art cannot link for a target. */
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

/** Flags of the driver that leave the C library out. */
const NO_LIBC = /^-(nostdlib|nodefaultlibs|nolibc)$/;
export const isWithoutLibc = (flag: string): boolean => NO_LIBC.test(flag);

/** A shared library may be for another C library than what is linked. */
function whyMixed({ target: triple, args, ownSysroot, jobs, isThere, read }: Planned): string | undefined {
  const target = targetOf(triple);
  // Who leaves the C library out decides what takes its place.
  if (!target || ownSysroot || args.some(isWithoutLibc)) return undefined;
  for (const job of jobs.filter(({ tool }) => tool === 'linker'))
    for (const file of sharedLibraries(job.args, isThere)) {
      const bytes = file.startsWith(`${OWN}/`) ? undefined : read(file);
      const why = bytes && otherLibc(target, libcOf(bytes));
      if (why) return line(`'${file}' ${why}`);
    }
  return undefined;
}

/** Sanitizers that need nothing at run time. */
const WITHOUT_LIBRARY = /^(kcfi|shadow-call-stack|fuzzer-no-link|kernel-.*|memtag-.*|cfi-.*)$/;
/** Those that need another than UBSan's, whatever else is asked for. */
const OTHER_LIBRARY =
  /^(leak|safe-stack|scudo|address|hwaddress|thread|memory|dataflow|fuzzer|realtime|type|numerical|alloc-token)$/;

/** Kinds of checks that call a library when they fail. */
function checksWithLibrary(job: Job): string[] {
  if (job.tool !== 'cc1') return [];
  const kinds = (option: string) =>
    job.args.filter((arg) => arg.startsWith(option)).flatMap((arg) => arg.slice(option.length).split(','));
  const trapped = new Set(kinds('-fsanitize-trap='));
  return kinds('-fsanitize=').filter((kind) => !trapped.has(kind) && !WITHOUT_LIBRARY.test(kind));
}

const TRAP = 'add -fsanitize-trap=all, which stops the program instead';

function whyNotChecked({ target, args, ownSysroot, jobs }: Planned): string | undefined {
  // Kernels and the like bring their own.
  const bringsLibrary = args.some((arg) => /^(-fno-sanitize-link-runtime|-ffreestanding|-nostdlib)$/.test(arg));
  const checks = bringsLibrary ? [] : jobs.flatMap(checksWithLibrary);
  if (checks.length === 0) return undefined;
  const flag = args.filter((arg) => arg.startsWith('-fsanitize=')).join(' ');
  if (checks.some((kind) => OTHER_LIBRARY.test(kind)))
    return line(`'${flag}' calls a library that art does not have: leave it out, or try -fsanitize=undefined`);
  if (targetOf(target)?.libraries?.ubsan && !ownSysroot) return undefined;
  // What vptr compares is the library's business.
  const instead = checks.includes('vptr') ? 'leave it out' : TRAP;
  return line(`'${flag}' calls a library that art does not have for '${target}': ${instead}`);
}

/** The first flag with checks that call a library which art has for no target; undefined where there is none. */
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

/** Files and libraries that the driver links for a flag, and that art does not have; which flag, and what they are. */
const FOR_FLAGS: readonly (readonly [file: RegExp, flag: RegExp, what: string])[] = [
  [/^gcrt1\.o$/, /^-pg$/, 'start files for gprof, which musl does not have; leave it out, or try perf'],
  [/^gcrt2\.o$/, /^-pg$/, 'start files for gprof, which art does not have; leave it out'],
  [/^-l(g|i)?omp5?$/, /^-fopenmp(=.*)?$/, 'an OpenMP library; leave it out, or name the folder of one with -L'],
  [
    /^crtbegin\w*\.o$|^-lgcc(_eh|_s)?$/,
    /^--?rtlib=libgcc$/,
    "GCC's library, whose place compiler-rt takes; leave it out",
  ],
  [/xray/, /^-fxray/, 'a library that art does not have; leave it out'],
  [/memprof/, /^-fmemory-profile/, 'a library that art does not have; leave it out'],
  [/libclang_rt\./, /^-fsanitize/, 'a library that art does not have; leave it out, or add -fno-sanitize-link-runtime'],
];

/** Whether the driver counts on a file that is not there. */
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
