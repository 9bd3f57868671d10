import { resolve } from 'pathe';
import type { LinkKind, LinkSettings } from '../config/link-options.js';
import { ArtError } from '../errors.js';
import type { UbsanUse } from '../formats/instrumented.js';
import type { Target } from '../targets/targets.js';
import { otherSanitizer } from '../toolchain/refusals.js';
import type { CommandRequest } from '../toolchain/requests.js';

/** What clang's driver is told for each kind of output; an archive is ar's work. */
const KIND_FLAGS: Readonly<Record<Exclude<LinkKind, 'archive'>, readonly string[]>> = {
  executable: ['-static'],
  'static-pie': ['-static-pie'],
  shared: ['-shared'],
  relocatable: ['-r', '-nostdlib'],
};

/** Links LLVM's profile runtime, which writes what instrumented code counted when the program ends. */
export const PROFILE_RUNTIME = '-fprofile-instr-generate';

/** Whether what is linked for a target may need UBSan's library of a flag; for COFF its objects ask for it themselves. */
export const mayCallUbsan = ({ libraries, format }: Target): boolean => libraries?.ubsan === true && format === 'ELF';

/**
 * Flags that link UBSan's library where objects call it, and neither bring their own nor have been given flags about it.
 * None where art has no such library for the target.
 */
export function ubsanFlags(
  uses: readonly UbsanUse[],
  target: Target,
  given: readonly string[],
  ownSysroot: boolean,
): string[] {
  const calls = uses.flatMap((use) => use.calls ?? []);
  if (calls.length === 0 || ownSysroot || !mayCallUbsan(target) || uses.some(({ brings }) => brings)) return [];
  if (given.some((flag) => /^-f(no-)?sanitize|^-nostdlib$|^-nodefaultlibs$/.test(flag))) return [];
  return ['-fsanitize=undefined', ...(calls.includes('full') ? [] : ['-fsanitize-minimal-runtime'])];
}

/** What a linked file is called: the endings that a system wants are added where they are missing. */
export function linkedName(name: string, kind: LinkKind, { endings }: Target): string {
  const ending = kind === 'executable' || kind === 'shared' ? endings?.[kind] : undefined;
  return ending === undefined || /\.[^./]+$/.test(name) ? name : name + ending;
}

/** Whether a program needs a loader is for the command to find out, where it has the libraries. */
function kindFlags(kind: Exclude<LinkKind, 'archive'>, paths: readonly string[], target: Target): readonly string[] {
  const usesShared = target.libraries !== undefined || paths.some((path) => /\.so(\.\d+)*$/.test(path));
  return kind === 'executable' && usesShared ? [] : KIND_FLAGS[kind];
}

/** Something to link: a file of the host, as the user wrote it, or bytes under a name below INPUTS. */
export interface LinkInput {
  path: string;
  bytes?: Uint8Array;
  /** What it was compiled for, where an artifact says so. */
  triple?: string;
}

/** The linker's flags that write a file besides the output. */
const WRITES =
  /^--?(Map|time-trace|reproduce|dependency-file|print-archive-stats|why-extract|print-symbol-order|out-implib|save-temps)(=|$)/;

/**
 * Checks the flags of a link that is part of a build.
 * @param compiling the flags that its units are compiled with
 * @throws ArtError UNSUPPORTED_FLAG, naming one that writes a file, or that calls a library which art does not have
 */
export function checkBuildLink(flags: readonly string[], compiling: readonly string[]): void {
  const sanitizer = otherSanitizer(compiling);
  if (sanitizer)
    throw new ArtError(
      'UNSUPPORTED_FLAG',
      `'${sanitizer}' calls a library that art does not have: leave it out, try -fsanitize=undefined, or build without --link`,
    );
  const words = flags.flatMap((flag) => (flag.startsWith('-Wl,') ? flag.split(',').slice(1) : [flag]));
  const writes = words.find((word) => WRITES.test(word));
  if (writes)
    throw new ArtError(
      'UNSUPPORTED_FLAG',
      `the linker's flag '${writes}' writes a file, for which an artifact has no place: link with art link, which takes the artifact as it is`,
    );
}

/**
 * The command that links.
 * @param line inputs, and flags with their values, in order
 */
export function linkCommand(
  settings: Pick<LinkSettings, 'output' | 'kind' | 'cwd' | 'color' | 'sysroot'> &
    Partial<Pick<LinkSettings, 'timeout' | 'maxMemory'>>,
  target: Target,
  line: readonly (LinkInput | string)[],
): CommandRequest {
  const inputs = line.filter((item) => typeof item !== 'string');
  const paths = inputs.map((input) => input.path);
  const [program, args] =
    settings.kind === 'archive'
      ? // D: no times and owners; L: an archive's members, not the archive.
        (['ar', ['qcsDL', settings.output, ...paths]] as const)
      : ([
          // Its libraries cost nothing where they are not used.
          'clang++',
          [
            // With a sysroot of the user's, programs are linked as its system links them.
            ...(settings.kind === 'executable' && settings.sysroot ? [] : kindFlags(settings.kind, paths, target)),
            ...(settings.sysroot ? [`--sysroot=${settings.sysroot}`] : []),
            '-o',
            settings.output,
            ...line.map((item) => (typeof item === 'string' ? item : item.path)),
          ],
        ] as const);
  return {
    program,
    args,
    triple: target.triple,
    directory: settings.cwd,
    stdin: new Uint8Array(0),
    env: {},
    color: settings.color,
    sourceDateEpoch: 0,
    inputs: inputs.flatMap(({ path, bytes }) => (bytes ? [{ path, bytes }] : [])),
    output: resolve(settings.cwd, settings.output),
    ...(settings.timeout !== undefined && { timeout: settings.timeout }),
    ...(settings.maxMemory !== undefined && { maxMemory: settings.maxMemory }),
  };
}
