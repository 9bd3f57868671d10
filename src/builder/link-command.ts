import { resolve } from 'pathe';
import type { LinkKind, LinkSettings } from '../config/link-options.js';
import { ArtError } from '../errors.js';
import type { UbsanUse } from '../formats/instrumented.js';
import type { Target } from '../targets/targets.js';
import { otherSanitizer } from '../toolchain/refusals.js';
import type { CommandRequest } from '../toolchain/requests.js';

/** The flags of clang's driver for each kind of output; archives are made by ar. */
const KIND_FLAGS: Readonly<Record<Exclude<LinkKind, 'archive'>, readonly string[]>> = {
  executable: ['-static'],
  'static-pie': ['-static-pie'],
  shared: ['-shared'],
  relocatable: ['-r', '-nostdlib'],
};

/** Links LLVM's profile runtime, which writes the counters of instrumented code when the program ends. */
export const PROFILE_RUNTIME = '-fprofile-instr-generate';

/** Whether a link for a target may need a flag for UBSan's library; COFF objects name it themselves. */
export const mayCallUbsan = ({ libraries, format }: Target): boolean => libraries?.ubsan === true && format === 'ELF';

/**
 * The flags that link UBSan's library if objects call it, unless they define it themselves or flags about it were
 * given. None if art has no such library for the target.
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

/** The name of a linked file: the ending that the system needs is added if it is missing. */
export function linkedName(name: string, kind: LinkKind, { endings }: Target): string {
  const ending = kind === 'executable' || kind === 'shared' ? endings?.[kind] : undefined;
  return ending === undefined || /\.[^./]+$/.test(name) ? name : name + ending;
}

/**
 * The flags for a kind of output. Whether a program needs a dynamic loader is found out later, when the libraries are
 * known.
 */
function kindFlags(kind: Exclude<LinkKind, 'archive'>, paths: readonly string[], target: Target): readonly string[] {
  const usesShared = target.libraries !== undefined || paths.some((path) => /\.so(\.\d+)*$/.test(path));
  return kind === 'executable' && usesShared ? [] : KIND_FLAGS[kind];
}

/** An input of a link: a file of the host, as the user wrote it, or bytes with a name below INPUTS. */
export interface LinkInput {
  path: string;
  bytes?: Uint8Array;
  /** The triple that it was compiled for, if an artifact says so. */
  triple?: string;
}

/** Flags of the linker that write a file besides the output. */
const WRITES =
  /^--?(Map|time-trace|reproduce|dependency-file|print-archive-stats|why-extract|print-symbol-order|out-implib|save-temps)(=|$)/;

/**
 * Checks the flags of a link that is part of a build.
 * @param compiling the flags with which its units are compiled
 * @throws ArtError UNSUPPORTED_FLAG, naming a flag that writes a file, or that needs a library which art does not have
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
 * Makes the command that links.
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
          // clang++ also for C: its libraries cost nothing if they are not used.
          'clang++',
          [
            // With a sysroot of the user, programs are linked as its system does.
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
