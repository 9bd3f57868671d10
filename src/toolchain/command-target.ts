// What a command line of clang's driver says about target and linking.
import type { CommandRequest } from './command.js';
import type { Linking } from './driver.js';

/** The target that a command names last, or the default; and the other arguments. */
export function targetOf(request: Pick<CommandRequest, 'args' | 'triple'>): { target: string; args: string[] } {
  let target = request.triple;
  const args: string[] = [];
  for (let i = 0; i < request.args.length; i++) {
    const arg = request.args[i] as string;
    if (arg === '-target') target = request.args[++i] ?? target;
    else if (arg.startsWith('--target=')) target = arg.slice('--target='.length);
    // lld is the only linker there is.
    else if (!arg.startsWith('-fuse-ld=')) args.push(arg);
  }
  return { target, args };
}

/** Programs are linked statically, to run on any Linux, unless the command wants something else. */
export function linkingOf(args: readonly string[]): Linking {
  if (args.some((arg) => /^(-c|-S|-E|-M|-MM|-fsyntax-only)$/.test(arg))) return undefined;
  const other = /^(-shared|--shared|-r|-static-pie|-rdynamic|-dynamic|-Wl,-Bdynamic|-pie)$/;
  const shared = /^[^-].*\.so(\.\d+)*$/;
  return args.some((arg) => other.test(arg) || shared.test(arg)) ? 'otherwise' : 'static';
}
