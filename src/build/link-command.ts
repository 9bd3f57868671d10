import { resolve } from 'pathe';
import type { LinkKind, LinkSettings } from '../config/link-options.js';
import type { Target } from '../config/targets.js';
import type { CommandRequest } from '../toolchain/command.js';

/** What clang's driver is told for each kind of output; an archive is ar's work. */
const KIND_FLAGS: Readonly<Record<Exclude<LinkKind, 'archive'>, readonly string[]>> = {
  executable: ['-static'],
  'static-pie': ['-static-pie'],
  shared: ['-shared'],
  relocatable: ['-r', '-nostdlib'],
};

/** Links LLVM's profile runtime, which writes what instrumented code counted when the program ends. */
export const PROFILE_RUNTIME = '-fprofile-instr-generate';

/** A program of shared libraries needs a loader; any other runs on its own. */
function kindFlags(kind: Exclude<LinkKind, 'archive'>, paths: readonly string[]): readonly string[] {
  const usesShared = kind === 'executable' && paths.some((path) => /\.so(\.\d+)*$/.test(path));
  return usesShared ? [] : KIND_FLAGS[kind];
}

/** Something to link: a file of the host, as the user wrote it, or bytes under a name below INPUTS. */
export interface LinkInput {
  path: string;
  bytes?: Uint8Array;
  /** What it was compiled for, where an artifact says so. */
  triple?: string;
}

/** The command that links some inputs. */
export function linkCommand(
  settings: Pick<LinkSettings, 'output' | 'kind' | 'flags' | 'cwd' | 'color' | 'sysroot'>,
  target: Target,
  inputs: readonly LinkInput[],
): CommandRequest {
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
            ...(settings.kind === 'executable' && settings.sysroot ? [] : kindFlags(settings.kind, paths)),
            ...(settings.sysroot ? [`--sysroot=${settings.sysroot}`] : []),
            '-o',
            settings.output,
            ...paths,
            ...settings.flags,
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
  };
}
