// What a command line of clang's driver says about target and linking.
import { fullTriple } from '../targets/targets.js';
import type { Linking } from './driver.js';
import type { CommandRequest } from './requests.js';

/** The target that a command names last, or the default; and the other arguments. */
export function targetNamed(request: Pick<CommandRequest, 'args' | 'triple'>): { target: string; args: string[] } {
  let target = request.triple;
  const args: string[] = [];
  for (let i = 0; i < request.args.length; i++) {
    const arg = request.args[i] as string;
    if (arg === '-target') target = request.args[++i] ?? target;
    else if (arg.startsWith('--target=')) target = arg.slice('--target='.length);
    // lld is the only linker there is.
    else if (!arg.startsWith('-fuse-ld=')) args.push(arg);
  }
  return { target: fullTriple(target), args };
}

/** The values of an option of one letter, joined to it or in the next word. */
function valuesOf(args: readonly string[], option: string): string[] {
  return args.flatMap((arg, i) =>
    arg === option ? (args[i + 1] ?? []) : arg.startsWith(option) ? arg.slice(option.length) : [],
  );
}

/**
 * Programs are linked statically, to run on any Linux, unless the command wants something else
 * or names a library that there is only as a shared one.
 * @param isThere whether a path, as the command writes it, is one of a file
 */
export function linkingOf(args: readonly string[], isThere: (path: string) => boolean): Linking {
  if (args.some((arg) => /^(-c|-S|-E|-M|-MM|-fsyntax-only)$/.test(arg))) return undefined;
  const other = /^(-shared|--shared|-r|-static-pie|-rdynamic|-dynamic|-Wl,-Bdynamic|-pie)$/;
  const shared = /^[^-].*\.so(\.\d+)*$/;
  if (args.some((arg) => other.test(arg) || shared.test(arg))) return 'otherwise';
  const folders = valuesOf(args, '-L');
  const found = (name: string) => folders.some((folder) => isThere(`${folder}/${name}`));
  const onlyShared = (library: string) =>
    library.startsWith(':')
      ? shared.test(library) && found(library.slice(1))
      : found(`lib${library}.so`) && !found(`lib${library}.a`);
  return valuesOf(args, '-l').some(onlyShared) ? 'otherwise' : 'static';
}
