// C++23's `import std;` and `import std.compat;` in a build: libc++'s modules, compiled for the units that import them.
import { targetOf } from '../targets/targets.js';
import { takesValue } from './command-target.js';
import { OUTPUT, STANDARD_MODULES } from './paths.js';
import type { ModuleName, StandardModule } from './requests.js';
import { sysrootPath } from './sysroot.js';

/** Where a run that makes a module leaves it. */
export const MADE_MODULE = `${OUTPUT}/module.pcm`;

/** Modules that one is made of. */
export const IMPORTS: Readonly<Record<ModuleName, readonly ModuleName[]>> = { std: [], 'std.compat': ['std'] };

/** Where the source of a module lies in a target's sysroot; undefined for targets that have none. */
export function moduleSource(name: ModuleName, triple: string): string | undefined {
  const sysroot = targetOf(triple)?.sysroot;
  return sysroot && `${sysrootPath(sysroot)}/usr/share/libc++/v1/${name}.cppm`;
}

/** Where units find a module. */
export const modulePath = (name: ModuleName): string => `${STANDARD_MODULES}/${name}.pcm`;

/** Flags that have clang find modules. */
export const moduleOptions = (modules: readonly StandardModule[]): string[] =>
  modules.map(({ name }) => `-fmodule-file=${name}=${modulePath(name)}`);

/**
 * The module of the standard library that clang did not find for an import, by what it said: it alone knows what a unit
 * imports, which may stand in a header and below #if.
 */
export function missingModule(stderr: string): ModuleName | undefined {
  const [, name] = /\bmodule '(std|std\.compat)' not found/.exec(stderr) ?? [];
  return name as ModuleName | undefined;
}

/** What is about a unit's own files and about what is said of them, which a module of the library has no part in. */
const ABOUT_FILES = /^(-I|-isystem|-iquote|-idirafter|-?-include|-?-imacros|--embed-dir|-x|-W(?!p,|a,|l,))/;
/** Those of them whose value is the next word where it does not stand in the same one. */
const BARE = /^(-I|-isystem|-iquote|-idirafter|-?-include|-?-imacros|-x)$/;

/** Of the flags of a unit those that its modules must be compiled with: language, target, macros, code generation. */
export function moduleFlags(flags: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at < flags.length; at++) {
    const flag = flags[at] as string;
    if (ABOUT_FILES.test(flag)) at += BARE.test(flag) ? 1 : 0;
    else kept.push(flag, ...(takesValue(flag) ? flags.slice(++at, at + 1) : []));
  }
  return kept;
}

/**
 * The command line that makes a module.
 * @param options those of driverOptions
 * @param flags of moduleFlags
 * @param modules those that it imports
 */
export function moduleArguments(
  name: ModuleName,
  triple: string,
  options: readonly string[],
  flags: readonly string[],
  modules: readonly StandardModule[],
): string[] {
  return [
    'clang++',
    ...options,
    ...['-fdebug-compilation-dir=.', '-fcoverage-compilation-dir=.'],
    ...flags,
    // The library may name its modules as it does; and what it warns of is no business of its users.
    ...['-w', ...moduleOptions(modules), '--precompile', '-o', MADE_MODULE],
    moduleSource(name, triple) as string,
  ];
}
